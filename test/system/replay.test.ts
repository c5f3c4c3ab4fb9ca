import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, startIn } from '../plant/namespaces/exec.ts';
import { penstock } from '../plant/namespaces/site.ts';
import { adu, type Bench, benchModel, client, openBench } from './bench.ts';
import { eventually } from './eventually.ts';
import { lacks } from './tools.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
  const address = bench.network.address('plc-dosing');
  const program = client('../../plant/plc.ts');
  await bench.at('plc-dosing', process.execPath, program, '--address', address).says(/listening/);
});

afterAll(() => bench?.close());

describe.skipIf(lacks('tcpdump'))('the replay of a recorded hour', () => {
  test('refuses what the gateway refused, in the same words and by the same line of the model', async () => {
    const [asked, arrived] = [await record('hmi-1'), await record('plc-dosing')];
    const hmi = bench.at(
      'hmi-1',
      process.execPath,
      client('peer.ts'),
      'tcp',
      bench.network.address('plc-dosing'),
      '502',
    );
    await hmi.says(/connected/);
    hmi.tell(adu(1, 1, '0300000002') + adu(2, 1, '06006e0007') + adu(3, 1, '0300000001'));
    await hmi.says(/000300000005/);
    hmi.tell(adu(4, 1, '06006e0007'));
    await hmi.says(/000400000003/);
    hmi.tell(adu(5, 1, '2b0e0100'));
    await hmi.says(/000500000003/);
    await hmi.stop();
    const said = await replayed(await asked.stop());
    const onRecord = await eventually('both kinds of refusal on record', async () => {
      const refusals = await refusalsOnRecord();
      return refusals.length === 2 ? refusals : undefined;
    });
    expect(said.status).toBe(1);
    const kinds = said.refused.map(({ text, reason, line, count }) => ({ text, reason, line, count }));
    expect(kinds.sort(byText)).toEqual([...onRecord].sort(byText));
    // What went on to the controller is what the policy permits, and nothing else.
    expect(await replayed(await arrived.stop())).toMatchObject({ status: 0, requests: 2, refused: [] });
  });
});

interface Kind {
  readonly text: string;
  readonly reason: string;
  readonly line: number;
  readonly count: number;
}

function byText(one: Kind, other: Kind): number {
  return one.text < other.text ? -1 : 1;
}

/** Records what passes where an asset lives, until it is stopped; then it is the name of the file. */
async function record(asset: string): Promise<{ readonly stop: () => Promise<string> }> {
  const file = join(bench.network.folder, `${asset}.pcap`);
  const filter = ['tcp', 'port', '502'];
  const options = ['-i', 'eth0', '--immediate-mode', '-U', '-Z', 'root', '-w', file];
  const running: Running = startIn(bench.network.of(asset), ['tcpdump', ...options, ...filter]);
  await running.says(/listening on eth0/);
  return {
    stop: async () => {
      await running.stop();
      return file;
    },
  };
}

async function replayed(capture: string) {
  const said = await penstock('replay', benchModel(), capture, '--json');
  const report = JSON.parse(said.stdout) as { readonly requests: number; readonly refused: readonly Kind[] };
  return { status: said.status, ...report };
}

async function refusalsOnRecord(): Promise<readonly Kind[]> {
  const said = await penstock('evidence', 'show', join(bench.site.folder, 'state/evidence'), '--json');
  const lines = said.stdout.split('\n').filter((line) => line !== '');
  const records = lines.map((line) => (JSON.parse(line) as { record?: Kind & { kind: string } }).record);
  return records.flatMap((one) => {
    if (one?.kind !== 'refusal') return [];
    const { text, reason, line, count } = one;
    return [{ text, reason, line, count }];
  });
}
