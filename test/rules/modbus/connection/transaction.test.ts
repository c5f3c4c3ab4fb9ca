import { describe, expect, test } from 'vitest';
import { createAnswerQueue, type OwnAnswer } from '../../../../rules/modbus/connection/answer-queue.ts';
import {
  AnsweredKept,
  createTransactionTable,
  LateTimeouts,
  type TransactionTable,
} from '../../../../rules/modbus/connection/transaction.ts';

describe('transaction table', () => {
  test('gives each request an identifier of ours and finds it until long after its answer', () => {
    const table = createTransactionTable();
    const one = awaited(table);
    const two = awaited(table);
    expect(one.upstreamId).not.toBe(two.upstreamId);
    expect(table.find(two.upstreamId)).toBe(two);
    table.finish(two);
    expect(table.find(two.upstreamId)?.state).toBe('answered');
    expect(table.find(one.upstreamId)?.state).toBe('awaited');
    expect(table.outstanding()).toBe(1);
  });

  test('remembers so many answered ones and no more', () => {
    const table = createTransactionTable();
    const ids = Array.from({ length: AnsweredKept + 1 }, () => finished(table));
    expect(table.find(ids[0]!)).toBeUndefined();
    expect(ids.slice(1).every((id) => table.find(id)?.state === 'answered')).toBe(true);
  });

  test('never gives an identifier that is in use, all the way round and more', () => {
    const table = createTransactionTable();
    const kept = [awaited(table).upstreamId, quiet(table).upstreamId, awaited(table).upstreamId];
    while (table.nextExpired(1_000, 1_000) !== undefined);
    kept.push(awaited(table).upstreamId, quiet(table).upstreamId);
    const seen = new Set<number>();
    for (let turn = 0; turn < 70_000; turn++) {
      seen.add(finished(table));
    }
    expect(kept.filter((id) => seen.has(id))).toEqual([]);
    expect(seen.size).toBe(65_536 - kept.length);
  });

  test('an identifier comes back only after all others were used', () => {
    const table = createTransactionTable();
    const first = finished(table);
    const others = new Set(Array.from({ length: 65_535 }, () => finished(table)));
    expect(others.has(first)).toBe(false);
    expect(finished(table)).toBe(first);
  });

  test('makes a request late when its time is up, and forgets it long after', () => {
    const table = createTransactionTable();
    const { upstreamId } = awaited(table, 100);
    expect(table.nextDeadline(1_000)).toBe(1_100);
    expect(table.nextExpired(1_099, 1_000)).toBeUndefined();
    expect(table.nextExpired(1_100, 1_000)?.upstreamId).toBe(upstreamId);
    expect(table.nextExpired(1_100, 1_000)).toBeUndefined();
    expect(table.outstanding()).toBe(0);
    expect(table.find(upstreamId)?.state).toBe('late');
    expect(table.nextDeadline(1_000)).toBe(100 + LateTimeouts * 1_000);
    expect(table.nextLapsed(99 + LateTimeouts * 1_000, 1_000)).toBeUndefined();
    expect(table.nextLapsed(100 + LateTimeouts * 1_000, 1_000)?.upstreamId).toBe(upstreamId);
    expect(table.find(upstreamId)).toBeUndefined();
    expect(table.nextDeadline(1_000)).toBe(Number.POSITIVE_INFINITY);
  });

  test('counts those apart that nobody waits for', () => {
    const table = createTransactionTable();
    const { upstreamId } = quiet(table);
    expect([table.outstanding(), table.quiet()]).toEqual([0, 1]);
    expect(table.oldestSequence()).toBe(Number.POSITIVE_INFINITY);
    expect(table.nextExpired(1_000, 1_000)?.quiet).toBe(true);
    expect(table.find(upstreamId)?.state).toBe('late');
    expect(table.quiet()).toBe(0);
  });

  test('marks what waits or is late under an identifier that the client uses again, and nothing else', () => {
    const table = createTransactionTable();
    const [one, other] = [awaited(table, 0, 5), awaited(table, 0, 6)];
    while (table.nextExpired(1_000, 1_000) !== undefined);
    const waiting = awaited(table, 1_000, 5);
    table.markReused(5);
    const again = awaited(table, 1_000, 5);
    expect([one, other, waiting, again].map(({ reused }) => reused)).toEqual([true, false, true, false]);
  });

  test('hands out everything open once, and uses it again', () => {
    const table = createTransactionTable();
    const late = awaited(table);
    table.nextExpired(1_000, 1_000);
    const open = [awaited(table, 1_000), quiet(table, 1_000), late];
    const drained = [table.nextOpen(), table.nextOpen(), table.nextOpen()];
    expect(new Set(drained)).toEqual(new Set(open));
    expect(table.nextOpen()).toBeUndefined();
    expect(open).toContain(awaited(table));
  });

  test('makes one that is used again as new, with room for what is sent', () => {
    const table = createTransactionTable();
    const used = awaited(table);
    used.reused = used.opaque = used.writing = true;
    used.permission = { index: 0, id: 'test/1', line: 1, name: '' };
    expect(table.nextOpen()).toBe(used);
    const again = table.open(9, true, 260, 5, 3);
    expect(again).toBe(used);
    expect(again).toMatchObject({
      clientId: 9,
      state: 'quiet',
      quiet: true,
      reused: false,
      opaque: false,
      writing: false,
      permission: undefined,
      sentAt: 5,
      moment: 3,
    });
    expect(again.adu.length).toBeGreaterThanOrEqual(260);
  });

  test('finds each of very many, whatever their order of ending', () => {
    const table = createTransactionTable();
    const all = Array.from({ length: 2_000 }, () => awaited(table).upstreamId);
    const ended = all.filter((_, index) => index % 3 === 0);
    for (const id of ended.toReversed()) table.finish(table.find(id)!);
    for (const [index, id] of all.entries()) {
      if (index % 3 !== 0) expect(table.find(id)?.upstreamId).toBe(id);
    }
    expect(table.outstanding()).toBe(all.length - ended.length);
    expect(table.oldestSequence()).toBe(2);
  });
});

describe('answer queue', () => {
  test('holds an answer behind the requests in front of it and no others', () => {
    const queue = createAnswerQueue();
    queue.add(answer(1), 5);
    queue.add(answer(2), 7);
    expect(queue.next(5)).toBeUndefined();
    expect(queue.next(6)).toEqual(answer(1));
    expect(queue.next(7)).toBeUndefined();
    expect(queue.next(Number.POSITIVE_INFINITY)).toEqual(answer(2));
    expect(queue.size()).toBe(0);
  });
});

function awaited(table: TransactionTable, now = 0, clientId = 7) {
  return table.open(clientId, false, 12, now, 0);
}

function quiet(table: TransactionTable, now = 0) {
  return table.open(7, true, 12, now, 0);
}

function finished(table: TransactionTable): number {
  const { upstreamId } = awaited(table);
  table.finish(table.find(upstreamId)!);
  return upstreamId;
}

function answer(transactionId: number): OwnAnswer {
  return { transactionId, unit: 1, functionCode: 3, exceptionCode: 2, closes: undefined };
}
