import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareRulesets } from '../../../rules/nft/compare.ts';
import { renderGates } from '../../../rules/nft/gates.ts';
import { isNftBatch, type NftBatch } from '../../../rules/nft/schema.ts';
import type { Policy } from '../../../rules/policy.ts';
import { mustRunIn, type Running, run, runIn, startIn } from '../../plant/namespaces/exec.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import { client } from '../bench.ts';
import { layTwoHosts } from './two-hosts.ts';

/**
 * Two hosts with a box between them that holds a ruleset given to it by nft alone: no process of ours runs in
 * it, so what is enforced is enforced by the kernel.
 */
export interface BareBox {
  readonly pc: string;
  readonly box: string;
  readonly plc: string;
  /** Gives batches to the kernel as one transaction. */
  readonly load: (...batches: readonly NftBatch[]) => Promise<void>;
  /** The same for a table in nft's own language. */
  readonly loadText: (text: string) => Promise<void>;
  /** How what the kernel holds differs from what it was given. */
  readonly differences: (sent: readonly NftBatch[]) => Promise<readonly string[]>;
  /** Packets of a counter. */
  readonly counter: (name: string) => Promise<number>;
  /** Text of a set or map as listed. */
  readonly listed: (kind: 'set' | 'map', name: string) => Promise<string>;
  /** One end of an exchange; it ends with the test. */
  readonly start: (namespace: string, mode: string, address: string, port: number) => Running;
  /** The same for any command. */
  readonly run: (namespace: string, ...command: readonly string[]) => Running;
  /** Ends what was started and empties the box. */
  readonly clear: () => Promise<void>;
  readonly destroy: () => Promise<void>;
}

export async function layBareBox(): Promise<BareBox> {
  const tag = `pst-rs-${randomBytes(3).toString('hex')}`;
  const [pc, box, plc] = [`${tag}-pc`, `${tag}-box`, `${tag}-plc`];
  const scratch = mkdtempSync(join(tmpdir(), `${tag}-`));
  const running: Running[] = [];
  await layTwoHosts(pc, box, plc);

  /** By a file: nft opens `-` by name, which a pipe of ours does not have. */
  async function nft(commands: string, form: 'json' | 'text'): Promise<void> {
    const file = join(scratch, 'commands');
    writeFileSync(file, commands);
    await mustRunIn(box, 'nft', ...(form === 'json' ? ['-j'] : []), '-f', file);
  }

  function begin(namespace: string, ...command: readonly string[]): Running {
    const one = startIn(namespace, command);
    running.push(one);
    return one;
  }

  return {
    pc,
    box,
    plc,
    load: (...batches) => {
      const commands = batches.flatMap(({ nftables }) => nftables);
      return commands.length === 0 ? Promise.resolve() : nft(JSON.stringify({ nftables: commands }), 'json');
    },
    loadText: (text) => nft(text, 'text'),
    differences: async (sent) =>
      compareRulesets(
        sent,
        JSON.parse(await mustRunIn(box, 'nft', '-j', 'list', 'table', 'inet', 'penstock')),
      ),
    counter: async (name) => {
      const said = await mustRunIn(box, 'nft', 'list', 'counter', 'inet', 'penstock', name);
      return Number(/packets (\d+)/.exec(said)?.[1]);
    },
    listed: (kind, name) => mustRunIn(box, 'nft', 'list', kind, 'inet', 'penstock', name),
    start: (namespace, mode, address, port) =>
      begin(namespace, process.execPath, client('peer.ts'), mode, address, String(port)),
    run: begin,
    clear: async () => {
      for (const one of running.splice(0)) await one.stop();
      await runIn(box, ['nft', 'flush', 'ruleset']);
    },
    destroy: async () => {
      for (const namespace of [pc, box, plc]) await run(['ip', 'netns', 'del', namespace]);
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** The policy of a box between these two hosts, with one conduit from pc to plc. */
export function onePolicy(flows: string, conduit = '', more = ''): Policy {
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
${more}`;
  const [policy] = compileText(text).policies.values();
  if (policy === undefined) throw new Error('no policy');
  return policy;
}

/** The static ruleset of a policy. */
export function batchOf(policy: Policy): NftBatch {
  const batch: unknown = JSON.parse(policy.nft);
  if (!isNftBatch(batch)) throw new Error('not of our form');
  return batch;
}

/** What opens every gate of a policy, and every stage, for so long. */
export function openEverything(policy: Policy, seconds: number): NftBatch {
  const now = 1_000_000;
  const until = now + seconds * 1000;
  const open = [...policy.flows, ...policy.conduits].map(({ id }) => ({ flow: id, until }));
  return { nftables: [...renderGates(policy, open, now)] };
}
