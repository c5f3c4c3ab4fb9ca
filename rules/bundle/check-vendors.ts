import { isHost, parsePrefix } from '../address.ts';
import type { FlowRule, Policy, VendorRule } from '../policy.ts';

/**
 * The first thing in what vendors may ask for that contradicts the rest of a policy, or undefined. A target is
 * reached through the box alone and by nobody else, so it has a narrower form than a flow of a conduit: whatever
 * widened it would be a way for all that no conduit declares.
 */
export function findVendorContradiction(policy: Policy): string | undefined {
  const flows = new Map(policy.flows.map((flow) => [flow.id, flow]));
  const ids = new Set<string>(flows.keys());
  const numbers = new Set(policy.flows.map(({ number }) => number));
  const known: Known = {
    flows,
    zones: new Set(policy.zones.map(({ name }) => name)),
    assets: new Map(policy.assets.map(({ name, zone }) => [name, zone])),
    profiles: new Set(policy.profiles.map(({ name }) => name)),
  };
  const vendors = new Set<string>();
  for (const vendor of policy.vendors) {
    if (vendors.has(vendor.id)) return `vendors: ${vendor.id} occurs twice`;
    vendors.add(vendor.id);
    const problem = wrongVendor(vendor, known);
    if (problem !== undefined) return problem;
    for (const { id, number } of vendor.targets) {
      if (ids.has(id)) return `target ${id}: its id occurs twice`;
      if (numbers.has(number)) return `target ${id}: its number ${number} occurs twice`;
      ids.add(id);
      numbers.add(number);
    }
  }
  return undefined;
}

interface Known {
  readonly flows: ReadonlyMap<string, FlowRule>;
  readonly zones: ReadonlySet<string>;
  /** Zone of each asset. */
  readonly assets: ReadonlyMap<string, string>;
  readonly profiles: ReadonlySet<string>;
}

function wrongVendor(vendor: VendorRule, known: Known): string | undefined {
  const { id, people, entry, opens, targets, approval, record } = vendor;
  const where = `vendor ${id}`;
  // A name is an account: two entries of one could differ in whether they need a second factor.
  const names = people.map((person) => person.id.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `${where}: ${twice} occurs twice`;
  if (names.includes('')) return `${where}: a person without a name`;
  if (!known.zones.has(entry.zone)) return `${where}: no zone ${entry.zone}`;
  if (entry.asset !== '' && known.assets.get(entry.asset) !== entry.zone)
    return `${where}: ${entry.asset} is not in zone ${entry.zone}`;
  const bad = entry.prefixes.find((text) => parsePrefix(text) === undefined);
  if (bad !== undefined) return `${where}: ${bad} is no prefix`;
  if (approval.role === '' && approval.second !== '') return `${where}: a second approval without a first`;
  if (approval.role !== '' && approval.role === approval.second)
    return `${where}: both approvals are by ${approval.role}`;
  if (new Set(record).size !== record.length) return `${where}: something is recorded twice`;
  const opened = opens.find((flow) => known.flows.get(flow)?.gate?.session !== true);
  if (opened !== undefined) return `${where}: ${opened} is no flow that waits for a session`;
  if (new Set(opens).size !== opens.length) return `${where}: a flow is opened twice`;
  for (const target of targets) {
    const problem = wrongTarget(vendor, target, known);
    if (problem !== undefined) return `target ${target.id}: ${problem}`;
  }
  return undefined;
}

function wrongTarget({ id, entry }: VendorRule, target: FlowRule, known: Known): string | undefined {
  const { conduit, sources, destinations, ports, protocol, profile, gate } = target;
  const [destination, ...others] = destinations;
  const [port, ...more] = ports;
  if (destination === undefined || others.length > 0) return 'not one destination';
  if (port === undefined || more.length > 0 || port.first !== port.last || protocol !== 'tcp')
    return 'not one TCP port';
  if (conduit !== id || target.id !== `${id}/${destination.asset}.${port.first}`)
    return 'not named after its vendor, asset and port';
  if (known.assets.get(destination.asset) !== destination.zone)
    return `${destination.asset} is no asset of zone ${destination.zone}`;
  if (!destination.prefixes.every(isIpv4Host)) return 'not addresses of IPv4 hosts';
  if (JSON.stringify(sources) !== JSON.stringify([entry])) return 'its source is not the entry of its vendor';
  if (profile !== '' && !known.profiles.has(profile)) return `no profile ${profile}`;
  if (gate?.session !== true) return 'open without a session';
  if (gate.opensAt !== 0) return 'its gate opens at a date';
  if (gate.schedule !== undefined && gate.schedule.to <= gate.schedule.from)
    return 'its hours end before they begin';
  const hasMore = target.oneWay || target.essential || target.auditUntil !== 0 || target.auditMalformed;
  return hasMore || target.limits !== undefined ? 'what only flows of conduits have' : undefined;
}

function isIpv4Host(text: string): boolean {
  const prefix = parsePrefix(text);
  return prefix?.family === 4 && isHost(prefix);
}
