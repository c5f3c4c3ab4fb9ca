/** @module-tag deep: 200 replacements; bundle.test.ts and enforce/kernel-enforcement.test.ts show that one loses nothing. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mustRunIn, type Running } from '../../plant/namespaces/exec.ts';
import { type Bench, client, openBench } from '../bench.ts';
import { handOver, loadProgram, plusFlow, policyOf, sealed } from './versions.ts';

let bench: Bench;
const running: Running[] = [];

beforeAll(async () => {
  bench = await openBench();
});

afterAll(async () => {
  for (const one of running) await one.stop();
  await bench?.close();
});

/** Starts a role of the load program where an asset lives. */
function load(asset: string, role: string, towards = asset): Running {
  const one = bench.at(asset, process.execPath, loadProgram, role, bench.network.address(towards));
  running.push(one);
  return one;
}

describe('replacing the policy under load', () => {
  test('loses no packet, no connection and no permitted transaction in 200 replacements', async () => {
    await load('plc-intake', 'serve').says(/listening/);
    await load('scada-1', 'sink').says(/listening/);
    await countArrivals();
    const plc = bench.at(
      'plc-dosing',
      process.execPath,
      client('../../plant/plc.ts'),
      '--address',
      bench.network.address('plc-dosing'),
    );
    running.push(plc);
    await plc.says(/listening/);
    const loads = [
      load('eng-ws', 'plain', 'plc-intake'),
      load('scada-1', 'modbus', 'plc-dosing'),
      load('plc-dosing', 'tell', 'scada-1'),
    ];
    for (const one of loads) await one.says(/going/);

    const policies = Variants.map(policyOf);
    const times: number[] = [];
    const digests = new Set<string>();
    for (let round = 0; round < Replacements; round += 1) {
      const bundle = sealed(bench, 11 + round, policies[round % policies.length] ?? bench.site.policy);
      const before = performance.now();
      const answer = await handOver(bench, bundle, 0);
      times.push(performance.now() - before);
      expect(answer).toMatchObject({ ok: true, body: { version: 11 + round } });
      if (answer.ok) digests.add(answer.body.digest);
    }
    expect(digests.size).toBe(Replacements);

    const said = await Promise.all(loads.map(end));
    const tallies = said.flatMap(talliesOf);
    const sorted = times.toSorted((one, other) => one - other);
    console.log(
      `${Replacements} replacements, p50 ${sorted[Replacements / 2]?.toFixed(0)} ms; ${tallies.map(({ name, sent, lost }) => `${name} ${sent} sent ${lost} lost`).join(', ')}`,
    );
    for (const { name, sent, lost } of tallies) {
      expect(sent, name).toBeGreaterThan(Replacements);
      expect(lost, name).toBe(0);
    }
    expect(said.join('')).not.toContain('failed');
    const oneWay = tallies.find(({ name }) => name === 'one-way')?.sent;
    expect(await arrivals()).toBe(oneWay);
    // A lost segment of TCP is sent again and shows nowhere else.
    expect(await refusedPackets()).toEqual(['no-conduit 0', 'no-flow 0', 'one-way 0', 'inspector-lost 0']);
  }, 600_000);
});

/** What nobody answers is counted where it arrives, by that host's kernel: a slow reader loses nothing there. */
async function countArrivals(): Promise<void> {
  const rules = [
    'add table ip arrivals',
    'add chain ip arrivals in { type filter hook prerouting priority raw ; }',
    'add rule ip arrivals in udp dport 514 counter',
  ];
  await mustRunIn(bench.network.of('scada-1'), 'nft', rules.join('; '));
}

async function arrivals(): Promise<number> {
  const listed = await mustRunIn(bench.network.of('scada-1'), 'nft', 'list table ip arrivals');
  return Number(/packets (\d+)/.exec(listed)?.[1]);
}

/** Packets the box refused, of the reasons that a replaced policy could give. */
async function refusedPackets(): Promise<readonly string[]> {
  const listed = await mustRunIn(bench.network.gateway, 'nft', 'list counters table inet penstock');
  return ['no-conduit', 'no-flow', 'one-way', 'inspector-lost'].map(
    (reason) => `${reason} ${new RegExp(`counter ${reason} \\{\\s+packets (\\d+)`).exec(listed)?.[1]}`,
  );
}

const Replacements = 200;

/** Another flow, another port, a profile with other limits, and the model as it is. */
const Variants: readonly ((model: string) => string)[] = [
  plusFlow(8443),
  (model) => model,
  plusFlow(9443),
  (model) => plusFlow(8443)(model).replaceAll('max: 65535', 'max: 60000'),
  (model) => model.replace('F-04: {src: eng-ws, dst: plc-intake, proto: icmp-echo, ticket: T-4}', ''),
];

async function end(one: Running): Promise<string> {
  one.tell('end');
  await one.says(/done/);
  return one.output();
}

function talliesOf(
  output: string,
): readonly { readonly name: string; readonly sent: number; readonly lost: number }[] {
  return [...output.matchAll(/^(\S+) sent (\d+) lost (\d+)$/gm)].map(([, name = '', sent, lost]) => ({
    name,
    sent: Number(sent),
    lost: Number(lost),
  }));
}
