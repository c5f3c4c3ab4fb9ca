import { expect, test } from 'vitest';
import { findProblem } from '../../../rules/bundle/codec.ts';
import { renderGates } from '../../../rules/nft/gates.ts';
import { walk } from '../../../rules/nft/walk.ts';
import { firstPacket, type Packet } from '../../../rules/nft/walk-packet.ts';
import { readTable } from '../../../rules/nft/walk-table.ts';
import type { Policy } from '../../../rules/policy.ts';
import { compileText, Today } from './compile-text.ts';

/** Two boxes: only the first has a leg where the vendor comes in. */
const site = `apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: small, suc: Test, owner: ot@small.example, policy_version: 3, reviewed: 2026-06-01}
gateways:
  gw:
    interfaces:
      a0: {zone: dmz, address: 10.1.0.1/24}
      b0: {zone: plant, address: 10.2.0.1/24}
    egress: {log: {to: plc, port: 22, proto: tcp}}
  gx:
    interfaces:
      b0: {zone: plant, address: 10.2.0.2/24}
      c0: {zone: cell, address: 10.3.0.1/24}
zones:
  dmz:
    kind: dmz
    networks: [10.1.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets: {jump: {ip: 10.1.0.10, criticality: low}}
  plant:
    kind: control
    networks: [10.2.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets: {plc: {ip: [10.2.0.30, 10.2.0.31], criticality: high}}
  cell:
    kind: control
    networks: [10.3.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets: {robot: {ip: 10.3.0.30, criticality: high}}
modbus_profiles:
  read: {allow: [{fc: [3], units: [1], address: 0-9}]}
conduits:
  C-01:
    from: dmz
    to: plant
    sl_t: {level: 1, rationale: test}
    purpose: Test
    ticket: T-1
    flows: {F-01: {src: jump, dst: plc, proto: tcp, port: 3389, requires: session}}
  C-02:
    from: plant
    to: cell
    sl_t: {level: 1, rationale: test}
    purpose: Test
    ticket: T-1
    flows: {F-01: {src: plc, dst: robot, proto: tcp, port: 22}}
vendor_access:
  maker:
    company: Maker
    people: [{id: ann@maker.example}, {id: bob@maker.example, mfa: off}]
    entry: {zone: dmz, asset: jump}
    opens: [C-01/F-01]
    targets: [{asset: plc, port: 502, modbus: read}, {asset: plc, port: 22}]
    approval: {role: shift-lead}
    limits: {max_duration: PT4H, idle: PT15M, concurrent: 1, window: "mon-fri 07:00-16:00", tz: Europe/Stockholm}
    contract_ends: 2027-03-31
    record: [session, bytes]
modes: {normal: {}, island: {keep: [C-01, C-02]}}
`;
const { policies, findings } = compileText(site);
const policy = policies.get('gw')!;

test('a vendor is in the policy of the box it comes in by, with its terms', () => {
  expect(findings).toEqual([]);
  expect(policies.get('gx')?.vendors).toEqual([]);
  expect(policy.vendors).toMatchObject([
    {
      id: 'maker',
      people: [
        { id: 'ann@maker.example', mfa: true },
        { id: 'bob@maker.example', mfa: false },
      ],
      entry: { asset: 'jump', zone: 'dmz', prefixes: ['10.1.0.10/32'] },
      opens: ['C-01/F-01'],
      approval: { role: 'shift-lead', second: '' },
      limits: { maxDuration: 14_400_000, idle: 900_000, concurrent: 1 },
      record: ['bytes'],
    },
  ]);
});

test('its targets are flows of one device and port that a session opens, in the window and up to the end of the contract', () => {
  const [first, second] = policy.vendors[0]!.targets;
  expect(first).toMatchObject({
    id: 'maker/plc.502',
    conduit: 'maker',
    sources: [{ asset: 'jump' }],
    destinations: [{ asset: 'plc', zone: 'plant', prefixes: ['10.2.0.30/32', '10.2.0.31/32'] }],
    protocol: 'tcp',
    ports: [{ first: 502, last: 502 }],
    profile: 'read',
    gate: {
      opensAt: 0,
      closesAt: Date.UTC(2027, 2, 31),
      schedule: { days: [1, 2, 3, 4, 5], from: 420, to: 960, timeZone: 'Europe/Stockholm' },
      session: true,
    },
  });
  expect(second).toMatchObject({ id: 'maker/plc.22', profile: '' });
  const numbers = [...policy.flows, first!, second!].map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('a profile that only a target names is in the policy', () => {
  expect(policy.profiles.map(({ name }) => name)).toEqual(['read']);
});

test('a policy says its vendors in one way only', () => {
  const wrong = (change: (vendor: Policy['vendors'][number]) => object): string | undefined =>
    findProblem({
      ...policy,
      vendors: policy.vendors.map((vendor) => ({ ...vendor, ...change(vendor) })),
    });
  const target = (change: object) =>
    wrong(({ targets: [first, ...rest] }) => ({ targets: [{ ...first!, ...change }, ...rest] }));
  const gate = policy.vendors[0]!.targets[0]!.gate!;
  expect(findProblem(policy)).toBeUndefined();
  expect(findProblem({ ...policy, vendors: [...policy.vendors, ...policy.vendors] })).toMatch(/occurs twice/);
  expect(
    wrong(() => ({
      people: [
        { id: 'a', mfa: true },
        { id: 'A', mfa: false },
      ],
    })),
  ).toMatch(/occurs twice/);
  expect(wrong(() => ({ opens: ['C-09/F-01'] }))).toMatch(/no flow that waits/);
  expect(wrong(() => ({ entry: { asset: 'jump', zone: 'plant', prefixes: ['10.1.0.10/32'] } }))).toMatch(
    /not in zone/,
  );
  expect(wrong(() => ({ entry: { asset: '', zone: 'moon', prefixes: ['10.1.0.10/32'] } }))).toMatch(
    /no zone/,
  );
  expect(wrong(() => ({ approval: { role: 'a', second: 'a' } }))).toMatch(/both approvals/);
  expect(wrong(() => ({ approval: { role: '', second: 'a' } }))).toMatch(/without a first/);
  expect(wrong(() => ({ record: ['bytes', 'bytes'] }))).toMatch(/recorded twice/);
  expect(target({ number: policy.flows[0]!.number })).toMatch(/number .* occurs twice/);
  expect(target({ id: 'maker/plc.22' })).toMatch(/not named after/);
  expect(target({ conduit: 'C-01' })).toMatch(/not named after/);
  expect(target({ gate: undefined })).toMatch(/without a session/);
  expect(target({ gate: { ...gate, session: false } })).toMatch(/without a session/);
  expect(target({ gate: { ...gate, opensAt: 9 } })).toMatch(/opens at a date/);
  expect(target({ profile: 'moon' })).toMatch(/no profile/);
  expect(target({ ports: [{ first: 502, last: 503 }] })).toMatch(/not one TCP port/);
  expect(target({ protocol: 'udp' })).toMatch(/not one TCP port/);
  expect(target({ essential: true })).toMatch(/only flows of conduits/);
  expect(target({ sources: [{ asset: '', zone: 'dmz', prefixes: ['0.0.0.0/0'] }] })).toMatch(/not the entry/);
  const wide = { asset: 'plc', zone: 'plant', prefixes: ['10.2.0.0/24'] };
  expect(target({ destinations: [wide] })).toMatch(/not addresses of IPv4 hosts/);
  expect(target({ destinations: [wide, wide] })).toMatch(/not one destination/);
});

const Inspectors = 986;
const sent: Partial<Packet> = { iifname: '', oifname: 'b0', source: '10.2.0.1', destination: '10.2.0.30' };
const heard: Partial<Packet> = { iifname: 'b0', oifname: '', source: '10.2.0.30', destination: '10.2.0.1' };
const ports = { sourcePort: 40_000, destinationPort: 502 };
const back = { sourcePort: 502, destinationPort: 40_000, tcpFlags: ['ack'], connection: replied() };

test.for<[string, Partial<Packet>, string, string]>([
  ['what the inspectors dial', { ...sent, ...ports, uid: Inspectors }, 'accepted', ''],
  ['what anybody else dials', { ...sent, ...ports, uid: 987 }, 'refused', 'no-egress'],
  ['another port', { ...sent, ...ports, destinationPort: 503, uid: Inspectors }, 'refused', 'no-egress'],
  [
    'another address of the box',
    { ...sent, ...ports, source: '10.1.0.1', uid: Inspectors },
    'refused',
    'no-egress',
  ],
  ['another device', { ...sent, ...ports, oifname: 'a0', uid: Inspectors }, 'refused', 'no-egress'],
  [
    'the last words of what nobody holds any more',
    { ...sent, ...ports, tcpFlags: ['fin', 'ack'] },
    'accepted',
    '',
  ],
  ['a beginning by nobody', { ...sent, ...ports }, 'refused', 'no-egress'],
  ['an answer', { ...heard, ...back }, 'accepted', ''],
  ['what the device begins', { ...heard, ...back, tcpFlags: ['syn'] }, 'refused', 'no-session'],
  ['an answer from elsewhere', { ...heard, ...back, source: '10.2.0.77' }, 'refused', 'no-service'],
])('%s, while a session leads there', ([, packet, verdict, counter]) => {
  const walked = asked(packet, { seconds: 60 });
  expect([walked.verdict, walked.verdict === 'refused' ? walked.counter : '']).toEqual([verdict, counter]);
});

test('a session that has ended, or a mode, cuts both directions, each with its reason', () => {
  const [question, answer] = [
    { ...sent, ...ports, uid: Inspectors, tcpFlags: ['ack'] },
    { ...heard, ...back },
  ];
  for (const packet of [question, answer]) {
    expect(asked(packet, { seconds: 60 })).toMatchObject({ verdict: 'accepted' });
    expect(asked(packet, { seconds: 0 })).toMatchObject({ verdict: 'refused', counter: 'no-session' });
    expect(asked(packet, { seconds: 60, mode: 'island' })).toMatchObject({
      verdict: 'refused',
      counter: 'mode-cut',
    });
  }
  const reset = { ...question, tcpFlags: ['rst'] };
  expect(asked(reset, { seconds: 0 })).toMatchObject({ verdict: 'accepted' });
});

test('what the box itself may do there it may do with and without a session', () => {
  const log = { ...sent, sourcePort: 40_000, destinationPort: 22, uid: 0 };
  const reply = { ...heard, ...back, sourcePort: 22 };
  for (const packet of [log, reply]) {
    expect(asked(packet, { seconds: 60 })).toMatchObject({ verdict: 'accepted' });
    expect(asked(packet, { seconds: 0 })).toMatchObject({ verdict: 'accepted' });
  }
  expect(asked({ ...log, uid: Inspectors }, { seconds: 0 })).toMatchObject({ counter: 'no-session' });
});

test('no packet through the box is let through by a session: only what the box dials', () => {
  const direct = { iifname: 'a0', oifname: 'b0', source: '10.1.0.10', destination: '10.2.0.30', ...ports };
  expect(asked(direct, { seconds: 60 })).toMatchObject({ verdict: 'refused', counter: 'no-flow' });
});

test('nothing of it stands in the table of a policy that lets nobody in', () => {
  expect(policies.get('gx')?.nft).not.toMatch(/vendor|dialers/);
});

function asked(packet: Partial<Packet>, { seconds, mode = 'normal' }: { seconds: number; mode?: string }) {
  const until = Today + seconds * 1000;
  const open = ['maker/plc.502', 'maker/plc.22'].map((flow) => ({ flow, until }));
  const inTable = { family: 'inet', table: 'penstock' };
  const elements = [
    { add: { element: { ...inTable, name: 'dialers', elem: [Inspectors] } } },
    { add: { element: { ...inTable, name: 'barred', elem: [Inspectors, 987] } } },
    ...(mode === 'normal'
      ? []
      : [
          { flush: { map: { ...inTable, name: 'mode_vendors' } } },
          {
            add: {
              element: {
                ...inTable,
                name: 'mode_vendors',
                elem: [['ipv4', { goto: { target: `mode_vendors/${mode}` } }]],
              },
            },
          },
        ]),
  ];
  const table = readTable(JSON.parse(policy.nft), {
    nftables: [...renderGates(policy, open, Today), ...elements],
  });
  const base = { iifname: '', oifname: '', source: '', destination: '', protocol: 'tcp' } as const;
  return walk(table, firstPacket({ ...base, ...packet }));
}

function replied(): Packet['connection'] {
  return { state: 'established', direction: 'reply', mark: 0 };
}
