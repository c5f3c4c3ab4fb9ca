import { expect, test } from 'vitest';
import { readTemperatures } from '../../hardware/temperature.ts';
import { rootWith } from './fixture.ts';

const zone = (number: number, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`sys/class/thermal/thermal_zone${number}/${name}`, text]),
  );

test('sensors are read in degrees, hottest first, with the point where the kernel gives up', () => {
  const root = rootWith({
    ...zone(0, { type: 'acpitz\n', temp: '27800\n' }),
    ...zone(1, {
      type: 'x86_pkg_temp\n',
      temp: '61000\n',
      trip_point_0_type: 'passive\n',
      trip_point_0_temp: '95000\n',
      trip_point_1_type: 'critical\n',
      trip_point_1_temp: '105000\n',
    }),
  });
  expect(readTemperatures(root)).toEqual([
    { sensor: 'x86_pkg_temp', celsius: 61, criticalCelsius: 105 },
    { sensor: 'acpitz', celsius: 27.8, criticalCelsius: undefined },
  ]);
});

test('a sensor that answers nonsense or nothing is left out', () => {
  const root = rootWith({
    ...zone(0, { type: 'unplugged\n', temp: '-274000\n' }),
    ...zone(1, { type: 'broken\n', temp: 'N/A\n' }),
    ...zone(2, { type: 'silent\n' }),
    ...zone(3, { type: 'cpu-thermal\n', temp: '-12500\n' }),
  });
  expect(readTemperatures(root)).toEqual([
    { sensor: 'cpu-thermal', celsius: -12.5, criticalCelsius: undefined },
  ]);
});

test('a critical point the firmware left at zero is none', () => {
  const root = rootWith(
    zone(0, { type: 'cpu\n', temp: '40000\n', trip_point_0_type: 'critical\n', trip_point_0_temp: '0\n' }),
  );
  expect(readTemperatures(root)[0]?.criticalCelsius).toBeUndefined();
});
