import { expect, test } from 'vitest';
import { dropRecords } from '../../../gateway/engine/drop-records.ts';
import { describeRecord } from '../../../gateway/evidence/describe-record.ts';
import { asset, policyOf } from '../enforce/policies.ts';

const policy = policyOf({ assets: [asset('pc', 'office', '10.1.0.10/32')] });
const drop = (prefix: string) => ({
  prefix,
  indev: 'a0',
  outdev: 'b0',
  src: '10.1.0.10',
  dst: '10.2.0.40',
  protocol: 6,
  sport: 40_000,
  dport: 80,
  count: 3,
});
const recordsOf = (...prefixes: readonly string[]) =>
  dropRecords({ kind: 'drops', drops: prefixes.map(drop), others: 0, lost: 0 }, policy, 5_000);

test('what was refused and what passed an audit stage only are told apart', () => {
  const [refused, passed] = recordsOf('pst no-flow office>plant', 'pst audit no-flow office>plant');
  expect(refused).toMatchObject({ reason: 'no-flow', verdict: 'refuse', source: { asset: 'pc' } });
  expect(passed).toMatchObject({ reason: 'no-flow', verdict: 'would-refuse', packets: 3 });
});

test('people read of each what became of it', () => {
  const [refused, passed] = recordsOf('pst no-flow office>plant', 'pst audit no-flow office>plant').map(
    (record) => describeRecord(record),
  );
  expect(refused).toMatch(/^drop a0 pc .* no-flow/);
  expect(passed).toMatch(/^passed under audit a0 pc .* no-flow/);
});

test('a prefix that is not ours stands for itself', () => {
  expect(recordsOf('IN-DROP')).toMatchObject([{ reason: 'IN-DROP', verdict: 'refuse' }]);
});
