import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FirstDelay, FoldedRecordsPerDay, FoldInterval, MaxKinds } from '../../../gateway/evidence/fold.ts';
import { createRefusalFold } from '../../../gateway/evidence/refusal-fold.ts';
import { encodeRecord } from '../../../rules/record/codec.ts';
import type { RefusalRecord } from '../../../rules/record/record.ts';
import { frameRecord } from '../../../rules/record/segment.ts';
import { noon, refusalRecord } from './samples.ts';

test('the first refusal of a kind is recorded at once', () => {
  const fold = createRefusalFold();
  const refusal = refusalRecord();
  expect(fold.add(refusal, 0)).toEqual([refusal]);
});

test('a flood of one kind becomes one more record, with the exact count', () => {
  const fold = createRefusalFold();
  fold.add(refusalRecord(), 0);
  for (let count = 0; count < 100_000; count += 1) {
    expect(fold.add(refusalRecord({ firstAt: noon + count, lastAt: noon + count }), 1)).toEqual([]);
  }
  expect(fold.flush(FirstDelay)).toEqual([]);
  expect(fold.flush(1 + FirstDelay)).toMatchObject([
    { count: 100_000, firstAt: noon, lastAt: noon + 99_999, client: { asset: 'hmi-1' } },
  ]);
});

test('a kind that goes on gives one record per interval and is not told anew', () => {
  const fold = createRefusalFold();
  fold.add(refusalRecord(), 0);
  fold.add(refusalRecord(), 1);
  expect(fold.flush(FoldInterval)).toHaveLength(1);
  expect(fold.add(refusalRecord(), FoldInterval + 1)).toEqual([]);
  expect(fold.flush(2 * FoldInterval + 1)).toMatchObject([{ count: 1 }]);
});

test('a flood is told again after a second, two, four, and then once per interval', () => {
  const fold = createRefusalFold();
  const told: number[] = [];
  for (let second = 0; second <= 240; second += 1) {
    if (fold.add(refusalRecord(), second * 1000).length > 0) told.push(second);
  }
  expect(told).toEqual([0, 2, 4, 8, 16, 32, 60, 120, 180, 240]);
});

test('a kind that rested for an interval is told at once again', () => {
  const fold = createRefusalFold();
  fold.add(refusalRecord(), 0);
  expect(fold.flush(FoldInterval)).toEqual([]);
  expect(fold.add(refusalRecord(), 2 * FoldInterval)).toHaveLength(1);
});

test('neighbouring addresses are one kind, and the record keeps the lowest and the highest', () => {
  const fold = createRefusalFold();
  for (const address of [140, 105, 199]) {
    const request = { unit: 1, functionCode: 6, address, values: [] };
    fold.add(refusalRecord({ request, lowestAddress: address, highestAddress: address }), 0);
  }
  expect(fold.flush(FoldInterval)).toMatchObject([{ count: 2, lowestAddress: 105, highestAddress: 199 }]);
});

test('kinds beyond the bound share one record that names their number and counts all', () => {
  const fold = createRefusalFold();
  for (let kind = 0; kind < MaxKinds + 10; kind += 1) {
    for (let times = 0; times < 3; times += 1) fold.add(ofKind(kind), 0);
  }
  const last = fold.flush(FoldInterval).at(-1);
  expect(last).toMatchObject({ count: 30, foldedKinds: 10, client: { asset: '' }, flow: 'C-05/F-02' });
  expect(last?.request).toBeUndefined();
});

test('kinds beyond the bound stay apart by why they were refused', () => {
  const fold = createRefusalFold();
  for (let kind = 0; kind < MaxKinds + 10; kind += 1) {
    fold.add({ ...ofKind(kind), reason: kind % 2 === 0 ? 'fc-not-allowed' : 'value-out-of-range' }, 0);
  }
  expect(fold.flush(FoldInterval)).toMatchObject([
    { count: 5, foldedKinds: 5, reason: 'fc-not-allowed' },
    { count: 5, foldedKinds: 5, reason: 'value-out-of-range' },
  ]);
});

test('no refusal is ever lost from the count, whatever arrives and whenever', () => {
  const arrivals = fc.array(
    fc.record({ kind: fc.nat(200), count: fc.integer({ min: 1, max: 9 }), pause: fc.nat(FoldInterval) }),
    { maxLength: 400 },
  );
  fc.assert(
    fc.property(arrivals, (sequence) => {
      const fold = createRefusalFold();
      let now = 0;
      const recorded: RefusalRecord[] = [];
      for (const { kind, count, pause } of sequence) {
        now += pause;
        recorded.push(...fold.add(ofKind(kind, count), now));
      }
      recorded.push(...fold.end());
      expect(sum(recorded.map((one) => one.count))).toBe(sum(sequence.map((one) => one.count)));
    }),
  );
});

test('the worst flood for a day stays within the records and the bytes stated', () => {
  const fold = createRefusalFold();
  let records = 0;
  let bytes = 0;
  const write = (written: readonly RefusalRecord[]): void => {
    records += written.length;
    for (const record of written) bytes += frameRecord(encodeRecord(record)).length;
  };
  // Worst: each interval brings new kinds, and each kind comes twice. A simulated hour stands for the day.
  for (let second = 0; second < 3600; second += 1) {
    const minute = Math.floor(second / 60);
    for (let kind = 0; kind < 3 * MaxKinds; kind += 1) {
      write(fold.add(ofKind(minute * 1000 + kind), second * 1000));
    }
  }
  write(fold.end());
  expect(records * 24).toBeLessThanOrEqual(FoldedRecordsPerDay);
  expect(bytes * 24).toBeLessThan(75_000_000);
});

function ofKind(kind: number, count = 1): RefusalRecord {
  return refusalRecord({
    count,
    request: { unit: kind & 0xff, functionCode: 6, address: (kind >> 8) * 100, values: [] },
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
