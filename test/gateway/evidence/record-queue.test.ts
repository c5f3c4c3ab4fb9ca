import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OverflowKinds } from '../../../gateway/evidence/overflow.ts';
import { createRecordQueue, type RecordQueue } from '../../../gateway/evidence/record-queue.ts';
import { decodeRecord } from '../../../rules/record/codec.ts';
import type { DropRecord, EvidenceRecord } from '../../../rules/record/record.ts';
import { connectionRecord, hmi, noon, plc, refusalRecord, stopped } from './samples.ts';

const clock = { wall: () => noon, monotonic: () => 0 };
const drop: DropRecord = {
  kind: 'drop',
  firstAt: noon,
  lastAt: noon,
  packets: 3,
  reason: 'no-flow',
  device: 'eth1',
  source: hmi,
  destination: plc,
  protocol: 'tcp',
  foldedKinds: 0,
  verdict: 'refuse',
};

describe('records that wait for the disk', () => {
  test('are written as they are while there is room', () => {
    const queue = createRecordQueue(1_000_000, clock);
    const records = [connectionRecord('1'), refusalRecord(), drop, connectionRecord('2')];
    for (const record of records) queue.push(record);
    expect(written(queue)).toEqual(records);
  });

  test('are counted together where the disk is behind, with exact sums', () => {
    const queue = createRecordQueue(1_000, clock);
    for (let number = 0; number < 10_000; number += 1) {
      queue.push({ ...connectionRecord(`${number}`), startedAt: noon + number, endedAt: noon + number + 5 });
    }
    const records = written(queue);
    const alone = records.filter(({ kind }) => kind === 'connection').length;
    expect(alone).toBeGreaterThan(0);
    expect(records.slice(alone)).toEqual([
      {
        ...without(connectionRecord('')),
        kind: 'connections',
        client: { ...hmi, port: 0 },
        firstAt: noon + alone,
        lastAt: noon + 10_004,
        count: 10_000 - alone,
        bytesFromClient: 1200 * (10_000 - alone),
        bytesFromServer: 2500 * (10_000 - alone),
        requests: 100 * (10_000 - alone),
        responses: 99 * (10_000 - alone),
        refused: 10_000 - alone,
        foldedKinds: 0,
      },
    ]);
    expect(queue.lost()).toBe(0);
    expect(queue.isEmpty()).toBe(true);
  });

  test('are one by one again when the disk has caught up', () => {
    const queue = createRecordQueue(1_000, clock);
    for (let number = 0; number < 100; number += 1) queue.push(connectionRecord(`${number}`));
    written(queue);
    queue.push(connectionRecord('later'));
    expect(written(queue)).toEqual([connectionRecord('later')]);
  });

  test('leave room for acts, which are never counted together', () => {
    const queue = createRecordQueue(1_000, clock);
    for (let number = 0; number < 100; number += 1) queue.push(connectionRecord(`${number}`));
    expect(queue.push(stopped('asked to'))).toBe(true);
    expect(written(queue)).toContainEqual(stopped('asked to'));
  });

  test('take a bounded number of sums, whatever comes: the last holds the others', () => {
    const queue = createRecordQueue(1_000, clock);
    for (let number = 0; number < 10_000; number += 1) {
      const client = { ...hmi, asset: '', address: `10.9.${number >> 8}.${number & 255}` };
      queue.push({ ...connectionRecord(`${number}`), client });
    }
    const records = written(queue);
    expect(records.length).toBeLessThan(OverflowKinds + 10);
    expect(records.at(-1)).toMatchObject({ kind: 'connections', client: { address: '' }, flow: 'C-05/F-02' });
    expect(totals(records).connections).toBe(10_000);
  });
});

test('sum over everything written is what happened, whatever the order of slowness', () => {
  const record = fc.oneof(
    fc.integer({ min: 1, max: 40 }).map((flow) => ({ ...connectionRecord('c'), flow: `F-${flow}` })),
    fc
      .nat({ max: 400 })
      .map((flow) => ({ ...connectionRecord('c'), client: { ...hmi, address: `${flow}` } })),
    fc.record({ count: fc.integer({ min: 1, max: 9 }), flow: fc.constantFrom('A', 'B') }).map(refusalRecord),
    fc.nat({ max: 9 }).map((packets): DropRecord => ({ ...drop, packets })),
  );
  const step = fc.oneof(
    record,
    record,
    record,
    fc.constant('written' as const),
    fc.constant('failed' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = createRecordQueue(1_500, clock);
      const happened: EvidenceRecord[] = [];
      const onDisk: EvidenceRecord[] = [];
      for (const one of steps) {
        if (one === 'written') onDisk.push(...writeRun(queue));
        else if (one === 'failed') queue.refuseWaiting(new Error('disk'));
        else {
          happened.push(one);
          queue.push(one);
        }
      }
      onDisk.push(...written(queue));
      expect(totals(onDisk)).toEqual(totals(happened));
      expect(queue.lost()).toBe(0);
    }),
  );
});

function written(queue: RecordQueue): EvidenceRecord[] {
  const all: EvidenceRecord[] = [];
  for (let run = writeRun(queue); run.length > 0; run = writeRun(queue)) all.push(...run);
  return all;
}

function writeRun(queue: RecordQueue): EvidenceRecord[] {
  const run = queue.nextRun();
  queue.done(run);
  return run.map(({ frame }) => {
    const decoded = decodeRecord(frame[4] ?? 0, frame.subarray(5, frame.length - 4));
    if (!decoded.ok) throw new Error(decoded.problem);
    return decoded.record;
  });
}

function without({ id: _, startedAt: __, endedAt: ___, ...rest }: ReturnType<typeof connectionRecord>) {
  return rest;
}

function totals(records: readonly EvidenceRecord[]) {
  const sum = (count: (record: EvidenceRecord) => number): number =>
    records.reduce((total, record) => total + count(record), 0);
  const of = (field: 'requests' | 'responses' | 'refused' | 'bytesFromClient') => (record: EvidenceRecord) =>
    record.kind === 'connection' || record.kind === 'connections' ? record[field] : 0;
  return {
    connections: sum((one) => (one.kind === 'connection' ? 1 : one.kind === 'connections' ? one.count : 0)),
    requests: sum(of('requests')),
    responses: sum(of('responses')),
    refused: sum(of('refused')),
    bytes: sum(of('bytesFromClient')),
    refusals: sum((one) => (one.kind === 'refusal' ? one.count : 0)),
    packets: sum((one) => (one.kind === 'drop' ? one.packets : 0)),
  };
}
