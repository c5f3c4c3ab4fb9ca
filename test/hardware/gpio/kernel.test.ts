import { expect, test } from 'vitest';
import { cm4Board } from '../../../hardware/cm4/board.ts';
import { Requests, Sizes } from '../../../hardware/gpio/abi.ts';
import { chipsIn, GpioCallError, openGpioKernel } from '../../../hardware/gpio/kernel.ts';
import { gpioLines } from '../../../hardware/gpio/lines.ts';
import { noBoard } from '../../../hardware/none/board.ts';
import { Cm4Files, rootWith } from '../fixture.ts';

/** No GPIO chip is to be had here: files in its place show the calls that reach the kernel, and how it says no. */
const root = () => rootWith({ 'dev/gpiochip10': '', 'dev/gpiochip2': '', 'dev/gpiomem': '' });

test('chips are found by name, in the order of their numbers', () => {
  expect(chipsIn(root())).toEqual(['gpiochip2', 'gpiochip10']);
  expect(chipsIn('/nowhere')).toEqual([]);
});

test('what the kernel refuses is told by its own name for it', () => {
  const kernel = openGpioKernel(root());
  const fd = kernel.open('gpiochip2');
  kernel.stopWaiting(fd);
  expect(kernel.readEdges(fd)).toEqual(new Uint8Array());
  const refused = errorOf(() => kernel.control(fd, Requests.chipInfo, new Uint8Array(Sizes.chipInfo)));
  expect(refused).toBeInstanceOf(GpioCallError);
  expect(refused).toMatchObject({ errno: 'ENOTTY' });
  kernel.close(fd);
  kernel.close(fd);
  expect(errorOf(() => kernel.readEdges(fd))).toMatchObject({ errno: 'EBADF' });
  expect(errorOf(() => kernel.open('gpiochip7'))).toMatchObject({ errno: 'ENOENT' });
});

test('a file that is no chip has no lines', () => {
  const lines = gpioLines(openGpioKernel(root()), () => 'unknown');
  expect(lines.chips()).toEqual([]);
  const settings = { chip: 'gpiochip2', line: 1, active: 'high' } as const;
  expect(() => lines.openOutput(settings, 'penstock test')).toThrow(
    'There is no chip gpiochip2. gpiochip2: ENOTTY, gpiochip10: ENOTTY',
  );
});

test('a board without chips says what would bring some', () => {
  expect(cm4Board(rootWith(Cm4Files)).gpio).toEqual({
    state: 'absent',
    why: 'The kernel shows no GPIO chip; the kernel of a CM4 has pinctrl-bcm2711.',
  });
  const none = noBoard({ kind: 'none', vendor: '', model: '', serial: '' }, rootWith({}));
  expect(none.gpio).toMatchObject({ state: 'absent' });
  expect(cm4Board(root()).gpio.state).toBe('present');
});

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
