import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAnswerQueue } from '../../../rules/modbus/answer-queue.ts';
import { createTokenBucket } from '../../../rules/modbus/token-bucket.ts';
import { createTransactionTable, LateTimeouts } from '../../../rules/modbus/transaction.ts';
import { read, writeRegister } from './builders.ts';

describe('transaction table', () => {
  test('gives each request an identifier of ours and finds it again once', () => {
    const table = createTransactionTable();
    const one = table.open(7, read(3, 0), 0, 0, undefined);
    const two = table.open(7, read(3, 1), 0, 0, undefined);
    expect(one.upstreamId).not.toBe(two.upstreamId);
    expect(table.take(two.upstreamId)).toEqual({ transaction: two, late: false });
    expect(table.take(two.upstreamId)).toBeUndefined();
    expect(table.outstanding).toBe(1);
  });

  test('never gives an identifier that is in use, all the way round and more', () => {
    const table = createTransactionTable();
    const kept = [read(3, 0), writeRegister(0, 0, 0), read(3, 1)].map((request) =>
      table.open(0, request, 0, 0, undefined),
    );
    table.expire(1_000, 1_000);
    kept.push(
      table.open(0, read(3, 2), 0, 0, undefined),
      table.open(0, writeRegister(0, 0, 0), 0, 0, undefined),
    );
    const seen = new Set<number>();
    for (let turn = 0; turn < 70_000; turn++) {
      const { upstreamId } = table.open(0, read(3, 9), 0, 0, undefined);
      expect(kept.some((each) => each.upstreamId === upstreamId)).toBe(false);
      seen.add(upstreamId);
      table.take(upstreamId);
    }
    expect(seen.size).toBe(65_536 - kept.length);
  });

  test('makes a request late when its time is up, and forgets it long after', () => {
    const table = createTransactionTable();
    const { upstreamId } = table.open(7, read(3, 0), 100, 0, undefined);
    expect(table.nextDeadline(1_000)).toBe(1_100);
    expect(table.expire(1_099, 1_000)).toEqual([]);
    expect(table.expire(1_100, 1_000)).toHaveLength(1);
    expect(table.outstanding).toBe(0);
    expect(table.nextDeadline(1_000)).toBe(100 + LateTimeouts * 1_000);
    expect(table.lapse(99 + LateTimeouts * 1_000, 1_000)).toEqual([]);
    expect(table.lapse(100 + LateTimeouts * 1_000, 1_000)).toHaveLength(1);
    expect(table.take(upstreamId)).toBeUndefined();
  });

  test('counts broadcast writes apart: nobody may ever answer them', () => {
    const table = createTransactionTable();
    const { upstreamId } = table.open(7, writeRegister(0, 1, 0), 0, 0, undefined);
    expect(table.outstanding).toBe(0);
    expect(table.oldestSequence).toBe(Number.POSITIVE_INFINITY);
    expect(table.hasRoom(writeRegister(0, 1, 0), 1)).toBe(false);
    expect(table.hasRoom(read(3, 0, 1, 0), 1)).toBe(true);
    expect(table.expire(1_000, 1_000)).toEqual([]);
    expect(table.take(upstreamId)?.late).toBe(true);
  });
});

describe('answer queue', () => {
  const answer = (name: number) => ({
    kind: 'to-client' as const,
    adu: Uint8Array.of(name),
    by: 'gateway' as const,
    receivedAt: 0,
  });

  test('holds an answer behind the requests in front of it and no others', () => {
    const queue = createAnswerQueue();
    queue.add(answer(1), 5);
    queue.add(answer(2), 7);
    expect(queue.release(5)).toEqual([]);
    expect(queue.release(6)).toEqual([answer(1)]);
    expect(queue.release(7)).toEqual([]);
    expect(queue.release(Number.POSITIVE_INFINITY)).toEqual([answer(2)]);
    expect(queue.length).toBe(0);
  });
});

describe('token bucket', () => {
  test('lets a second of requests through at once and then as many as the rate', () => {
    const bucket = createTokenBucket();
    const passed = (count: number, now: number): number =>
      Array.from({ length: count }, () => bucket.take(now, 10)).filter(Boolean).length;
    expect(passed(20, 1_000)).toBe(10);
    expect(passed(20, 1_099)).toBe(0);
    expect(passed(20, 1_100)).toBe(1);
    expect(passed(20, 1_600)).toBe(5);
    expect(passed(20, 9_000)).toBe(10);
  });

  test('a limit of 0 is none', () => {
    const bucket = createTokenBucket();
    for (let count = 0; count < 1000; count++) expect(bucket.take(0, 0)).toBe(true);
  });

  test('a clock that runs back neither fills nor empties it', () => {
    const bucket = createTokenBucket();
    const taken = [10_000, 9_000, 9_500, 10_000].map((now) => bucket.take(now, 3));
    expect(taken).toEqual([true, true, true, false]);
  });

  test('never lets more through than a second in advance', () => {
    const steps = fc.array(fc.integer({ min: -50, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (waits, perSecond) => {
        const bucket = createTokenBucket();
        let now = 10_000;
        // The bucket knows no time before the first request.
        const first = now + (waits[0] ?? 0);
        let latest = first;
        let passed = 0;
        for (const wait of waits) {
          now += wait;
          latest = Math.max(latest, now);
          if (bucket.take(now, perSecond)) passed++;
        }
        expect(passed).toBeLessThanOrEqual(perSecond + ((latest - first) * perSecond) / 1000 + 1e-6);
      }),
    );
  });
});
