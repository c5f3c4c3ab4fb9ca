import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { boardLines } from '../../../gateway/board-lines.ts';
import { createKeySwitchWatch, type KeySwitchWatch } from '../../../gateway/engine/key-switch.ts';
import { createLog } from '../../../gateway/log.ts';
import { absent } from '../../../hardware/board.ts';
import { type FakeBoard, fakeBoard } from '../../../hardware/fake/board.ts';
import type { Act } from '../../../rules/record/record.ts';
import { memoryLog } from './memory-log.ts';

const Chip = 'pinctrl-bcm2711';
const key = { chip: Chip, line: 17, active: 'high', bias: 'pull-down' } as const;
const lamp = { chip: Chip, line: 27, active: 'high' } as const;
const relay = { chip: Chip, line: 22, active: 'high' } as const;

let board: FakeBoard;
let acts: Act[];
let turns: number;
let letIn: boolean;
let watch: KeySwitchWatch | undefined;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  board = fakeBoard();
  acts = [];
  turns = 0;
  letIn = false;
});

afterEach(() => {
  watch?.stop();
  vi.useRealTimers();
});

describe('the key switch', () => {
  test('that nobody wired or wants asked is absent', () => {
    expect(watchOf({}, 'none').state()).toBe('absent');
    const wired = watchOf({ key_switch: key }, 'none');
    wired.start();
    expect(wired.state()).toBe('absent');
  });

  test('is open until it was looked at, and then what it is', () => {
    turn('high');
    const wired = watchOf({ key_switch: key });
    expect(wired.state()).toBe('open');
    wired.start();
    expect(wired.state()).toBe('closed');
    expect(acts).toEqual([{ kind: 'keySwitch', closed: true, why: '' }]);
  });

  test('puts each turn on record and has what it holds open looked at again', async () => {
    const wired = watchOf({ key_switch: key });
    wired.start();
    turn('high');
    await vi.advanceTimersByTimeAsync(50);
    expect([wired.state(), turns]).toEqual(['closed', 1]);
    turn('cut');
    await vi.advanceTimersByTimeAsync(50);
    expect([wired.state(), turns]).toEqual(['open', 2]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(acts.map((act) => act.kind === 'keySwitch' && act.closed)).toEqual([false, true, false]);
  });

  test('that is open for a moment between two looks is on record as opened and closed', async () => {
    turn('high');
    const wired = watchOf({ key_switch: key });
    wired.start();
    turn('cut');
    turn('high');
    await vi.advanceTimersByTimeAsync(100);
    expect(acts.map((act) => act.kind === 'keySwitch' && act.closed)).toEqual([true, false, true]);
  });

  test('whose chip goes is open, says so once, and is closed again when it comes back', async () => {
    turn('high');
    const wired = watchOf({ key_switch: key });
    wired.start();
    board.gpioKernel.unplug();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(wired.state()).toBe('open');
    expect(acts).toHaveLength(2);
    expect(acts[1]).toMatchObject({ closed: false, why: expect.stringContaining('the chip is gone') });
    board.gpioKernel.plugIn();
    await vi.advanceTimersByTimeAsync(50);
    expect(wired.state()).toBe('closed');
  });

  test('of a board without lines is open and says why', () => {
    const wired = watchOf({ key_switch: key }, 'required', absent('The kernel shows no GPIO chip.'));
    wired.start();
    expect(wired.state()).toBe('open');
    expect(acts).toEqual([{ kind: 'keySwitch', closed: false, why: 'The kernel shows no GPIO chip.' }]);
  });
});

describe('lamp and relay', () => {
  test('are on while somebody is let in, and off when the engine stops', async () => {
    const wired = watchOf({ lamp, relay }, 'none');
    wired.start();
    expect(pins()).toEqual(['low', 'low']);
    letIn = true;
    await vi.advanceTimersByTimeAsync(50);
    expect(pins()).toEqual(['high', 'high']);
    letIn = false;
    await vi.advanceTimersByTimeAsync(50);
    expect(pins()).toEqual(['low', 'low']);
    letIn = true;
    await vi.advanceTimersByTimeAsync(50);
    wired.stop();
    expect(pins()).toEqual(['low', 'low']);
  });

  test('go off when the process dies', async () => {
    letIn = true;
    watchOf({ lamp, relay }, 'none').start();
    expect(pins()).toEqual(['high', 'high']);
    board.gpioKernel.die();
    expect(pins()).toEqual(['low', 'low']);
  });
});

function watchOf(
  lines: Parameters<typeof boardLines>[0],
  keySwitch: 'required' | 'none' = 'required',
  gpio: FakeBoard['gpio'] = board.gpio,
): KeySwitchWatch {
  watch = createKeySwitchWatch({
    config: {
      board: boardLines(lines),
      vendor: { tls: undefined, ssh: undefined, keySwitch, targets: [] },
    },
    gpio,
    record: (act) => acts.push(act),
    onTurn: () => {
      turns += 1;
    },
    isLetIn: () => letIn,
    log: createLog('engine', memoryLog().stream),
  });
  return watch;
}

function turn(to: 'high' | 'low' | 'cut'): void {
  board.gpioKernel.wire(17, to);
  board.advance(0.06);
}

function pins() {
  return [board.gpioKernel.pin(27), board.gpioKernel.pin(22)];
}
