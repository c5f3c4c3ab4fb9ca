import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { compareRulesets } from '../../../rules/nft/compare.ts';
import { renderGates } from '../../../rules/nft/gates.ts';
import { isNftBatch, type NftBatch } from '../../../rules/nft/schema.ts';
import type { Policy } from '../../../rules/policy.ts';
import { mustRunIn, type Running, run, runIn, startIn } from '../../plant/namespaces/exec.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import { client } from '../bench.ts';
import { layTwoHosts } from './two-hosts.ts';

/**
 * The compiled rulesets in a real kernel, given to it by nft alone: no process of ours runs here, so what
 * is enforced is enforced by the kernel.
 */
const tag = `pst-rs-${randomBytes(3).toString('hex')}`;
const [pc, box, plc] = [`${tag}-pc`, `${tag}-box`, `${tag}-plc`];
const scratch = mkdtempSync(join(tmpdir(), `${tag}-`));
const running: Running[] = [];

beforeAll(() => layTwoHosts(pc, box, plc));

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  await runIn(box, ['nft', 'flush', 'ruleset']);
});

afterAll(async () => {
  for (const namespace of [pc, box, plc]) await run(['ip', 'netns', 'del', namespace]);
  rmSync(scratch, { recursive: true, force: true });
});

const models = [
  ...['waterworks', 'flat-network'].map((name) => `../../../policy/examples/${name}.zones.yaml`),
  ...readdirSync(new URL('../../golden/compile/', import.meta.url)).map(
    (name) => `../../golden/compile/${name}/zones.yaml`,
  ),
].filter((model) => textOf(model) !== '');

describe.for(models)('the rulesets of %s', (model) => {
  const policies = [...compileText(textOf(model)).policies.values()];

  test('come back as they were sent, the first time and the second', async () => {
    for (const policy of policies) {
      for (let round = 0; round < 2; round++) {
        await load(batchOf(policy));
        expect(await differences([batchOf(policy)])).toEqual([]);
      }
    }
  });

  test('come back as they were sent with every gate open, and open again', async () => {
    for (const policy of policies) {
      const gates = openEverything(policy, 3600);
      await load(batchOf(policy), gates);
      await load(gates);
      expect(await differences([batchOf(policy), gates])).toEqual([]);
    }
  });

  test('can be put back from the text the kernel lists, which is how a failed change is undone', async () => {
    for (const policy of policies) {
      await load(batchOf(policy));
      const listed = await mustRunIn(box, 'nft', 'list', 'table', 'inet', 'penstock');
      await mustRunIn(box, 'nft', 'delete', 'table', 'inet', 'penstock');
      await nft(listed, 'text');
      expect(await differences([batchOf(policy)])).toEqual([]);
    }
  });
});

describe('an open connection', () => {
  const always = 'F-01: {src: pc, dst: plc, proto: tcp, port: 80}';

  test('lives on when its flow is in the next policy too', async () => {
    await load(batchOf(policyOf(always)));
    const { client, server } = await connect();
    await load(batchOf(policyOf(`${always}\n      F-02: {src: pc, dst: plc, proto: tcp, port: 81}`)));
    client.tell('cafe');
    await server.says(/got cafe/);
    await client.says(/got cafe/);
  });

  test('ends for both sides when its flow is not in the next policy', async () => {
    await load(batchOf(policyOf(always)));
    const { client, server } = await connect();
    await load(batchOf(policyOf('F-01: {src: pc, dst: plc, proto: tcp, port: 81}')));
    client.tell('dead');
    await client.says(/failed ECONNRESET/);
    expect(server.output()).not.toContain('dead');
  });

  test('ends when its permission does, by the kernel alone', async () => {
    const policy = policyOf(
      always,
      'schedule: {days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-24:00", tz: UTC}',
    );
    await load(batchOf(policy), openEverything(policy, 4));
    const { client, server } = await connect();
    await gone('alive');
    client.tell('dead');
    await client.says(/failed ECONNRESET/);
    expect(server.output()).not.toContain('dead');
  });

  test('is not begun while the gate is shut', async () => {
    await load(
      batchOf(policyOf(always, 'schedule: {days: [mon], hours: "07:00-16:00", tz: Europe/Stockholm}')),
    );
    await start(plc, 'tcp-listen', '10.2.0.30', 80).says(/listening/);
    await start(pc, 'tcp', '10.2.0.30', 80).says(/failed ECONNREFUSED/);
    expect(await counter('outside-schedule')).toBeGreaterThan(0);
  });

  async function connect(): Promise<{ client: Running; server: Running }> {
    const server = start(plc, 'tcp-listen', '10.2.0.30', 80);
    await server.says(/listening/);
    const client = start(pc, 'tcp', '10.2.0.30', 80);
    client.tell('aa');
    await client.says(/got aa/);
    return { client, server };
  }
});

describe('modelled IPv6', () => {
  beforeAll(() => mustRunIn(pc, 'ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:10'));

  test('passes from its source to its destination and port, and no further', async () => {
    await load(batchOf(ipv6Policy()));
    for (const port of [80, 81]) await start(plc, 'tcp-listen', 'fd00:b::20', port).says(/listening/);
    await start(pc, 'tcp', 'fd00:b::20', 80).says(/connected/);
    const other = start(pc, 'tcp', 'fd00:b::20', 81);
    await expect.poll(() => counter('no-flow'), { timeout: 20_000 }).toBeGreaterThan(0);
    expect(other.output()).not.toContain('connected');
  });

  test('echo passes where it is modelled, through the box and to it', async () => {
    await load(batchOf(ipv6Policy()));
    await mustRunIn(pc, 'ping', '-6', '-c', '1', '-W', '5', 'fd00:b::30');
    await mustRunIn(pc, 'ping', '-6', '-c', '1', '-W', '5', 'fd00:a::1');
    expect((await runIn(pc, ['ping', '-6', '-c', '1', '-W', '1', 'fd00:b::20'])).status).not.toBe(0);
    await mustRunIn(box, 'ping', '-6', '-c', '1', '-W', '5', 'fd00:b::20');
  });

  test('does not pass with another link-layer address', async () => {
    await load(batchOf(ipv6Policy()));
    await mustRunIn(pc, 'ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99');
    try {
      expect((await runIn(pc, ['ping', '-6', '-c', '1', '-W', '1', 'fd00:b::30'])).status).not.toBe(0);
      expect(await counter('source-mac')).toBeGreaterThan(0);
    } finally {
      await mustRunIn(pc, 'ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:10');
    }
  });

  function ipv6Policy(): Policy {
    const [policy] = compileText(textOf('../../golden/compile/ipv6/zones.yaml')).policies.values();
    if (policy === undefined) throw new Error('no policy');
    return policy;
  }
});

/** A policy with one conduit from pc to plc. */
function policyOf(flows: string, conduit = ''): Policy {
  const text = `apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: rs, suc: Test, owner: ot@rs.example, policy_version: 1, reviewed: 2026-06-01}
gateways:
  gw:
    interfaces:
      a0: {zone: office, address: 10.1.0.1/24}
      b0: {zone: plant, address: 10.2.0.1/24}
zones:
  office:
    kind: control
    networks: [10.1.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets: {pc: {ip: 10.1.0.10, type: workstation, criticality: low}}
  plant:
    kind: control
    networks: [10.2.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets: {plc: {ip: 10.2.0.30, type: plc, criticality: high}}
conduits:
  C-01:
    from: office
    to: plant
    sl_t: {level: 1, rationale: test}
    purpose: Test
    ticket: T-1
    ${conduit}
    flows:
      ${flows}
`;
  const [policy] = compileText(text).policies.values();
  if (policy === undefined) throw new Error('no policy');
  return policy;
}

function textOf(model: string): string {
  try {
    return readFileSync(new URL(model, import.meta.url), 'utf8');
  } catch {
    return '';
  }
}

function batchOf(policy: Policy): NftBatch {
  const batch: unknown = JSON.parse(policy.nft);
  if (!isNftBatch(batch)) throw new Error('not of our form');
  return batch;
}

function openEverything(policy: Policy, seconds: number): NftBatch {
  const now = 1_000_000;
  const open = policy.flows.map(({ id }) => ({ flow: id, until: now + seconds * 1000 }));
  return { nftables: [...renderGates(policy, open, now)] };
}

/** Gives batches to the kernel as one transaction. */
async function load(...batches: readonly NftBatch[]): Promise<void> {
  await nft(JSON.stringify({ nftables: batches.flatMap(({ nftables }) => nftables) }), 'json');
}

/** By a file: nft opens `-` by name, which a pipe of ours does not have. */
async function nft(commands: string, form: 'json' | 'text'): Promise<void> {
  const file = join(scratch, 'commands');
  writeFileSync(file, commands);
  await mustRunIn(box, 'nft', ...(form === 'json' ? ['-j'] : []), '-f', file);
}

async function differences(sent: readonly NftBatch[]): Promise<readonly string[]> {
  const listed: unknown = JSON.parse(await mustRunIn(box, 'nft', '-j', 'list', 'table', 'inet', 'penstock'));
  return compareRulesets(sent, listed);
}

async function counter(name: string): Promise<number> {
  const said = await mustRunIn(box, 'nft', 'list', 'counter', 'inet', 'penstock', name);
  return Number(/packets (\d+)/.exec(said)?.[1]);
}

/** Waits until the kernel has let every element of a set go. */
async function gone(set: string): Promise<void> {
  await expect
    .poll(() => mustRunIn(box, 'nft', 'list', 'set', 'inet', 'penstock', set), { timeout: 30_000 })
    .not.toContain('expires');
}

function start(namespace: string, mode: string, address: string, port: number): Running {
  const one = startIn(namespace, [process.execPath, client('peer.ts'), mode, address, String(port)]);
  running.push(one);
  return one;
}
