import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Policy } from '../../../rules/policy.ts';
import { mustRunIn, type Running, runIn } from '../../plant/namespaces/exec.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import { type BareBox, batchOf, layBareBox, onePolicy, openEverything } from './bare-box.ts';

/** The compiled rulesets in a real kernel. */
let bare: BareBox;

beforeAll(async () => {
  bare = await layBareBox();
});

afterEach(() => bare.clear());
afterAll(() => bare.destroy());

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
        await bare.load(batchOf(policy));
        expect(await bare.differences([batchOf(policy)])).toEqual([]);
      }
    }
  });

  test('come back as they were sent with every gate open, and open again', async () => {
    for (const policy of policies) {
      const gates = openEverything(policy, 3600);
      await bare.load(batchOf(policy), gates);
      await bare.load(gates);
      expect(await bare.differences([batchOf(policy), gates])).toEqual([]);
    }
  });

  test('can be put back from the text the kernel lists, which is how a failed change is undone', async () => {
    for (const policy of policies) {
      await bare.load(batchOf(policy));
      const listed = await mustRunIn(bare.box, 'nft', 'list', 'table', 'inet', 'penstock');
      await mustRunIn(bare.box, 'nft', 'delete', 'table', 'inet', 'penstock');
      await bare.loadText(listed);
      expect(await bare.differences([batchOf(policy)])).toEqual([]);
    }
  });
});

describe('an open connection', () => {
  const always = 'F-01: {src: pc, dst: plc, proto: tcp, port: 80}';

  test('lives on when its flow is in the next policy too', async () => {
    await bare.load(batchOf(onePolicy(always)));
    const { client, server } = await connect();
    await bare.load(batchOf(onePolicy(`${always}\n      F-02: {src: pc, dst: plc, proto: tcp, port: 81}`)));
    client.tell('cafe');
    await server.says(/got cafe/);
    await client.says(/got cafe/);
  });

  test('ends for both sides when its flow is not in the next policy', async () => {
    await bare.load(batchOf(onePolicy(always)));
    const { client, server } = await connect();
    await bare.load(batchOf(onePolicy('F-01: {src: pc, dst: plc, proto: tcp, port: 81}')));
    client.tell('dead');
    await client.says(/failed ECONNRESET/);
    expect(server.output()).not.toContain('dead');
  });

  test('ends when its permission does, by the kernel alone', async () => {
    const policy = onePolicy(
      always,
      'schedule: {days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-24:00", tz: UTC}',
    );
    await bare.load(batchOf(policy), openEverything(policy, 4));
    const { client, server } = await connect();
    await gone('alive');
    client.tell('dead');
    await client.says(/failed ECONNRESET/);
    expect(server.output()).not.toContain('dead');
  });

  test('is not begun while the gate is shut', async () => {
    await bare.load(
      batchOf(onePolicy(always, 'schedule: {days: [mon], hours: "07:00-16:00", tz: Europe/Stockholm}')),
    );
    await bare.start(bare.plc, 'tcp-listen', '10.2.0.30', 80).says(/listening/);
    await bare.start(bare.pc, 'tcp', '10.2.0.30', 80).says(/failed ECONNREFUSED/);
    expect(await bare.counter('outside-schedule')).toBeGreaterThan(0);
  });

  async function connect(): Promise<{ client: Running; server: Running }> {
    const server = bare.start(bare.plc, 'tcp-listen', '10.2.0.30', 80);
    await server.says(/listening/);
    const client = bare.start(bare.pc, 'tcp', '10.2.0.30', 80);
    client.tell('aa');
    await client.says(/got aa/);
    return { client, server };
  }
});

describe('modelled IPv6', () => {
  beforeAll(() => mustRunIn(bare.pc, 'ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:10'));

  test('passes from its source to its destination and port, and no further', async () => {
    await bare.load(batchOf(ipv6Policy()));
    for (const port of [80, 81])
      await bare.start(bare.plc, 'tcp-listen', 'fd00:b::20', port).says(/listening/);
    await bare.start(bare.pc, 'tcp', 'fd00:b::20', 80).says(/connected/);
    const other = bare.start(bare.pc, 'tcp', 'fd00:b::20', 81);
    await expect.poll(() => bare.counter('no-flow'), { timeout: 20_000 }).toBeGreaterThan(0);
    expect(other.output()).not.toContain('connected');
  });

  test('echo passes where it is modelled, through the box and to it', async () => {
    await bare.load(batchOf(ipv6Policy()));
    await mustRunIn(bare.pc, 'ping', '-6', '-c', '1', '-W', '5', 'fd00:b::30');
    await mustRunIn(bare.pc, 'ping', '-6', '-c', '1', '-W', '5', 'fd00:a::1');
    expect((await runIn(bare.pc, ['ping', '-6', '-c', '1', '-W', '1', 'fd00:b::20'])).status).not.toBe(0);
    await mustRunIn(bare.box, 'ping', '-6', '-c', '1', '-W', '5', 'fd00:b::20');
  });

  test('does not pass with another link-layer address', async () => {
    await bare.load(batchOf(ipv6Policy()));
    await mustRunIn(bare.pc, 'ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99');
    try {
      expect((await runIn(bare.pc, ['ping', '-6', '-c', '1', '-W', '1', 'fd00:b::30'])).status).not.toBe(0);
      expect(await bare.counter('source-mac')).toBeGreaterThan(0);
    } finally {
      await mustRunIn(bare.pc, 'ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:10');
    }
  });

  function ipv6Policy(): Policy {
    const [policy] = compileText(textOf('../../golden/compile/ipv6/zones.yaml')).policies.values();
    if (policy === undefined) throw new Error('no policy');
    return policy;
  }
});

function textOf(model: string): string {
  try {
    return readFileSync(new URL(model, import.meta.url), 'utf8');
  } catch {
    return '';
  }
}

/** Waits until the kernel has let every element of a set go. */
async function gone(set: string): Promise<void> {
  await expect.poll(() => bare.listed('set', set), { timeout: 30_000 }).not.toContain('expires');
}
