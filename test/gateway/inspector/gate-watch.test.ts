import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGateWatch } from '../../../gateway/inspector/gate-watch.ts';
import { createGates } from '../../../rules/admission/gates.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.for([0, 1, 2, 3])(
  'an end that comes %i looks at the clock after the look began is not missed',
  (looks) => {
    const gates = createGates();
    gates.set([{ flow: 'F-01', until: 1_000 }], true);
    let asked = -1;
    // Time passes while it is looked: at each look at the clock, and with the timers.
    const clock = { wall: () => 999 - looks + ++asked + (Date.now() - begun), monotonic: () => 0 };
    const begun = Date.now();
    const seen: number[] = [];
    const watch = createGateWatch({
      clock,
      gates,
      endShut: () => void seen.push(clock.wall()),
      untilNextEnd: () => undefined,
    });
    watch.look();
    vi.advanceTimersByTime(5_000);
    expect(seen.some((time) => time >= 1_000)).toBe(true);
    watch.stop();
  },
);
