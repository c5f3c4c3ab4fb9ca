import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWatchList, merged } from '../../../../rules/modbus/device/watch-list.ts';

const ranges = fc.array(
  fc.tuple(fc.nat(60), fc.nat(12)).map(([first, more]) => ({ first, last: first + more })),
  { maxLength: 6 },
);

test('an address is watched since it first was, however ranges overlap', () => {
  fc.assert(
    fc.property(fc.array(ranges, { maxLength: 5 }), fc.nat(80), fc.nat(20), (calls, from, more) => {
      const list = createWatchList();
      const since = new Map<number, number>();
      for (const [now, call] of calls.entries()) {
        list.add(1, 'coils', merged(call), now);
        for (const { first, last } of call) {
          for (let at = first; at <= last; at++) if (!since.has(at)) since.set(at, now);
        }
      }
      for (let at = 0; at < 90; at++) {
        expect(list.since(1, 'coils', at)).toBe(since.get(at) ?? Number.POSITIVE_INFINITY);
      }
      const next = [...since.keys()].filter((at) => at >= from && at <= from + more);
      expect(list.next(1, 'coils', from, from + more)).toBe(next.length === 0 ? -1 : Math.min(...next));
      expect(list.next(2, 'coils', from, from + more)).toBe(-1);
      expect(list.next(1, 'discrete-inputs', from, from + more)).toBe(-1);
    }),
    { numRuns: 500 },
  );
});
