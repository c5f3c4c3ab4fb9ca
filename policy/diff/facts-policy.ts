import { vendorTargets } from '../../rules/admission/vendor-targets.ts';
import type { FlowRule, ModeRule, Policy, VendorRule } from '../../rules/policy.ts';
import type { PolicyTestRule } from '../../rules/policy-test.ts';
import { scheduleText } from '../../rules/schedule-text.ts';
import type { Fact } from './facts.ts';
import { wordsOf } from './facts-claims.ts';
import { boundsOf } from './facts-profiles.ts';
import { legText } from './facts-site.ts';
import { factOf, modbusText } from './facts-zones.ts';
import { durationText, listText, setText, timeText } from './words.ts';

/** Everything a compiled policy says beside access. */
export function factsOfPolicy(policy: Policy): readonly Fact[] {
  return [
    ...[...policy.flows, ...vendorTargets(policy)].flatMap(factsOfFlow),
    ...policy.vendors.flatMap(factsOfVendor),
    ...policy.conduits.flatMap(factsOfConduit),
    ...policy.profiles.flatMap((profile) => boundsOf(profile, Nowhere)),
    ...policy.modes.flatMap(factsOfMode),
    ...policy.tests.map(factOfTest),
    ...policy.zones.flatMap(({ name, kind, slT }): readonly Fact[] => {
      const fact = factOf(`zone ${name}`, Nowhere);
      return [
        fact('zones and assets', 'kind', kind),
        { ...fact('levels', 'SL-T', String(slT)), effect: 'guard' },
      ];
    }),
    ...policy.assets.flatMap(({ name, zone, addresses, mac, modbus }): readonly Fact[] => {
      const fact = factOf(name, Nowhere);
      return [
        fact('zones and assets', 'zone', zone),
        fact('zones and assets', 'address', setText(addresses)),
        { ...fact('zones and assets', 'MAC address', mac), effect: 'guard' },
        fact('zones and assets', 'how it speaks Modbus', modbusText(modbus)),
      ];
    }),
    factOf(`gateway ${policy.gateway}`, Nowhere)(
      'gateways',
      'interfaces',
      policy.interfaces.map(legText).join('; '),
    ),
    factOf('the bundle', Nowhere)('site', 'end', timeText(policy.notAfter)),
  ];
}

function factOfTest(test: PolicyTestRule): Fact {
  const { name, line, client, server, protocol, port, request, given, expect, by, because } = test;
  const session = given.session || undefined;
  const asked = wordsOf({ protocol, port, ...request, ...given, session });
  const result = [expect, by && `by ${by}`, because && `because ${because}`].filter(Boolean).join(' ');
  const at = { line, column: 1 };
  const value = `${client} → ${server} ${asked}: ${result}`;
  return { ...factOf(`test "${name}"`, at)('tests and invariants', '', value), effect: 'guard' };
}

function factsOfFlow({ id, gate, limits, auditUntil, auditMalformed, essential, source }: FlowRule) {
  const fact = factOf(id, placeOf(source));
  const gated = [
    gate?.session === true ? 'with a granted session' : '',
    gate?.schedule === undefined ? '' : scheduleText(gate.schedule),
    gate === undefined || gate.opensAt === 0 ? '' : `from ${timeText(gate.opensAt)}`,
    gate === undefined || gate.closesAt === 0 ? '' : `until ${timeText(gate.closesAt)}`,
  ];
  const opens = gated.filter((text) => text !== '').join(', ');
  const malformed = auditMalformed ? ', malformed messages included' : '';
  const audit = auditUntil === 0 ? '' : `passes until ${timeText(auditUntil)}${malformed}`;
  const facts: readonly Fact[] = [
    { ...fact('schedules and ends', 'opens', opens), effect: 'guard' },
    { ...fact('limits', 'limits', limits === undefined ? '' : JSON.stringify(limits)), effect: 'guard' },
    { ...fact('audit stages', 'what is refused', audit), effect: 'leave' },
    { ...fact('conduits and flows', 'essential', essential ? 'yes' : ''), effect: 'guard' },
    fact('people', 'owner', source.owner),
    fact('people', 'ticket', source.ticket),
  ];
  return facts;
}

function factsOfConduit(conduit: Policy['conduits'][number]): readonly Fact[] {
  const { id, from, to, oneWay, tolerances, undeclaredUntil, source } = conduit;
  const fact = factOf(id, placeOf(source));
  const undeclared = undeclaredUntil === 0 ? '' : `passes until ${timeText(undeclaredUntil)}`;
  return [
    fact('conduits and flows', 'from', from),
    fact('conduits and flows', 'to', to),
    { ...fact('conduits and flows', 'one way', oneWay ? 'yes' : ''), effect: 'guard' },
    { ...fact('limits', 'tolerated', setText(tolerances)), effect: 'leave' },
    { ...fact('audit stages', 'undeclared traffic', undeclared), effect: 'leave' },
  ];
}

function factsOfMode({ name, keep, keepsAll, recover, profiles }: ModeRule): readonly Fact[] {
  const fact = factOf(`mode ${name}`, Nowhere);
  const kept = keepsAll ? 'everything' : setText(keep) || 'nothing';
  const replaced = profiles.map(({ flow, profile }) => `${flow} by ${profile}`);
  return [
    { ...fact('modes', 'keeps', kept), effect: 'guard' },
    { ...fact('modes', 'judges', setText(replaced)), effect: 'guard' },
    fact('modes', 'reopens in the order', listText(recover)),
  ];
}

function factsOfVendor(vendor: VendorRule): readonly Fact[] {
  const { id, company, people, entry, opens, approval, limits, record, source } = vendor;
  const fact = factOf(`vendor ${id}`, placeOf(source));
  const guard = (what: string, value: string): Fact => ({ ...fact('vendors', what, value), effect: 'guard' });
  const without = people.filter(({ mfa }) => !mfa).map((person) => person.id);
  return [
    fact('vendors', '', company),
    fact('vendors', 'people', setText(people.map((person) => person.id))),
    { ...fact('vendors', 'people without a second factor', setText(without)), effect: 'leave' },
    fact('vendors', 'comes in by', entry.asset || `zone ${entry.zone}`),
    fact('vendors', 'opens', setText(opens)),
    guard('approved by', listText([approval.role, approval.second].filter((role) => role !== ''))),
    guard('longest session', durationText(limits.maxDuration)),
    guard('ends when idle for', durationText(limits.idle)),
    guard('sessions at once', limits.concurrent === 0 ? '' : String(limits.concurrent)),
    guard('on record', setText(record)),
  ];
}

function placeOf({ line, column }: FlowRule['source']): Fact['at'] {
  return { line, column };
}

const Nowhere = { line: 0, column: 0 };
