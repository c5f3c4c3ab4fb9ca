import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRequired } from '../../groups.ts';
import { runIn } from '../../plant/namespaces/exec.ts';
import { refusedMeanwhile } from '../../soak/attacks/requests.ts';
import { Attacks, aftermath, undergo } from '../../soak/campaign.ts';
import { countsOf } from '../../soak/counts.ts';
import { createOnRecord, type OnRecord } from '../../soak/on-record.ts';
import { openSoakBench, type SoakBench } from '../../soak/soak-bench.ts';
import { lacks } from '../tools.ts';

/** Long enough that each attack is under way, and all of them fit into what a run in CI may take. No time is asserted. */
const Times = { calm: 0.3, attack: 1, patience: 10 };

/** Those after which the engine counts anew come first: what is refused later is held to the evidence in the end. */
const [last, first] = [false, true].map((ends) =>
  Attacks.filter(({ endsEngine = false }) => endsEngine === ends),
);

/** The attacks of every run; the others are for CI. */
const OneOfEachKind = [
  'engine-killed',
  'refused-writes',
  'pending-flood',
  'deaf-client',
  'disk-read-only',
  'table-deleted',
  'inspector-killed',
];

describe.skipIf(lacks('libmodbus'))('while the gateway is attacked, permitted traffic goes on', () => {
  let bench: SoakBench;
  let onRecord: OnRecord;

  beforeAll(async () => {
    bench = await openSoakBench();
    onRecord = createOnRecord(bench);
  });

  afterAll(() => bench?.close());

  for (const attack of [...(first ?? []), ...(last ?? [])]) {
    const tags = OneOfEachKind.includes(attack.name) ? [] : ['deep'];
    test(`${attack.name}: ${attack.what}`, { tags }, async ({ skip }) => {
      const obstacle = attack.obstacle?.(bench) ?? '';
      if (obstacle !== '' && !isRequired('system')) return skip(obstacle);
      const report = await undergo(bench, attack, Times, onRecord);
      expect(report.faults).toEqual([]);
    });
  }

  test('and nothing is lost or let through when it is over', async () => {
    expect(await aftermath(bench, Times)).toEqual([]);
  });

  test('and every refusal is in the evidence when the gateway has stopped', async () => {
    const counts = await countsOf(bench.controlSocket);
    await bench.stop();
    expect(onRecord.missing(counts)).toEqual([]);
  });

  test('and the wire’s judge sees refused requests as soon as nothing holds them back', async () => {
    const { gateway } = bench.network;
    for (const _ of ['sup0', 'proc0']) await runIn(gateway, ['ip', 'rule', 'del', 'priority', '110']);
    await runIn(gateway, ['nft', 'delete', 'table', 'inet', 'penstock']);
    await bench.judge();
    await refusedMeanwhile(bench, 1);
    expect((await bench.judge()).violations).toBeGreaterThan(0);
  });
});
