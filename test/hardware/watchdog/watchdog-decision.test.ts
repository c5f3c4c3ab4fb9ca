import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideGuard,
  type GuardAction,
  initialGuardState,
  rebootNotBefore,
  type TableState,
} from '../../../hardware/watchdog/watchdog-decision.ts';

const Second = 1000;
const Minute = 60 * Second;
const Hour = 60 * Minute;

describe('the guard', () => {
  test('keeps the box alive while the table is right, whatever else is dead', () => {
    expect(actions(looks('right', 100))).toEqual(new Set(['keep-alive']));
  });

  test('restarts the engine first when the table is wrong', () => {
    expect(looks('wrong', 1)).toEqual(['restart-engine']);
  });

  test('gives the engine time to start before it asks again', () => {
    expect(looks('wrong', 6)).toEqual([
      'restart-engine',
      'keep-alive',
      'keep-alive',
      'keep-alive',
      'keep-alive',
      'restart-engine',
    ]);
  });

  test('lets the box restart after three restarts of the engine that did not help', () => {
    const done = looks('wrong', 100, { from: 10 * Minute });
    expect(done.filter((action) => action === 'restart-engine')).toHaveLength(3);
    expect(done.at(-1)).toBe('reboot');
  });

  test('waits longer before each further reboot, at most a day', () => {
    expect([0, 1, 2, 8, 9, 40].map(rebootNotBefore)).toEqual([
      5 * Minute,
      10 * Minute,
      20 * Minute,
      1280 * Minute,
      24 * Hour,
      24 * Hour,
    ]);
  });

  test('does not reboot a box that has only just started, and goes on restarting the engine ever more rarely', () => {
    const early = looks('wrong', 75, { from: 0, reboots: 3 });
    expect(early).not.toContain('reboot');
    expect(early.filter((action) => action === 'restart-engine').length).toBeLessThan(10);
  });

  test('never reboots a box without a watchdog or without a count of reboots', () => {
    expect(looks('wrong', 2000, { from: 48 * Hour, canReboot: false })).not.toContain('reboot');
  });

  test('never acts on a look that failed: who can break the look could else cut the plant', () => {
    expect(actions(looks('unknown', 2000, { from: Hour }))).toEqual(new Set(['keep-alive']));
  });

  test('forgets its reboots after an hour of a right table, not before', () => {
    let state = initialGuardState(4);
    state = decideGuard(state, 'right', { uptime: 0, canReboot: true }).state;
    state = decideGuard(state, 'right', { uptime: Hour - 1, canReboot: true }).state;
    expect(state.reboots).toBe(4);
    state = decideGuard(state, 'right', { uptime: Hour, canReboot: true }).state;
    expect(state.reboots).toBe(0);
  });

  test('starts its hour anew when the table was wrong in between', () => {
    let state = initialGuardState(2);
    state = decideGuard(state, 'right', { uptime: 0, canReboot: true }).state;
    state = decideGuard(state, 'wrong', { uptime: Minute, canReboot: true }).state;
    state = decideGuard(state, 'right', { uptime: 2 * Minute, canReboot: true }).state;
    state = decideGuard(state, 'right', { uptime: Hour, canReboot: true }).state;
    expect(state.reboots).toBe(2);
  });

  test('under any course of events reboots only on a wrong table, after three restarts, and late enough', () => {
    const table = fc.constantFrom<TableState>('right', 'wrong', 'unknown');
    const step = fc.record({ table, wait: fc.integer({ min: 1, max: Hour }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat({ max: 12 }), (steps, reboots) => {
        let state = initialGuardState(reboots);
        let uptime = 0;
        for (const { table, wait } of steps) {
          uptime += wait;
          const before = state;
          const { action, state: after } = decideGuard(before, table, { uptime, canReboot: true });
          if (action === 'reboot') {
            expect(table).toBe('wrong');
            expect(before.restarts).toBeGreaterThanOrEqual(3);
            expect(uptime).toBeGreaterThanOrEqual(rebootNotBefore(before.reboots));
            expect(after.reboots).toBe(before.reboots + 1);
            return;
          }
          expect(after.reboots).toBeLessThanOrEqual(before.reboots);
          state = after;
        }
      }),
    );
  });
});

/** Looks every three seconds until a reboot. */
function looks(
  table: TableState,
  times: number,
  { from = 0, reboots = 0, canReboot = true } = {},
): readonly GuardAction[] {
  let state = initialGuardState(reboots);
  const done: GuardAction[] = [];
  for (let look = 0; look < times && done.at(-1) !== 'reboot'; look++) {
    const decision = decideGuard(state, table, { uptime: from + look * 3 * Second, canReboot });
    state = decision.state;
    done.push(decision.action);
  }
  return done;
}

function actions(list: readonly GuardAction[]): ReadonlySet<GuardAction> {
  return new Set(list);
}
