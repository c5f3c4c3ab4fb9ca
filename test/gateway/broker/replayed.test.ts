import { expect, test } from 'vitest';
import { isBroken } from '../../../gateway/evidence/verify/finding.ts';
import { nodeCrypto } from '../../../gateway/evidence/verify/node-crypto.ts';
import { createReplay } from '../../../gateway/evidence/verify/replay.ts';
import { type Bench, openBench } from './bench.ts';

test('what the broker puts on record is found to be in order by who verifies it', async () => {
  const bench = await openBench();
  const first = await bench.opened();
  const channel = await bench.connect(first);
  bench.say({
    what: 'operation',
    channel,
    at: bench.world.wall,
    request: { unit: 1, functionCode: 6, address: 140, quantity: 1, values: [25] },
    write: true,
    outcome: 'passed',
    exceptionCode: 0,
    permission: 'vendor-tuning/1',
    text: 'WRITE holding register 140 (40141): 25, unit 1',
  });
  await bench.pass(1_000);
  await bench.rest();
  const counts = { bytesFromClient: 12, bytesFromServer: 12, requests: 1, writes: 1, refused: 0, pieces: 0 };
  bench.say({ what: 'closed', channel, at: bench.world.wall, reason: 'client-closed', ...counts });
  await bench.rest();
  await bench.pass(3_600_000);
  await bench.rest();
  expect(broken(bench)).toEqual([]);
  expect(bench.acts().map(({ kind }) => kind)).toContain('grantClosed');
  await bench.close();
});

/** What is wrong with the records so far, as an auditor reads them. */
function broken({ records }: Bench): readonly string[] {
  const replay = createReplay(nodeCrypto.sha256);
  for (const [sequence, record] of records.entries()) replay.take(sequence, record);
  return replay
    .end()
    .findings.filter(isBroken)
    .map(({ code, sentence }) => `${code}: ${sentence}`);
}
