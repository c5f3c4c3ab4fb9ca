import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderGates } from '../../../rules/nft/gates.ts';
import { inspectedElements, shardOf } from '../../../rules/nft/inspected.ts';
import { isNftBatch } from '../../../rules/nft/schema.ts';
import { type FlowRule, InspectorShards, type Policy } from '../../../rules/policy.ts';
import { samplePolicy } from '../bundle/sample-policy.ts';

const [inspected, oneWay] = [samplePolicy.flows[0]!, samplePolicy.flows[1]!];
const gate = inspected.gate!;
const plain: FlowRule = { ...inspected, id: 'C-05/F-07', number: 7, profile: '' };
const now = 1_000_000;

test('without a gated flow only the open numbers are emptied', () => {
  const flows = samplePolicy.flows.map((flow) => ({ ...flow, gate: undefined }));
  expect(names(renderGates({ ...samplePolicy, flows }, [], now))).toEqual(['flush alive']);
});

test('an open plain flow is its number, until the second before its end', () => {
  expect(added([plain], [{ flow: plain.id, until: now + 61_999 }])).toEqual([
    ['alive', [{ elem: { val: 7, timeout: 61 } }]],
  ]);
});

test('an open flow without end has no timeout', () => {
  expect(added([plain], [{ flow: plain.id, until: 0 }])).toEqual([['alive', [{ elem: { val: 7 } }]]]);
});

test.for([
  ['that ended', now - 1],
  ['that ends now', now],
  ['with less than a second left', now + 999],
] as const)('a flow %s is not opened', ([, until]) => {
  expect(added([plain], [{ flow: plain.id, until }])).toEqual([]);
});

test('a flow without a gate and a flow nobody knows are not opened', () => {
  const open = [
    { flow: oneWay.id, until: 0 },
    { flow: 'C-99/F-01', until: 0 },
  ];
  expect(added([plain, oneWay], open)).toEqual([]);
});

test('an open inspected flow is diverted on both sides, to the inspector of its server', () => {
  const key = (device: string, ...ends: string[]) => ({ val: { concat: [device, ...ends, 502] } });
  const rest = { timeout: 5, comment: inspected.id };
  const request = { ...key('sup0', '10.20.0.10', '10.30.0.12'), ...rest };
  expect(added([inspected], [{ flow: inspected.id, until: now + 5000 }])).toEqual([
    ['inspected_gated', [{ elem: request }]],
    ['answering_gated', [{ elem: { ...key('eth1.20', '10.30.0.12', '10.20.0.10'), ...rest } }]],
    ['inspectors_gated', [[{ elem: request }, { goto: { target: 'inspector/0' } }]]],
  ]);
});

test('whatever is open, the commands are of our form and empty every set they fill', () => {
  const policy = { ...samplePolicy, flows: [inspected, plain, oneWay] };
  const entry = fc.record({
    flow: fc.constantFrom(inspected.id, plain.id, oneWay.id, 'C-9/F-9'),
    until: fc.integer({ min: 0, max: 2 * now }),
  });
  fc.assert(
    fc.property(fc.array(entry), (open) => {
      const commands = renderGates(policy, open, now);
      expect(isNftBatch({ nftables: [...commands] })).toBe(true);
      const flushed = names(commands).filter((name) => name.startsWith('flush '));
      const filled = names(commands).filter((name) => name.startsWith('add '));
      for (const name of filled) expect(flushed).toContain(name.replace('add', 'flush'));
    }),
  );
});

test('a source inside another and ports that overlap give no two elements for one packet', () => {
  const [source] = inspected.sources;
  const flow: FlowRule = {
    ...inspected,
    sources: [
      { ...source!, prefixes: ['10.20.0.10/32'] },
      { asset: '', zone: source!.zone, prefixes: ['10.20.0.0/24'] },
    ],
    ports: [
      { first: 502, last: 504 },
      { first: 503, last: 510 },
      { first: 502, last: 502 },
    ],
  };
  expect(inspectedElements(flow, samplePolicy.interfaces).inspected.map(({ key }) => key)).toEqual([
    ['sup0', { first: '10.20.0.0', last: '10.20.0.255' }, '10.30.0.12', { first: 502, last: 510 }],
  ]);
});

test('every server has one shard, whichever of its flows asks', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }), (octets) => {
      const shard = shardOf({ asset: 'x', zone: 'y', prefixes: [`${octets.join('.')}/32`] });
      expect(shard).toBe((octets[3] ?? 0) % InspectorShards);
    }),
  );
});

function policyOf(flows: readonly FlowRule[]): Policy {
  return { ...samplePolicy, flows: flows.map((flow) => (flow === oneWay ? flow : { ...flow, gate })) };
}

function added(flows: readonly FlowRule[], open: Parameters<typeof renderGates>[1]) {
  return renderGates(policyOf(flows), open, now).flatMap((command) =>
    'add' in command && 'element' in command.add
      ? [[command.add.element.name, command.add.element.elem] as const]
      : [],
  );
}

function names(commands: ReturnType<typeof renderGates>): readonly string[] {
  return commands.map((command) => {
    if ('flush' in command) {
      return `flush ${'set' in command.flush ? command.flush.set.name : command.flush.map.name}`;
    }
    return 'add' in command && 'element' in command.add ? `add ${command.add.element.name}` : 'other';
  });
}
