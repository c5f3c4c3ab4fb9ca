import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Member } from '../../../gateway/engine/inspector-member.ts';
import { createSilenceWatch, type SilenceWatch } from '../../../gateway/engine/silence-watch.ts';
import { createLog } from '../../../gateway/log.ts';

describe('an inspector that says nothing', () => {
  let told: { readonly to: number; readonly message: object }[];
  let members: Member[];
  let watch: SilenceWatch;
  /** What each process has had of the processor; of one that is not in it nobody can tell. */
  let times: Map<number, number>;

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    times = new Map([
      [31, 700],
      [32, 700],
    ]);
    members = [31, 32].map((pid) => ({ pid, missed: 0 }) as Member);
    watch = createSilenceWatch({
      members: () => members,
      processorTime: (pid) => times.get(pid),
      tell: ({ pid }, message) => told.push({ to: pid, message }),
      log: createLog('test'),
    });
    watch.start();
  });
  afterEach(() => {
    watch.stop();
    vi.useRealTimers();
  });

  test('for five seconds is killed by one that speaks, and again each second until it is gone', () => {
    pass(4_750, 32);
    expect(told).toEqual([]);
    pass(250, 32);
    expect(told).toEqual([{ to: 32, message: { kind: 'end-process', pid: 31 } }]);
    pass(1_000, 32);
    expect(told).toHaveLength(2);
    members = members.filter(({ pid }) => pid === 32);
    pass(10_000, 32);
    expect(told).toHaveLength(2);
  });

  test('and works is left alone until no work explains it', () => {
    work(19_750);
    expect(told).toEqual([]);
    work(250);
    expect(told).toEqual([{ to: 32, message: { kind: 'end-process', pid: 31 } }]);
  });

  test('and no longer works is killed four seconds later', () => {
    work(7_000);
    pass(3_750, 32);
    expect(told).toEqual([]);
    pass(250, 32);
    expect(told).toHaveLength(1);
  });

  test('and whose work nobody can tell counts as busy', () => {
    times.delete(31);
    pass(19_750, 32);
    expect(told).toEqual([]);
    pass(250, 32);
    expect(told).toHaveLength(1);
  });

  test('is not judged by how little it worked before it last spoke', () => {
    pass(4_500, 32);
    pass(250, 31, 32);
    pass(4_750, 32);
    expect(told).toEqual([]);
    pass(250, 32);
    expect(told).toHaveLength(1);
  });

  test('and speaks again is left alone', () => {
    pass(4_500, 32);
    pass(10_000, 31, 32);
    expect(told).toEqual([]);
  });

  test('is killed by nobody while nobody speaks', () => {
    pass(10_000);
    expect(told).toEqual([]);
  });

  test('is not silent for an engine that did not run', () => {
    vi.setSystemTime(Date.now() + 60_000);
    pass(250, 32);
    expect(members.map(({ missed }) => missed)).toEqual([1, 0]);
  });

  /** So many milliseconds, in which the first is too busy to speak. */
  function work(time: number): void {
    for (let gone = 0; gone < time; gone += 250) {
      times.set(31, (times.get(31) ?? 0) + 0.01);
      pass(250, 32);
    }
  }

  /** So many milliseconds, in which these speak. */
  function pass(time: number, ...speaking: readonly number[]): void {
    for (let gone = 0; gone < time; gone += 250) {
      vi.advanceTimersByTime(250);
      for (const member of members) if (speaking.includes(member.pid)) member.missed = 0;
    }
  }
});
