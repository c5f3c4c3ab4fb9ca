import { vendorTargets } from '../../rules/admission/vendor-targets.ts';
import type { ModbusProfile } from '../../rules/modbus/profile.ts';
import { permissionCells, permissionLimits } from '../../rules/modbus/text/permission-text.ts';
import type { Endpoint, FlowRule, Policy, PortRange } from '../../rules/policy.ts';
import { type AccessChange, type Difference, isSame, type OtherChange } from './difference.ts';
import { compareFacts } from './facts.ts';
import { factsOfPolicy } from './facts-policy.ts';
import { setText } from './words.ts';

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
  const moved = namesThatMoved(old.policy, next.policy);
  const [before, after] = [sentencesOf(old, moved), sentencesOf(next, moved)];
  const facts = ({ file, policy }: NamedPolicy) => ({ file, facts: factsOfPolicy(policy) });
  const told = {
    gained: [...after].filter(([key]) => !before.has(key)).map(([, change]) => change),
    lost: [...before].filter(([key]) => !after.has(key)).map(([, change]) => change),
    changes: compareFacts(facts(old), facts(next)),
  };
  const isUntold = isSame(told) && old.policy.nft !== next.policy.nft;
  return isUntold ? { ...told, changes: [otherRuleset(next)] } : told;
}

/** Names that stand for other addresses than before: their addresses are told with them. */
function namesThatMoved(old: Policy, next: Policy): ReadonlySet<string> {
  const [before, after] = [addressesByName(old), addressesByName(next)];
  return new Set(
    [...before].filter(([name, text]) => (after.get(name) ?? text) !== text).map(([name]) => name),
  );
}

function addressesByName({ flows, vendors, services, egress }: Policy): ReadonlyMap<string, string> {
  const ends = [
    ...[...flows, ...vendorTargets({ vendors })].flatMap(({ sources, destinations }) => [
      ...sources,
      ...destinations,
    ]),
    ...services.flatMap(({ sources }) => sources),
    ...egress.flatMap(({ destinations }) => destinations),
  ];
  return new Map(ends.map((end) => [nameOf(end), setText(end.prefixes)]));
}

/** Whatever nothing here has words for. */
function otherRuleset({ policy, file }: NamedPolicy): OtherChange {
  const about = `gateway ${policy.gateway}`;
  const sentence = `${about}: its kernel ruleset is another one, by how it refuses or by its compiler`;
  return { kind: 'gateways', about, sentence, file, line: 0, needsLook: true };
}

function sentencesOf(
  { policy, file }: NamedPolicy,
  moved: ReadonlySet<string>,
): ReadonlyMap<string, AccessChange> {
  const sentences = new Map<string, AccessChange>();
  const names = new Map([
    ...policy.conduits.map(({ id, name }) => [id, name] as const),
    ...policy.vendors.map(({ id }) => [id, 'in a session'] as const),
  ]);
  const add = (change: Omit<AccessChange, 'notes' | 'piece'>): void => {
    sentences.set(`${change.by} ${change.sentence}`, { ...change, notes: [], piece: undefined });
  };
  const endText = (end: Endpoint): string =>
    moved.has(nameOf(end)) ? `${nameOf(end)} (${setText(end.prefixes)})` : nameOf(end);
  const endsText = (ends: readonly Endpoint[]): string => setText(ends.map(endText));
  for (const flow of [...policy.flows, ...vendorTargets(policy)]) {
    const { owner, ticket, line } = flow.source;
    const rule = {
      group: `${flow.conduit} ${names.get(flow.conduit) ?? ''}`.trim(),
      by: flow.id,
      owner,
      ticket,
    };
    const profiles = profilesOf(policy, flow);
    for (const way of waysOf(flow, endText)) {
      if (profiles.length === 0) add({ ...rule, sentence: way, file, line });
      for (const { profile, when } of profiles) {
        for (const permission of profile.permissions) {
          const [, functions = '', units = '', places = ''] = permissionCells(permission);
          const said = [`${functions} ${places}`.trim(), units, ...permissionLimits(permission), ...when];
          add({ ...rule, sentence: `${way}: ${said.join(', ')}`, file, line: permission.line });
        }
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

/** What a flow is inspected by, and in which mode where that is not its own. */
function profilesOf({ profiles, modes }: Policy, flow: FlowRule) {
  const named = (name: string, when: readonly string[]) =>
    profiles
      .filter((profile) => profile.name === name)
      .map((profile): { profile: ModbusProfile; when: readonly string[] } => ({ profile, when }));
  const replaced = modes.flatMap((mode) =>
    mode.profiles
      .filter((one) => one.flow === flow.id)
      .flatMap(({ profile }) => named(profile, [`while the mode is ${mode.name}`])),
  );
  return [...named(flow.profile, []), ...replaced];
}

/** `hmi-1 may connect to plc-dosing on tcp 502`, for each pair of ends. */
function waysOf(
  { sources, destinations, protocol, ports }: FlowRule,
  endText: (end: Endpoint) => string,
): readonly string[] {
  const service = `${protocol} ${portsText(ports)}`.trim();
  return sources.flatMap((source) =>
    destinations.map((destination) => `${endText(source)} may send ${endText(destination)} on ${service}`),
  );
}

function nameOf({ asset, zone }: Endpoint): string {
  return asset === '' ? `zone ${zone}` : asset;
}

function portsText(ports: readonly PortRange[]): string {
  return ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}
