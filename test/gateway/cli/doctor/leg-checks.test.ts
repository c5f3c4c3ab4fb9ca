import { describe, expect, test } from 'vitest';
import { checkLegs, checkReturnPaths, type RouteLookup } from '../../../../gateway/cli/doctor/leg-checks.ts';
import type { NetworkDevice } from '../../../../hardware/interfaces.ts';
import type { FlowRule, Policy } from '../../../../rules/policy.ts';
import { asset, gatedFlow, leg, policyOf } from '../../enforce/policies.ts';

describe('the legs of a policy', () => {
  test('are held against the devices of the box, and a missing one names the free ports', () => {
    const policy = policyOf({ interfaces: [leg('eth0', 'supervision'), leg('plc0', 'controllers')] });
    expect(checkLegs(policy, [port('eth0'), port('eth1')])).toMatchObject([
      { state: 'good', what: 'Zone supervision', found: 'eth0 is up' },
      { state: 'note', found: 'plc0 is not there', remedy: expect.stringContaining('eth1') },
    ]);
  });
});

describe('the way back from an asset behind an inline leg', () => {
  test('is good where every peer is its neighbour on the other side', () => {
    expect(checkReturnPaths(flat('192.168.10.10/32'), through('lan0'))).toMatchObject([
      { state: 'good', what: 'Return path of press-1' },
    ]);
  });

  test('is doubted where a peer is outside the asset’s network: its answers go to its own router', () => {
    expect(checkReturnPaths(flat('10.9.0.5/32'), through('lan0'))).toMatchObject([
      {
        state: 'note',
        found: '10.9.0.5 is outside its network',
        remedy: expect.stringContaining('default gateway'),
      },
    ]);
  });

  test('does not exist where both are on the same side of the box', () => {
    expect(checkReturnPaths(flat('192.168.10.10/32'), through('plc0'))).toMatchObject([
      { state: 'note', found: '192.168.10.10 is on the same side' },
    ]);
  });

  test('is not asked about where no leg is inline', () => {
    const policy = flat('192.168.10.10/32');
    const routed = policy.interfaces.map((one) => ({ ...one, attach: 'routed' as const }));
    expect(checkReturnPaths({ ...policy, interfaces: routed }, through('lan0'))).toEqual([]);
  });
});

/** A press behind an inline leg on 192.168.10.0/24, and one peer that may talk to it. */
function flat(peer: string): Policy {
  const flow: FlowRule = {
    ...gatedFlow(1, 'C-01/F-01'),
    gate: undefined,
    sources: [{ asset: 'hmi', zone: 'supervision', prefixes: [peer] }],
    destinations: [{ asset: 'press-1', zone: 'controllers', prefixes: ['192.168.10.71/32'] }],
  };
  return policyOf({
    interfaces: [
      { ...leg('lan0', 'supervision'), address: '192.168.10.2/24' },
      leg('plc0', 'controllers', 'inline'),
    ],
    assets: [asset('press-1', 'controllers', '192.168.10.71')],
    flows: [flow],
  });
}

function through(device: string): RouteLookup {
  return () => device;
}

function port(name: string): NetworkDevice {
  return { name, mac: '', up: true, carrier: true, physical: true, lower: '' };
}
