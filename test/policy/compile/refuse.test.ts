import { expect, test } from 'vitest';
import { type Walked, walk } from '../../../rules/nft/walk.ts';
import { firstPacket, type Packet } from '../../../rules/nft/walk-packet.ts';
import { readTable } from '../../../rules/nft/walk-table.ts';
import { compileText } from './compile-text.ts';

const model = `apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: small, suc: Test, owner: ot@small.example, policy_version: 3, reviewed: 2026-06-01}
gateways:
  gw:
    interfaces:
      a0: {zone: office, address: 10.1.0.1/24}
      b0: {zone: plant, address: 10.2.0.1/24}
    deny_action: {tcp: reset, udp: drop}
bundle: {valid_for: P1Y}
zones:
  office:
    kind: control
    networks: [10.1.0.0/24]
    sl_t: {level: 1, rationale: Test}
    assets: {pc: {ip: 10.1.0.10, type: engineering, criticality: low}}
  plant:
    kind: control
    networks: [10.2.0.0/24]
    sl_t: {level: 1, rationale: Test}
    assets: {plc: {ip: 10.2.0.10, type: plc, criticality: high}}
conduits:
  C-01:
    name: Pages
    from: office
    to: plant
    sl_t: {level: 1, rationale: Test}
    purpose: Test
    owner: ot@small.example
    flows:
      F-01: {src: pc, dst: plc, proto: tcp, port: 443, ticket: T-1}
`;
const { nft } = compileText(model).policies.get('gw')!;
const request = {
  ...{ iifname: 'a0', oifname: 'b0', source: '10.1.0.10', destination: '10.2.0.10' },
  ...{ protocol: 'tcp', sourcePort: 40_000, tcpFlags: ['ack'] },
  connection: { state: 'established', direction: 'original', mark: 0 },
} as const;

test('whom no flow permits is told, while the table stands', () => {
  expect(led({ ...request, destinationPort: 443 })).toMatchObject({ verdict: 'accepted' });
  expect(led({ ...request, destinationPort: 80 })).toMatchObject({ verdict: 'refused', chain: 'told' });
});

test('while somebody deletes the table, and its maps are empty before its rules are gone, nobody is reset', () => {
  expect(led({ ...request, destinationPort: 443 }, true)).toMatchObject({
    verdict: 'refused',
    chain: 'refuse',
  });
});

function led(packet: Parameters<typeof firstPacket>[0] & Partial<Packet>, areMapsEmpty = false): Walked {
  const table = readTable(JSON.parse(nft));
  const isMap = (name: string) => nft.includes(`"map":{"family":"inet","table":"penstock","name":"${name}"`);
  const sets = [...table.sets].map(
    ([name, elements]) => [name, areMapsEmpty && isMap(name) ? [] : elements] as const,
  );
  return walk({ ...table, sets: new Map(sets) }, firstPacket(packet));
}
