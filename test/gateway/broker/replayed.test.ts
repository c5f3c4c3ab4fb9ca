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

test('so is what a restart ends, what is extended, refused and ended by a person', async () => {
  const bench = await openBench();
  const { handlers } = bench.broker;
  const refused = await bench.request();
  await handlers['grant-deny']({ grant: refused.id, why: 'not today' }, bench.as('lena'));
  const ended = await bench.opened();
  await handlers['grant-extend'](
    { grant: ended.id, length: 600_000, reason: 'not done yet' },
    bench.as('service-1'),
  );
  await bench.approve(await bench.see(ended.id));
  await bench.connect(ended);
  await bench.pass(1_000);
  await handlers['grant-end']({ grant: ended.id, why: 'lunch' }, bench.as('lena'));
  await bench.rest();
  await bench.pass(2_000);
  await bench.rest();
  const open = await bench.opened();
  await bench.connect(open);
  await bench.restart();
  await bench.rest();
  await bench.pass(20_000);
  await bench.rest();
  expect(broken(bench)).toEqual([]);
  const kinds = bench.acts().map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['grantRefused', 'grantExtended', 'grantClosed']));
  await bench.close();
});

/** What is wrong with the records so far, as an auditor reads them. */
function broken({ records }: Bench): readonly string[] {
  const replay = createReplay(nodeCrypto.sha256);
  for (const [sequence, record] of records.entries()) replay.take(sequence, record);
  return (
    replay
      .end()
      // Recorder and inspector are doubles here: they count what they never put on record.
      .findings.filter((finding) => isBroken(finding) && !/^(chunks|operations)-missing$/.test(finding.code))
      .map(({ code, sentence }) => `${code}: ${sentence}`)
  );
}
