import { absent, type Part, present, type Thermometer } from './board.ts';
import { listKernelDirectory, readKernelFile, readKernelNumber } from './kernel-file.ts';

/** One sensor. Degrees Celsius. */
export interface Temperature {
  /** The kernel's name of the zone, e.g. `cpu-thermal`, `x86_pkg_temp`. */
  readonly sensor: string;
  readonly celsius: number;
  /** Where the kernel shuts the box down; undefined where the zone states none. */
  readonly criticalCelsius: number | undefined;
}

/**
 * Every sensor under `/sys/class/thermal`, hottest first. A zone that does not answer, or answers outside
 * -60 to 200 °C as an unconnected sensor does, is left out: a wrong number is worse than none.
 */
export function readTemperatures(root = '/'): readonly Temperature[] {
  return listKernelDirectory(root, Thermal)
    .filter((name) => name.startsWith('thermal_zone'))
    .map((name) => readZone(root, `${Thermal}/${name}`))
    .filter((reading) => reading !== undefined)
    .sort((a, b) => b.celsius - a.celsius);
}

/** The thermometer of a board, or absent where the kernel has no working sensor. */
export function thermometer(root = '/'): Part<Thermometer> {
  if (readTemperatures(root).length === 0) return absent('The kernel has no thermal zone that answers.');
  return present({ read: () => readTemperatures(root) });
}

function readZone(root: string, zone: string): Temperature | undefined {
  const milli = readKernelNumber(root, `${zone}/temp`);
  if (milli === undefined || milli < -60_000 || milli > 200_000) return undefined;
  return {
    sensor: readKernelFile(root, `${zone}/type`) ?? 'unnamed',
    celsius: milli / 1000,
    criticalCelsius: readCritical(root, zone),
  };
}

function readCritical(root: string, zone: string): number | undefined {
  for (const name of listKernelDirectory(root, zone)) {
    const trip = /^(trip_point_\d+)_type$/.exec(name)?.[1];
    if (trip === undefined || readKernelFile(root, `${zone}/${name}`) !== 'critical') continue;
    const milli = readKernelNumber(root, `${zone}/${trip}_temp`);
    if (milli !== undefined && milli > 0) return milli / 1000;
  }
  return undefined;
}

const Thermal = 'sys/class/thermal';
