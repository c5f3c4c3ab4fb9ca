import { permissionCells, permissionLimits } from '../../rules/modbus/text/permission-text.ts';
import type { Endpoint, FlowRule, Policy, PortRange } from '../../rules/policy.ts';
import { scheduleText } from '../../rules/schedule-text.ts';
import type { AccessChange, Difference } from './difference.ts';
import { compareFacts, type Fact } from './facts.ts';
import { factOf } from './facts-zones.ts';
import { listText, setText, timeText } from './words.ts';

/** A compiled policy, with the name of the file it was read from. */
export interface NamedPolicy {
  readonly file: string;
  readonly policy: Policy;
}

/**
 * What changes when one compiled policy takes the place of another: sentence by sentence, as flows and permissions
 * are written. The same permitted in other words is a change here; only models can be compared as sets.
 */
export function diffPolicies(old: NamedPolicy, next: NamedPolicy): Difference {
  const [before, after] = [sentencesOf(old), sentencesOf(next)];
  const facts = ({ file, policy }: NamedPolicy) => ({ file, facts: factsOfPolicy(policy) });
  return {
    gained: [...after].filter(([key]) => !before.has(key)).map(([, change]) => change),
    lost: [...before].filter(([key]) => !after.has(key)).map(([, change]) => change),
    changes: compareFacts(facts(old), facts(next)),
  };
}

function sentencesOf({ policy, file }: NamedPolicy): ReadonlyMap<string, AccessChange> {
  const sentences = new Map<string, AccessChange>();
  const names = new Map(policy.conduits.map(({ id, name }) => [id, name]));
  const profiles = new Map(policy.profiles.map((profile) => [profile.name, profile]));
  const add = (change: Omit<AccessChange, 'notes' | 'piece'>): void => {
    sentences.set(`${change.by} ${change.sentence}`, { ...change, notes: [], piece: undefined });
  };
  for (const flow of policy.flows) {
    const { owner, ticket, line } = flow.source;
    const rule = {
      group: `${flow.conduit} ${names.get(flow.conduit) ?? ''}`.trim(),
      by: flow.id,
      owner,
      ticket,
    };
    const permissions = profiles.get(flow.profile)?.permissions;
    for (const way of waysOf(flow)) {
      if (permissions === undefined) add({ ...rule, sentence: way, file, line });
      for (const permission of permissions ?? []) {
        const [, functions = '', units = '', places = ''] = permissionCells(permission);
        const said = [`${functions} ${places}`.trim(), units, ...permissionLimits(permission)].join(', ');
        add({ ...rule, sentence: `${way}: ${said}`, file, line: permission.line });
      }
    }
  }
  const own = { group: `gateway ${policy.gateway}`, owner: '', ticket: '', file, line: 0 };
  for (const { name, sources, protocol, ports } of policy.services)
    add({
      ...own,
      by: `service ${name}`,
      sentence: `${endsText(sources)} may reach the box on ${protocol} ${portsText(ports)}`.trim(),
    });
  for (const { name, destinations, protocol, ports } of policy.egress)
    add({
      ...own,
      by: `egress ${name}`,
      sentence: `the box may reach ${endsText(destinations)} on ${protocol} ${portsText(ports)}`.trim(),
    });
  return sentences;
}

/** `hmi-1 may connect to plc-dosing on tcp 502`, for each pair of ends. */
function waysOf({ sources, destinations, protocol, ports }: FlowRule): readonly string[] {
  const service = `${protocol} ${portsText(ports)}`.trim();
  return sources.flatMap((source) =>
    destinations.map((destination) => `${endText(source)} may send ${endText(destination)} on ${service}`),
  );
}

function factsOfPolicy(policy: Policy): readonly Fact[] {
  return [
    ...policy.flows.flatMap(factsOfFlow),
    ...policy.conduits.map(({ id, undeclaredUntil, source }): Fact => {
      const value = undeclaredUntil === 0 ? '' : `passes until ${timeText(undeclaredUntil)}`;
      return { ...factOf(id, placeOf(source))('audit stages', 'undeclared traffic', value), effect: 'leave' };
    }),
    ...policy.modes.flatMap(({ name, keep, keepsAll, recover }): readonly Fact[] => {
      const fact = factOf(`mode ${name}`, Nowhere);
      const kept = keepsAll ? 'everything' : setText(keep) || 'nothing';
      return [
        { ...fact('modes', 'keeps', kept), effect: 'guard' },
        fact('modes', 'reopens in the order', listText(recover)),
      ];
    }),
    ...policy.tests.map(({ name, line, ...test }): Fact => {
      const value = `${test.client} → ${test.server}: ${[test.expect, test.because].filter(Boolean).join(' because ')}`;
      const at = { line, column: 1 };
      return { ...factOf(`test "${name}"`, at)('tests and invariants', '', value), effect: 'guard' };
    }),
    factOf('the bundle', Nowhere)('site', 'end', timeText(policy.notAfter)),
  ];
}

function factsOfFlow({ id, gate, limits, auditUntil, essential, source }: FlowRule): readonly Fact[] {
  const fact = factOf(id, placeOf(source));
  const gated = [
    gate?.session === true ? 'with a granted session' : '',
    gate?.schedule === undefined ? '' : scheduleText(gate.schedule),
    gate === undefined || gate.opensAt === 0 ? '' : `from ${timeText(gate.opensAt)}`,
    gate === undefined || gate.closesAt === 0 ? '' : `until ${timeText(gate.closesAt)}`,
  ];
  return [
    {
      ...fact('schedules and ends', 'opens', gated.filter((text) => text !== '').join(', ')),
      effect: 'guard',
    },
    { ...fact('limits', 'limits', limits === undefined ? '' : JSON.stringify(limits)), effect: 'guard' },
    {
      ...fact(
        'audit stages',
        'what is refused',
        auditUntil === 0 ? '' : `passes until ${timeText(auditUntil)}`,
      ),
      effect: 'leave',
    },
    { ...fact('conduits and flows', 'essential', essential ? 'yes' : ''), effect: 'guard' },
    fact('people', 'owner', source.owner),
    fact('people', 'ticket', source.ticket),
  ];
}

function endText({ asset, zone }: Endpoint): string {
  return asset === '' ? `zone ${zone}` : asset;
}

function endsText(ends: readonly Endpoint[]): string {
  return setText(ends.map(endText));
}

function portsText(ports: readonly PortRange[]): string {
  return ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}

function placeOf({ line, column }: FlowRule['source']): Fact['at'] {
  return { line, column };
}

const Nowhere = { line: 0, column: 0 };
