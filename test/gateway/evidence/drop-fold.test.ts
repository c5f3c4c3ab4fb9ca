import { expect, test } from 'vitest';
import { createDropFold } from '../../../gateway/evidence/drop-fold.ts';
import { FoldInterval, MaxKinds } from '../../../gateway/evidence/fold.ts';
import type { DropRecord } from '../../../rules/record/record.ts';
import { hmi, noon, plc } from './samples.ts';

test('packets of one scan are counted together whatever their source port', () => {
  const fold = createDropFold();
  fold.add(drop(), 0);
  for (let port = 1024; port < 2024; port += 1) {
    expect(fold.add(drop({ source: { ...hmi, port }, lastAt: noon + port }), 1)).toEqual([]);
  }
  expect(fold.flush(FoldInterval)).toMatchObject([{ packets: 1000, lastAt: noon + 2023 }]);
});

test('a scan over all ports becomes at most the bounded number of records, with every packet counted', () => {
  const fold = createDropFold();
  const records: DropRecord[] = [];
  for (let port = 1; port <= 65_535; port += 1) {
    records.push(...fold.add(drop({ destination: { ...plc, port } }), 0));
  }
  records.push(...fold.end());
  expect(records).toHaveLength(MaxKinds + 1);
  expect(records.reduce((total, { packets }) => total + packets, 0)).toBe(65_535);
  expect(records.at(-1)).toMatchObject({ reason: 'no-flow', device: 'sup0', foldedKinds: 10_000 });
});

function drop(changes: Partial<DropRecord> = {}): DropRecord {
  return {
    kind: 'drop',
    firstAt: noon,
    lastAt: noon,
    packets: 1,
    reason: 'no-flow',
    device: 'sup0',
    source: hmi,
    destination: plc,
    protocol: 'tcp',
    foldedKinds: 0,
    verdict: 'refuse',
    ...changes,
  };
}
