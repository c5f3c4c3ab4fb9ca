import { describe, expect, test } from 'vitest';
import { cm4Resting } from '../../../hardware/cm4/board.ts';
import { fakeBoard } from '../../../hardware/fake/board.ts';
import { fakeGpioKernel } from '../../../hardware/fake/gpio-kernel.ts';
import { openIndicator } from '../../../hardware/gpio/indicator.ts';
import { openKeySwitch } from '../../../hardware/gpio/key-switch.ts';
import { gpioLines } from '../../../hardware/gpio/lines.ts';
import { type InputSettings, inputProblem, outputProblem } from '../../../hardware/gpio/wiring.ts';

/** The contact lies between 3.3 V and the line; the line is pulled down. */
const Wired: InputSettings = {
  chip: 'pinctrl-bcm2711',
  line: 17,
  active: 'high',
  bias: 'pull-down',
  debounce: 50,
};

describe('a key switch', () => {
  test('is closed while its contact is, and open when its wire is cut or touches ground', () => {
    const { kernel, key } = bench();
    expect(key.look()).toEqual({ closed: false, why: '' });
    kernel.wire(17, 'high');
    kernel.advance(60);
    expect(key.look().closed).toBe(true);
    kernel.wire(17, 'cut');
    kernel.advance(60);
    expect(key.look().closed).toBe(false);
    kernel.wire(17, 'high');
    kernel.advance(60);
    expect(key.look().closed).toBe(true);
    kernel.wire(17, 'low');
    kernel.advance(60);
    expect(key.look().closed).toBe(false);
  });

  test('wired to ground with a pull-up is the same the other way round', () => {
    const { kernel, key } = bench({ ...Wired, line: 'GPIO5', active: 'low', bias: 'pull-up' });
    expect(key.look().closed).toBe(false);
    kernel.wire(5, 'low');
    kernel.advance(60);
    expect(key.look().closed).toBe(true);
    kernel.wire(5, 'cut');
    kernel.advance(60);
    expect(key.look().closed).toBe(false);
  });

  test('that is closed at the first look is closed', () => {
    const { kernel, key } = bench();
    kernel.wire(17, 'high');
    expect(key.look().closed).toBe(true);
  });

  test('does not follow a contact that bounces', () => {
    const { kernel, key } = bench();
    kernel.wire(17, 'high');
    expect(key.look().closed).toBe(true);
    for (let bounce = 0; bounce < 20; bounce += 1) {
      kernel.wire(17, bounce % 2 === 0 ? 'cut' : 'high');
      kernel.advance(10);
    }
    expect(key.look().closed).toBe(true);
  });

  test('that was open for a moment between two looks counts as opened, once', () => {
    const { kernel, key } = bench();
    kernel.wire(17, 'high');
    expect(key.look().closed).toBe(true);
    kernel.wire(17, 'cut');
    kernel.advance(60);
    kernel.wire(17, 'high');
    kernel.advance(60);
    expect(key.look()).toEqual({ closed: false, why: '' });
    expect(key.look().closed).toBe(true);
  });

  test('was open when more edges came than anybody kept', () => {
    const { kernel, key } = bench();
    kernel.wire(17, 'high');
    expect(key.look().closed).toBe(true);
    for (let turn = 0; turn < 20; turn += 1) {
      kernel.wire(17, turn % 2 === 0 ? 'cut' : 'high');
      kernel.advance(60);
    }
    expect(key.look().closed).toBe(false);
  });

  test('whose chip goes is open and says so, and is found again when it comes back', () => {
    const { kernel, key } = bench();
    kernel.wire(17, 'high');
    expect(key.look().closed).toBe(true);
    kernel.unplug();
    expect(key.look()).toEqual({
      closed: false,
      why: 'A line of the board cannot be used. pinctrl-bcm2711 line 17: the chip is gone.',
    });
    expect(key.look().why).toContain('There is no chip pinctrl-bcm2711.');
    kernel.plugIn();
    expect(key.look()).toEqual({ closed: true, why: '' });
  });

  test.for<[string, Partial<InputSettings>, string]>([
    ['a chip the box does not have', { chip: 'gpiochip7' }, 'There is no chip gpiochip7.'],
    ['a line the chip does not have', { line: 58 }, 'has lines 0 to 57 and no 58.'],
    ['a line of no such name', { line: 'KEY' }, 'has no line KEY.'],
    ['a pull to its active level', { bias: 'pull-up' }, 'A cut wire would read as a closed switch'],
    ['another pull to its active level', { active: 'low' }, 'A cut wire would read as a closed switch'],
  ])('on %s is open and says why', ([, change, why]) => {
    const { kernel, key } = bench({ ...Wired, ...change });
    kernel.wire(17, 'high');
    expect(key.look()).toMatchObject({ closed: false, why: expect.stringContaining(why) });
  });

  test('on a line that something else holds is open and says so', () => {
    const { kernel, key } = bench();
    kernel.take(17);
    kernel.wire(17, 'high');
    expect(key.look().why).toContain('something else holds it');
  });
});

describe('a lamp', () => {
  const lamp = { chip: 'gpiochip0', line: 27, active: 'high' } as const;

  test('is off when it is opened, follows what it is shown, and goes off when its process dies', () => {
    const { kernel, lines } = bench();
    const indicator = openIndicator(lines, lamp, 'penstock lamp');
    expect(indicator.show(false)).toBe('');
    expect(kernel.pin(27)).toBe('low');
    expect(indicator.show(true)).toBe('');
    expect(kernel.pin(27)).toBe('high');
    kernel.die();
    expect(kernel.pin(27)).toBe('low');
  });

  test('lets go of its line when it is closed', () => {
    const { kernel, lines } = bench();
    const indicator = openIndicator(lines, lamp, 'penstock lamp');
    indicator.show(true);
    indicator.close();
    expect(kernel.pin(27)).toBe('low');
  });

  test('is not lit on a line that is at its active level while nobody holds it', () => {
    const { kernel, lines } = bench();
    const inverted = openIndicator(lines, { ...lamp, active: 'low' }, 'penstock lamp');
    expect(inverted.show(true)).toContain('It would be on while nobody holds it');
    expect(kernel.pin(27)).toBe('low');
    expect(openIndicator(lines, { ...lamp, line: 5, active: 'low' }, 'penstock lamp').show(true)).toBe('');
    expect(kernel.pin(5)).toBe('low');
    expect(openIndicator(lines, { ...lamp, line: 6 }, 'penstock lamp').show(true)).toContain('rests high');
  });

  test('whose chip goes says so and is lit again when it comes back', () => {
    const { kernel, lines } = bench();
    const indicator = openIndicator(lines, lamp, 'penstock lamp');
    indicator.show(true);
    kernel.unplug();
    expect(indicator.show(false)).toContain('the chip is gone');
    kernel.plugIn();
    expect(indicator.show(true)).toBe('');
    expect(kernel.pin(27)).toBe('high');
  });
});

test('a cut wire never reads as closed, however an input is wired that is taken', () => {
  for (const active of ['high', 'low'] as const) {
    for (const bias of ['pull-up', 'pull-down'] as const) {
      if (inputProblem({ active, bias }) !== '') continue;
      const { kernel, key } = bench({ ...Wired, active, bias });
      kernel.wire(17, active);
      expect(key.look().closed).toBe(true);
      kernel.wire(17, 'cut');
      kernel.advance(60);
      expect(key.look().closed).toBe(false);
    }
  }
  expect(outputProblem({ active: 'low' }, 'unknown')).toBe('');
});

test('the fake board has lines that behave', () => {
  const board = fakeBoard();
  if (board.gpio.state === 'absent') throw new Error(board.gpio.why);
  expect(board.gpio.part.chips()).toEqual([{ name: 'gpiochip0', label: 'pinctrl-bcm2711', lines: 58 }]);
  const key = openKeySwitch(board.gpio.part, Wired);
  expect(key.look().closed).toBe(false);
  board.gpioKernel.wire(17, 'high');
  board.advance(0.02);
  expect(key.look().closed).toBe(false);
  board.advance(0.04);
  expect(key.look().closed).toBe(true);
});

function bench(settings: InputSettings = Wired) {
  const kernel = fakeGpioKernel(undefined, (line) => (line <= 8 ? 'high' : 'low'));
  const lines = gpioLines(kernel, cm4Resting);
  return { kernel, lines, key: openKeySwitch(lines, settings) };
}
