import { expect, test } from 'vitest';
import { boardLines } from '../../../../gateway/board-lines.ts';
import { checkGpio } from '../../../../gateway/cli/doctor/gpio-checks.ts';
import { absent } from '../../../../hardware/board.ts';
import { fakeBoard } from '../../../../hardware/fake/board.ts';
import { fakeGpioKernel } from '../../../../hardware/fake/gpio-kernel.ts';
import { gpioLines } from '../../../../hardware/gpio/lines.ts';

const chip = 'pinctrl-bcm2711';
const key = { chip, line: 17, active: 'high', bias: 'pull-down' } as const;
const board = fakeBoard();

test('the chips are shown, and what is wired on them with what it does without a process', () => {
  const lamp = { chip, line: 27, active: 'high' } as const;
  const found = checkGpio(board, settings({ key_switch: key, lamp }));
  expect(found.map(({ state, what, found: text }) => [state, what, text])).toEqual([
    ['good', 'GPIO lines', 'pinctrl-bcm2711 (58)'],
    ['good', 'Key switch', 'pinctrl-bcm2711 line 17, pull-down; asked for each session'],
    ['good', 'Lamp', 'pinctrl-bcm2711 line 27; while no process holds it the line rests low, so it is off'],
  ]);
});

test('a board without lines is no news where none is wanted, and keeps vendors out where a switch is asked', () => {
  const bare = { gpio: absent('The kernel shows no GPIO chip.') };
  expect(checkGpio(bare, settings({}))[0]?.state).toBe('good');
  expect(checkGpio(bare, undefined)[0]?.state).toBe('good');
  const [check] = checkGpio(bare, settings({ key_switch: key }));
  expect(check).toMatchObject({ state: 'note' });
  expect(JSON.stringify(check)).toContain('no vendor is let in');
});

test('what is not there, and what would be on by itself, is said', () => {
  const relay = { chip, line: 22, active: 'low' } as const;
  const [, missing, lit] = checkGpio(board, settings({ key_switch: { ...key, chip: 'gpiochip9' }, relay }));
  expect(JSON.stringify(missing)).toContain('gpiochip9 line 17 is not there');
  expect(JSON.stringify(lit)).toContain('It would be on while nobody holds it');
});

test('of a chip nobody knows the pulls of, a person is to try what a cut wire does', () => {
  const kernel = fakeGpioKernel({ name: 'gpiochip0', label: 'gpio_it87', lines: 64 });
  const gpio = { state: 'present', part: gpioLines(kernel, () => 'unknown') } as const;
  const [, check] = checkGpio({ gpio }, settings({ key_switch: { ...key, chip: 'gpio_it87' } }));
  expect(JSON.stringify(check)).toContain('a cut wire floats');
  const external = settings({ key_switch: { ...key, chip: 'gpio_it87', bias: 'external' } });
  expect(checkGpio({ gpio }, external)[1]?.state).toBe('good');
});

function settings(lines: Parameters<typeof boardLines>[0]) {
  const read = boardLines(lines);
  const keySwitch = read.keySwitch === undefined ? ('none' as const) : ('required' as const);
  return { board: read, vendor: { tls: undefined, ssh: undefined, keySwitch, targets: [] } };
}
