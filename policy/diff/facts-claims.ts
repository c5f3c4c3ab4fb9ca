import type { Invariant, PolicyTest, Selection, TrafficSelection } from '../model/claims.ts';
import type { ZoneModel } from '../model/zone-model.ts';
import type { Fact } from './facts.ts';
import { factOf } from './facts-zones.ts';
import { endsText, quoted, setText, timeText } from './words.ts';

/** What the site says must and must not be, and what it has accepted: without a test nobody notices. */
export function claimFacts({ tests, invariants, waivers }: ZoneModel): readonly Fact[] {
  return [
    ...tests.map((one): Fact => {
      const fact = factOf(`test ${quoted(one.name)}`, one.at)('tests and invariants', '', testText(one));
      return { ...fact, effect: 'guard' };
    }),
    ...invariants.map((one): Fact => {
      const fact = factOf(`invariant ${one.id}`, one.at)('tests and invariants', '', invariantText(one));
      return { ...fact, effect: 'guard' };
    }),
    ...waivers.map(({ code, on, reason, owner, until, at }): Fact => {
      const value = `${quoted(reason)}, by ${owner}, until ${timeText(until)}`;
      return { ...factOf(`waiver of ${code} on ${on}`, at)('waivers', '', value), effect: 'leave' };
    }),
  ];
}

function testText(test: PolicyTest): string {
  const { from, to, protocol, port, modbus, given, expect, by, byTarget, because } = test;
  const asked = modbus === undefined ? '' : ` Modbus ${wordsOf(modbus)}`;
  const stated = wordsOf({
    ...given,
    session: given.session?.id,
    mode: given.mode === 'normal' ? undefined : given.mode,
  });
  const result = [
    expect,
    (by?.id ?? byTarget) === '' ? '' : `by ${by?.id ?? byTarget}`,
    because === undefined ? '' : `because ${because}`,
  ];
  return `${from.name} → ${to.name} ${protocol}${port === 0 ? '' : ` ${port}`}${asked}${stated === '' ? '' : ` given ${stated}`}: ${result.filter((text) => text !== '').join(' ')}`;
}

function invariantText(invariant: Invariant): string {
  const to = selectionText(invariant.to);
  switch (invariant.kind) {
    case 'never':
      return `never from ${selectionText(invariant.from)} to ${to}${trafficText(invariant.what)}`;
    case 'only':
      return `from ${selectionText(invariant.from)} to ${to}${trafficText(invariant.what)} only ${setText([...invariant.allow, ...invariant.vendors].map(({ id }) => id)) || 'nothing'}`;
    case 'path':
      return `from ${selectionText(invariant.from)} to ${to} only across ${invariant.mustCross.id}`;
    case 'max-writers':
      return `at most ${invariant.count} may say ${trafficText(invariant.what).trim() || 'anything'} to ${to}`;
  }
}

function selectionText(selection: Selection): string {
  return selection === '*' ? 'anywhere' : endsText(selection);
}

function trafficText(what: TrafficSelection): string {
  const { protocol, ports, modbus } = what;
  const service = [
    protocol ?? '',
    ports.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(', '),
  ];
  const asked = modbus === undefined ? '' : `Modbus ${wordsOf(modbus) || 'of any kind'}`;
  const text = [...service, asked].filter((part) => part !== '').join(' ');
  return text === '' ? '' : ` ${text}`;
}

/** `unit=1 functionCode=6 values=[20]`, whatever is said. */
export function wordsOf(stated: object): string {
  return Object.entries(stated)
    .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
