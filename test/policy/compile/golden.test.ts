import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatFinding } from '../../../policy/finding.ts';
import { decodePolicy } from '../../../rules/bundle/codec.ts';
import { encodePolicy } from '../../../rules/bundle/payload.ts';
import { isNftBatch, type NftBatch } from '../../../rules/nft/schema.ts';
import { describeBatch } from '../../../rules/nft/text.ts';
import type { Endpoint, FlowRule, Gate, Policy } from '../../../rules/policy.ts';
import { formatTime } from '../../../rules/time.ts';
import { compileText } from './compile-text.ts';
import { describeModbus } from './describe-modbus.ts';

const golden = new URL('../../golden/compile/', import.meta.url);
const examples = new URL('../../../policy/examples/', import.meta.url);

/** The shipped examples and every folder under test/golden/compile that has a model of its own. */
const cases = [
  ...['waterworks', 'flat-network'].map((name) => ({
    name,
    model: new URL(`${name}.zones.yaml`, examples),
  })),
  { name: 'modbus', model: new URL('../lint/ok/modbus-everything.yaml', golden) },
  ...readdirSync(golden)
    .map((name) => ({ name, model: new URL(`${name}/zones.yaml`, golden) }))
    .filter(({ model }) => readOrNothing(model) !== ''),
].map((one) => ({ ...one, text: readFileSync(one.model, 'utf8') }));

test('there are golden cases', () => {
  expect(cases.map(({ name }) => name)).toContain('gates');
});

test.for(cases)('$name compiles to what it did (vitest run -u writes it anew)', async ({ name, text }) => {
  const { findings, policies } = compileText(text);
  const said = findings.map((finding) => `${formatFinding(finding)}\n`).join('');
  await expect(said).toMatchFileSnapshot(path(name, 'findings.txt'));
  for (const [gateway, policy] of policies) {
    const prefix = policies.size === 1 ? '' : `${gateway}.`;
    await expect(describeFlows(policy)).toMatchFileSnapshot(path(name, `${prefix}flows.txt`));
    await expect(describeModbus(policy)).toMatchFileSnapshot(path(name, `${prefix}modbus.txt`));
    await expect(describeBatch(batchOf(policy))).toMatchFileSnapshot(path(name, `${prefix}ruleset.txt`));
  }
});

test.for(cases)('the policies of $name survive their bundle', ({ text }) => {
  for (const policy of compileText(text).policies.values()) {
    expect(decodePolicy(encodePolicy(policy))).toEqual({ ok: true, policy });
  }
});

function path(name: string, file: string): string {
  return new URL(`${name}/${file}`, golden).pathname;
}

function readOrNothing(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function batchOf(policy: Policy): NftBatch {
  const batch: unknown = JSON.parse(policy.nft);
  if (!isNftBatch(batch)) throw new Error('not of our form');
  return batch;
}

function describeFlows(policy: Policy): string {
  return policy.flows.map((flow) => `${describeFlow(flow)}\n`).join('');
}

function describeFlow(flow: FlowRule): string {
  const ends = (list: readonly Endpoint[]) =>
    list.map(({ asset, zone, prefixes }) => `${asset || zone}=${prefixes.join('|')}`).join(' ');
  const ports = flow.ports.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(',');
  return [
    `${flow.number} ${flow.id} ${flow.protocol} ${ports}`,
    `  from ${ends(flow.sources)}`,
    `  to ${ends(flow.destinations)}`,
    `  ${flow.profile || 'not inspected'}${flow.oneWay ? ', one way' : ''}${flow.essential ? ', essential' : ''}`,
    ...(flow.auditUntil === 0
      ? []
      : [`  audit until ${formatTime(flow.auditUntil)}${flow.auditMalformed ? ', malformed ADUs too' : ''}`]),
    ...(flow.gate === undefined ? [] : [`  ${describeGate(flow.gate)}`]),
    `  ${flow.source.file}:${flow.source.line} ${flow.source.owner} ${flow.source.ticket} ${flow.source.sr.join(', ')}`,
  ].join('\n');
}

function describeGate({ opensAt, closesAt, schedule, session }: Gate): string {
  const time = (millis: number) => (millis === 0 ? 'any time' : formatTime(millis));
  const hours =
    schedule === undefined
      ? ''
      : ` on days ${schedule.days.join(' ')} from ${schedule.from} to ${schedule.to} in ${schedule.timeZone}`;
  return `gate from ${time(opensAt)} to ${time(closesAt)}${hours}${session ? ' with a session' : ''}`;
}
