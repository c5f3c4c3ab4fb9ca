import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mustRunIn, type Running } from '../../plant/namespaces/exec.ts';
import { enforcing } from '../../plant/namespaces/gateway.ts';
import { penstock } from '../../plant/namespaces/site.ts';
import { type Bench, client, openBench } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { handOver, loadProgram, plusFlow, policyOf, sealed } from './versions.ts';

let bench: Bench;
const running: Running[] = [];

beforeAll(async () => {
  bench = await openBench();
});

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

afterAll(() => bench?.close());

function start(asset: string, ...command: readonly string[]): Running {
  const one = bench.at(asset, process.execPath, ...command);
  running.push(one);
  return one;
}

async function plcDosing(): Promise<void> {
  const address = bench.network.address('plc-dosing');
  await start('plc-dosing', client('../../plant/plc.ts'), '--address', address).says(/listening/);
}

function poll(asset: string, ...patience: readonly string[]): Running {
  return start(asset, client('poller.ts'), bench.network.address('plc-dosing'), '502', ...patience);
}

const version = async (): Promise<number | undefined> => (await bench.gateway.status())?.policyVersion;
const table = (): Promise<string> => mustRunIn(bench.network.gateway, 'nft', 'list table inet penstock');

describe('a policy that takes permissions away and is not confirmed', () => {
  test('cuts what it does not permit at once, plain and inspected, leaves the rest, and gives it all back', async () => {
    await plcDosing();
    await start('plc-intake', loadProgram, 'serve', bench.network.address('plc-intake')).says(/listening/);
    const plain = start('eng-ws', client('peer.ts'), 'tcp', bench.network.address('plc-intake'), '443');
    await plain.says(/connected/);
    const [revoked, kept] = [poll('scada-1'), poll('hmi-1', '20000')];
    await revoked.says(/ok /);
    await kept.says(/ok /);

    const less = policyOf((model) =>
      model
        .replace('src: scada-1, dst: [plc-intake, plc-dosing]', 'src: scada-1, dst: plc-intake')
        .replace(/ {6}F-03: .*\n/, ''),
    );
    const answer = await handOver(bench, sealed(bench, 11, less), 8_000);
    expect(answer).toMatchObject({ ok: true, body: { confirmWithin: 8_000, formerVersion: 10 } });
    await revoked.says(/lost \d+ \w+/);
    plain.tell('cafe');
    await plain.says(/failed ECONNRESET|ended/);
    await eventually('the former policy', async () => (await version()) === 10 || undefined);
    const heard = revoked.output().length;
    await revoked.says(new RegExp(`^[^]{${heard},}\\nok `));
    expect(kept.output()).not.toContain('lost');
  });
});

describe('an engine killed while it puts a policy into force', () => {
  test('comes back with the confirmed one at every moment, opens nothing, and its evidence is whole', {
    tags: ['deep'],
  }, async () => {
    const wider = policyOf(plusFlow(8443));
    for (const wait of [0, 40, 100, 200, 350, 600]) {
      const [engine = 0] = await bench.gateway.pids('engine');
      const handed = handOver(bench, sealed(bench, 20, wider), 600_000).catch(() => undefined);
      await delay(wait);
      process.kill(engine, 'SIGKILL');
      await handed;
      await eventually('another engine', async () => {
        const [next] = await bench.gateway.pids('engine');
        return (next !== undefined && next !== engine) || undefined;
      });
      await enforcing(bench.gateway);
      expect(await version(), `killed after ${wait} ms`).toBe(10);
      expect(await table(), `killed after ${wait} ms`).not.toContain('8443 comment "C-01/F-06"');
    }
    const shown = await penstock('evidence', 'show', join(bench.site.folder, 'state', 'evidence'));
    expect(shown.status).toBe(0);
    expect(shown.stdout).toContain('The gateway ended before anybody confirmed it.');
  });
});

describe('a table that somebody else changes', () => {
  test('is put back, and counted', async () => {
    await mustRunIn(bench.network.gateway, 'nft', 'insert rule inet penstock forward counter accept');
    await eventually(
      'a counted change',
      async () => /^penstock_table_changes_total 1$/m.test(await metrics()) || undefined,
    );
    await eventually(
      'the table as it was',
      async () => !(await chain('forward')).includes('counter packets') || undefined,
    );
  });
});

function chain(name: string): Promise<string> {
  return mustRunIn(bench.network.gateway, 'nft', `list chain inet penstock ${name}`);
}

function metrics(): Promise<string> {
  const fetching = `process.stdout.write(await (await fetch('http://127.0.0.1:9464/metrics')).text())`;
  return mustRunIn(bench.network.gateway, process.execPath, '--input-type=module', '-e', fetching);
}
