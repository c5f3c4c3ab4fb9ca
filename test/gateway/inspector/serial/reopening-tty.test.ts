import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReopeningTty, type ReopeningTty } from '../../../../gateway/inspector/serial/reopening-tty.ts';
import type { Tty, TtyEvents } from '../../../../gateway/inspector/serial/tty.ts';

let port: ReopeningTty;
/** What was tried to open, in order; each is answered by the test. */
let attempts: (PromiseWithResolvers<Tty> & { readonly events: TtyEvents })[];
let told: string[];
let closed: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  attempts = [];
  told = [];
  closed = 0;
  port = createReopeningTty({
    open: (events) => {
      const attempt = Promise.withResolvers<Tty>();
      attempts.push({ ...attempt, events });
      return attempt.promise;
    },
    now: () => performance.now(),
    opened: () => told.push('opened'),
    bytes: () => undefined,
    lost: (problem) => told.push(problem),
  });
});
afterEach(() => {
  port.close();
  vi.useRealTimers();
});

test('a port that does not open counts as one that cannot be had', async () => {
  port.open();
  await pass(4_000);
  expect(port.state()).toBe('opening');
  await pass(2_000);
  expect(port.state()).toBe('away');
  expect(told).toEqual(['it does not open']);
});

test('a port that opens when nobody waits for it any more is closed again, and tried anew', async () => {
  port.open();
  await pass(6_000);
  attempts[0]!.resolve(tty());
  await pass(0);
  expect([closed, port.state()]).toEqual([1, 'shut']);
  port.open();
  attempts[1]!.resolve(tty());
  await pass(10_000);
  expect([closed, port.state()]).toEqual([1, 'open']);
  expect(told).toEqual(['it does not open', 'opened']);
});

test('nothing else is tried while an attempt hangs, and its failure is told once', async () => {
  port.open();
  for (let second = 0; second < 60; second += 1) {
    await pass(1_000);
    port.open();
  }
  expect([attempts.length, port.state()]).toEqual([1, 'away']);
  attempts[0]!.reject(new Error('no such device'));
  await pass(0);
  expect(port.state()).toBe('shut');
  expect(told).toEqual(['it does not open']);
});

test('a port that is lost before it is open, or opens after the end, is closed again', async () => {
  port.open();
  attempts[0]!.events.lost('unplugged');
  attempts[0]!.resolve(tty());
  await pass(300);
  expect([closed, port.state()]).toEqual([1, 'shut']);
  port.open();
  port.close();
  attempts[1]!.resolve(tty());
  await pass(0);
  expect([closed, port.state()]).toEqual([2, 'away']);
  expect(told).toEqual(['unplugged']);
});

function tty(): Tty {
  return {
    write: () => undefined,
    discard: () => undefined,
    close: () => {
      closed += 1;
    },
  };
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}
