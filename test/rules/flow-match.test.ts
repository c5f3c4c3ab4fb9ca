import { describe, expect, test } from 'vitest';
import { createFlowMatch, createZoneFinder, type Way } from '../../rules/flow-match.ts';
import type { ConduitRule, FlowRule, Policy } from '../../rules/policy.ts';
import { samplePolicy } from './bundle/sample-policy.ts';

const conduit: ConduitRule = {
  ...samplePolicy.conduits[0]!,
  from: 'supervisory',
  to: 'process',
  oneWay: false,
};
const joined: Policy = { ...samplePolicy, conduits: [conduit] };
const [flow] = samplePolicy.flows;
const way: Way = { protocol: 'tcp', client: '10.20.0.10', server: '10.30.0.12', port: 502 };

describe('a way', () => {
  test('takes every flow that permits its ends and its port, in the order of the policy', () => {
    const policy = withFlows(
      { number: 9, id: 'nine' },
      { number: 2, id: 'two' },
      { protocol: 'udp', id: 'udp' },
    );
    expect(
      createFlowMatch(policy)
        .matching(way)
        .map(({ id }) => id),
    ).toEqual(['nine', 'two']);
  });

  test.for<[string, Partial<Way>]>([
    ['client', { client: '10.20.0.11' }],
    ['server', { server: '10.30.0.13' }],
    ['port below', { port: 501 }],
    ['port above', { port: 504 }],
    ['protocol', { protocol: 'udp' }],
    ['address that is none', { client: 'scada-1' }],
  ])('takes none with another %s', ([, change]) => {
    const policy = withFlows({ ports: [{ first: 502, last: 503 }] });
    expect(createFlowMatch(policy).matching(way)).toHaveLength(1);
    expect(createFlowMatch(policy).matching({ ...way, ...change })).toEqual([]);
  });

  test('of an echo request has no port', () => {
    const policy = withFlows({ protocol: 'icmp-echo', ports: [] });
    expect(createFlowMatch(policy).matching({ ...way, protocol: 'icmp-echo', port: 0 })).toHaveLength(1);
  });
});

describe('a way that no flow permits', () => {
  const back = { ...way, client: way.server, server: way.client };

  test('lacks a flow where a conduit joins the zones, and else a conduit', () => {
    expect(createFlowMatch(joined).whyNone(way)).toBe('no-flow');
    expect(createFlowMatch(joined).whyNone(back)).toBe('no-conduit');
    expect(createFlowMatch(joined).whyNone({ ...way, client: '192.168.1.1' })).toBe('no-conduit');
  });

  test('runs against a one-way conduit', () => {
    const oneWay = { ...conduit, oneWay: true };
    expect(createFlowMatch({ ...samplePolicy, conduits: [oneWay] }).whyNone(back)).toBe('one-way');
  });
});

describe('a zone', () => {
  const leg = { ...samplePolicy.interfaces[0]!, zone: 'office', address: '10.50.0.1/24' };
  const shared = { ...leg, zone: 'lab', address: '', sources: ['10.60.0.0/16'] };
  const policy: Policy = { ...samplePolicy, interfaces: [leg, shared] };

  test.for<[string, string | undefined]>([
    ['10.30.0.12', 'process'],
    ['fd00::12', 'process'],
    ['10.50.0.77', 'office'],
    ['10.60.3.4', 'lab'],
    ['10.61.3.4', undefined],
    ['nowhere', undefined],
  ])('of %s is %s', ([address, zone]) => {
    expect(createZoneFinder(policy)(address)).toBe(zone);
  });
});

function withFlows(...changes: readonly Partial<FlowRule>[]): Policy {
  const ends = {
    sources: [{ asset: 'scada-1', zone: 'supervisory', prefixes: ['10.20.0.10/32'] }],
    destinations: [{ asset: '', zone: 'process', prefixes: ['10.30.0.0/29', '10.30.0.12/32'] }],
    ports: [{ first: 502, last: 502 }],
  };
  return {
    ...samplePolicy,
    flows: changes.map((change) => ({ ...flow!, protocol: 'tcp', ...ends, ...change })),
  };
}
