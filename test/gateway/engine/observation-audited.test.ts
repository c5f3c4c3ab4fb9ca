import { expect, test } from 'vitest';
import { createAudited, MostKinds } from '../../../gateway/engine/observation-audited.ts';
import type { RefusalReport } from '../../../gateway/ipc/reports.ts';

const report: RefusalReport = {
  at: 1000,
  flow: 1,
  flowId: 'C-1/F-1',
  conduit: 'C-1',
  connection: 'a-1',
  client: { address: '10.10.0.10', port: 40_000 },
  server: { address: '10.20.0.20', port: 502 },
  clientAsset: 'hmi-1',
  serverAsset: 'plc-1',
  verdict: 'would-refuse',
  reason: 'address-out-of-range',
  summed: false,
  unit: 1,
  functionCode: 3,
  address: 200,
  quantity: 4,
  exceptionCode: 0,
  rule: '',
  file: '',
  line: 0,
  text: '',
  count: 3,
};
const write = (address: number, value: number, at = 1000): RefusalReport => ({
  ...report,
  functionCode: 6,
  address,
  quantity: 1,
  values: [value],
  at,
});

test('requests are kept apart by address, counted, and taken up again', () => {
  const audited = createAudited([]);
  audited.take(report);
  audited.take({ ...report, at: 2000, client: { address: '10.10.0.10', port: 40_001 } });
  audited.take({ ...report, address: 201 });
  audited.take({ ...report, summed: true });
  const kept = audited.list();
  expect(kept).toMatchObject([
    { address: 200, quantity: 4, count: 6, firstAt: 1000, lastAt: 2000, writes: [] },
    { address: 201, count: 3 },
  ]);
  const next = createAudited(kept);
  next.take(report);
  expect(next.list()).toMatchObject([
    { address: 201, count: 3 },
    { address: 200, count: 9 },
  ]);
});

test('of what is written, the first values are kept and later the lowest and highest, and only those are counted', () => {
  const audited = createAudited([]);
  for (let value = 100; value < 200; value++) audited.take(write(300, value));
  for (const value of [150, 5, 7, 900]) audited.take(write(300, value, 5000));
  const [one] = audited.list();
  expect(one).toMatchObject({ address: 300, count: 104, lastAt: 5000 });
  expect(one?.writes).toEqual([100, 101, 102, 103, 104, 105, 106, 107].map((value) => [value]));
  expect(one?.extremes).toEqual([[5], [900]]);
  const several = createAudited([]);
  for (const values of [
    [5, 5],
    [1, 9],
    [9, 1],
    [5, 6],
  ])
    several.take({ ...write(300, 0), quantity: 2, values });
  expect(several.list()[0]?.extremes).toEqual([
    [1, 9],
    [9, 1],
    [9, 1],
    [1, 9],
  ]);
});

test('who walks through all addresses fills no memory', () => {
  const audited = createAudited([]);
  for (let address = 0; address < 3 * MostKinds; address++) {
    audited.take({ ...report, address });
    audited.take(write(7, 1));
  }
  expect(audited.list()).toHaveLength(MostKinds);
  expect(audited.list().at(-1)).toMatchObject({ functionCode: 6, address: 7, count: 3 * MostKinds });
});
