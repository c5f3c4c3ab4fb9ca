import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLine, type LineOutcome } from '../../../../gateway/inspector/serial/line.ts';
import { lineTiming } from '../../../../gateway/inspector/serial/line-timing.ts';
import { hasRightCrc } from '../../../../rules/modbus/rtu/rtu.ts';
import { answerTo, createFakeWire, frame } from './fake-wire.ts';

const timing = lineTiming({
  port: 'rs485-1',
  baud: 19_200,
  parity: 'even',
  stopBits: 1,
  timeout: 100,
  units: [],
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

/** What the devices of a line do when they hear a request: pieces of bytes, each so long after the one before. */
const piece = fc.record({
  after: fc.integer({ min: 0, max: 150 }),
  what: fc.oneof(
    fc.constantFrom('answer', 'half', 'other half', 'wrong crc', 'other unit', 'exception', 'nothing'),
    fc.uint8Array({ maxLength: 40 }),
  ),
});
const reaction = fc.array(piece, { maxLength: 3 });
/** What a client does, and how long it then waits. */
const step = fc.record({
  act: fc.constantFrom('ask', 'ask', 'ask', 'broadcast', 'ask and forget', 'unplug', 'plug'),
  unit: fc.integer({ min: 1, max: 3 }),
  wait: fc.integer({ min: 0, max: 120 }),
});

test('whatever the devices say, each request is settled once, and only by a frame that answers it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.array(reaction), async (steps, reactions) => {
      let heard = 0;
      const wire = createFakeWire((asked, say) => {
        let at = 0;
        for (const { after, what } of reactions[heard % Math.max(1, reactions.length)] ?? []) {
          at += after;
          setTimeout(() => say(bytesOf(what, asked)), at);
        }
        heard += 1;
      });
      const line = createLine({
        open: wire.open,
        timing,
        now: () => performance.now(),
        onPort: () => undefined,
      });
      const asked: { readonly request: Uint8Array; readonly outcomes: LineOutcome[] }[] = [];
      for (const [address, { act, unit, wait }] of steps.entries()) {
        if (act === 'unplug') wire.unplug();
        else if (act === 'plug') wire.plug();
        else {
          const request = frame(`0${act === 'broadcast' ? 0 : unit} 03 00${hex(address)} 0001`);
          const one = { request, outcomes: [] as LineOutcome[] };
          const owner = {};
          if (act !== 'ask and forget') asked.push(one);
          line.ask({
            owner,
            client: `client ${unit}`,
            frame: request,
            awaited: act !== 'broadcast',
            expires: performance.now() + 1_000,
            settle: (outcome) => one.outcomes.push(outcome),
          });
          if (act === 'ask and forget') line.forget(owner);
        }
        await vi.advanceTimersByTimeAsync(wait);
      }
      await vi.advanceTimersByTimeAsync(20_000);
      line.close();
      for (const { request, outcomes } of asked) {
        expect(outcomes).toHaveLength(1);
        const [outcome] = outcomes;
        if (outcome?.kind !== 'answer') continue;
        expect(outcome.frame[0]).toBe(request[0]);
        expect(outcome.frame[1]! & 0x7f).toBe(request[1]);
        expect(hasRightCrc(outcome.frame, 0, outcome.frame.length)).toBe(true);
      }
      for (const one of wire.heard) {
        expect(wire.heard.filter((other) => other === one)).toHaveLength(1);
      }
    }),
    { numRuns: 300 },
  );
});

test('an answer that is late, by less than its time-out again, is never another request’s', async () => {
  const question = fc.record({
    unit: fc.integer({ min: 1, max: 2 }),
    wait: fc.integer({ min: 0, max: 150 }),
  });
  const delays = fc.array(fc.integer({ min: 0, max: 190 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(question, { maxLength: 15 }), delays, async (questions, late) => {
      let heard = 0;
      const wire = createFakeWire((asked, say) => {
        setTimeout(() => say(answerTo(asked, asked[3])), late[heard % late.length]);
        heard += 1;
      });
      const line = createLine({
        open: wire.open,
        timing,
        now: () => performance.now(),
        onPort: () => undefined,
      });
      const wrong: string[] = [];
      for (const [address, { unit, wait }] of questions.entries()) {
        line.ask({
          owner: {},
          client: 'hmi',
          frame: frame(`0${unit} 03 00${hex(address)} 0001`),
          awaited: true,
          expires: performance.now() + 5_000,
          settle: (outcome) => {
            if (outcome.kind === 'answer' && outcome.frame[4] !== address) wrong.push(`${address}`);
          },
        });
        await vi.advanceTimersByTimeAsync(wait);
      }
      await vi.advanceTimersByTimeAsync(10_000);
      line.close();
      expect(wrong).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

function bytesOf(what: string | Uint8Array, asked: Uint8Array): Uint8Array {
  if (typeof what !== 'string') return what;
  const answer = answerTo(asked);
  switch (what) {
    case 'half':
      return answer.subarray(0, 4);
    case 'other half':
      return answer.subarray(4);
    case 'wrong crc':
      return answer.map((byte, index) => (index === answer.length - 1 ? byte ^ 0x10 : byte));
    case 'other unit':
      return answerTo(frame('05 03 0000 0001'));
    case 'exception':
      return frame(`${hex(asked[0] ?? 0)} 83 02`);
    case 'nothing':
      return new Uint8Array(0);
    default:
      return answer;
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
