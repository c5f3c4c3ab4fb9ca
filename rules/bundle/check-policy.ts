import { parseAddressOnNetwork, parsePrefix } from '../address.ts';
import { vendorTargets } from '../admission/vendor-targets.ts';
import type { AssetRule, Endpoint, FlowRule, Policy, PortRange } from '../policy.ts';
import { findProfileContradiction } from './check-profile.ts';
import { findVendorContradiction } from './check-vendors.ts';

/**
 * The first thing in a policy that contradicts itself, as `where: what`, or undefined. Ranges of single
 * fields are the schema's; here stand the rules between fields, so that no two readers of one policy can
 * take it differently.
 */
export function findContradiction(policy: Policy): string | undefined {
  const conduits = new Map(policy.conduits.map((conduit) => [conduit.id, conduit]));
  const zones = new Set(policy.zones.map(({ name }) => name));
  const profiles = new Set(policy.profiles.map(({ name }) => name));
  const flows = new Map(policy.flows.map((flow) => [flow.id, flow]));
  const assets = new Set(policy.assets.map(({ name }) => name));
  const targets = new Set(vendorTargets(policy).map(({ id }) => id));
  return firstOf([
    () => (policy.modelDigest.length === 32 ? undefined : 'modelDigest: not a SHA-256 digest'),
    () => (policy.notAfter > policy.notBefore ? undefined : 'notAfter: not later than notBefore'),
    () => repeated('zones', policy.zones, ({ name }) => name),
    () => repeated('assets', policy.assets, ({ name }) => name),
    () => repeated('conduits', policy.conduits, ({ id }) => id),
    () => repeated('flows', policy.flows, ({ id }) => id),
    () => repeated('flow numbers', policy.flows, ({ number }) => String(number)),
    () => repeated('profiles', policy.profiles, ({ name }) => name),
    () => repeated('services', policy.services, ({ name }) => name),
    () => repeated('egress', policy.egress, ({ name }) => name),
    () => repeated('modes', policy.modes, ({ name }) => name),
    ...policy.interfaces.map((leg) => () => {
      if (!zones.has(leg.zone)) return `interface ${leg.device}: no zone ${leg.zone}`;
      if (leg.address !== '' && parseAddressOnNetwork(leg.address) === undefined)
        return `interface ${leg.device}: ${leg.address} is no address with prefix length`;
      return badPrefix(`interface ${leg.device}`, leg.sources);
    }),
    ...policy.assets.map((asset) => () => {
      if (!zones.has(asset.zone)) return `asset ${asset.name}: no zone ${asset.zone}`;
      return badPrefix(`asset ${asset.name}`, asset.addresses) ?? wrongLine(asset);
    }),
    () => repeated('serial ports', serialLines(policy.assets), ({ port }) => port),
    ...policy.conduits.map((conduit) => () => {
      const missing = [conduit.from, conduit.to].find((zone) => !zones.has(zone));
      if (missing !== undefined) return `conduit ${conduit.id}: no zone ${missing}`;
      return repeated(`tolerances of conduit ${conduit.id}`, conduit.tolerances, (name) => name);
    }),
    ...policy.flows.map((flow) => () => {
      const conduit = conduits.get(flow.conduit);
      if (conduit === undefined) return `flow ${flow.id}: no conduit ${flow.conduit}`;
      if (conduit.oneWay !== flow.oneWay) return `flow ${flow.id}: one-way differs from its conduit`;
      return (
        wrongFlow(flow, profiles) ??
        wrongSide(`flow ${flow.id}`, flow.sources, conduit.from) ??
        wrongSide(`flow ${flow.id}`, flow.destinations, conduit.to)
      );
    }),
    () => findProfileContradiction(policy.profiles),
    ...policy.services.map((service) => () => {
      const where = `service ${service.name}`;
      return wrongPorts(where, service.protocol, service.ports) ?? wrongSide(where, service.sources);
    }),
    ...policy.egress.map((egress) => () => {
      const where = `egress ${egress.name}`;
      return wrongPorts(where, egress.protocol, egress.ports) ?? wrongSide(where, egress.destinations);
    }),
    ...policy.modes.map((mode) => () => {
      const named = [...mode.keep, ...mode.recover, ...mode.profiles.map(({ flow }) => flow)];
      const unknown = named.find((id) => !flows.has(id));
      if (unknown !== undefined) return `mode ${mode.name}: no flow ${unknown}`;
      const profile = mode.profiles.find((change) => !profiles.has(change.profile));
      return profile === undefined ? undefined : `mode ${mode.name}: no profile ${profile.profile}`;
    }),
    () => findVendorContradiction(policy),
    ...policy.tests.map((test) => () => {
      const where = `test ${test.name}`;
      const stranger = [test.client, test.server].find((name) => !assets.has(name));
      if (stranger !== undefined) return `${where}: no asset ${stranger}`;
      if (test.by !== '' && !flows.has(test.by) && !targets.has(test.by))
        return `${where}: no flow ${test.by}`;
      const { session } = test.given;
      if (session !== '' && !policy.vendors.some(({ id }) => id === session))
        return `${where}: no vendor ${session}`;
      return policy.modes.some(({ name }) => name === test.given.mode)
        ? undefined
        : `${where}: no mode ${test.given.mode}`;
    }),
  ]);
}

type Check = () => string | undefined;

function firstOf(checks: readonly Check[]): string | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function repeated<T>(where: string, items: readonly T[], key: (item: T) => string): string | undefined {
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(key(item))) return `${where}: ${key(item)} occurs twice`;
    seen.add(key(item));
  }
  return undefined;
}

function wrongFlow(flow: FlowRule, profiles: ReadonlySet<string>): string | undefined {
  const where = `flow ${flow.id}`;
  if (flow.profile !== '') {
    if (!profiles.has(flow.profile)) return `${where}: no profile ${flow.profile}`;
    if (flow.protocol !== 'tcp') return `${where}: only TCP can be inspected`;
  }
  if (flow.auditMalformed && flow.auditUntil === 0)
    return `${where}: malformed may pass, and it has no audit stage`;
  // A one-way conduit is a software diode: TCP needs the way back (62443-3-3 SR 5.2).
  if (flow.oneWay && flow.protocol !== 'udp') return `${where}: only UDP can be one-way`;
  const gate = flow.gate;
  if (gate !== undefined) {
    if (gate.closesAt !== 0 && gate.closesAt <= gate.opensAt) return `${where}: closes before it opens`;
    const hours = gate.schedule;
    if (hours !== undefined && hours.to <= hours.from) return `${where}: its hours end before they begin`;
    if (gate.opensAt === 0 && gate.closesAt === 0 && hours === undefined && !gate.session)
      return `${where}: a gate that states nothing`;
  }
  return wrongPorts(where, flow.protocol, flow.ports);
}

function wrongPorts(where: string, protocol: string, ports: readonly PortRange[]): string | undefined {
  if (protocol === 'icmp-echo') return ports.length === 0 ? undefined : `${where}: ICMP has no ports`;
  if (ports.length === 0) return `${where}: no port`;
  return badRange(`${where}: port`, ports);
}

function wrongSide(where: string, ends: readonly Endpoint[], zone?: string): string | undefined {
  const stranger = zone === undefined ? undefined : ends.find((end) => end.zone !== zone);
  if (stranger !== undefined) return `${where}: ${stranger.asset || stranger.zone} is not in zone ${zone}`;
  return firstOf(ends.map((end) => () => badPrefix(where, end.prefixes)));
}

function serialLines(assets: readonly AssetRule[]) {
  return assets.flatMap(({ modbus }) => modbus.line ?? []);
}

/** A line is a gateway to its units, reached over Modbus TCP, and one host of the box has its address. */
function wrongLine({ name, addresses, modbus }: AssetRule): string | undefined {
  const { kind, framing, line } = modbus;
  if (line === undefined) return undefined;
  const where = `asset ${name}`;
  if (kind !== 'serial-gateway') return `${where}: a serial line that is no serial gateway`;
  if (framing !== 'mbap') return `${where}: a serial line of the box with framing ${framing}`;
  if (addresses.length === 0) return `${where}: a serial line without an address`;
  return repeated(`units of asset ${name}`, line.units, ({ unit }) => String(unit));
}

function badRange(where: string, ranges: readonly PortRange[]): string | undefined {
  const range = ranges.find(({ first, last }) => first > last);
  return range === undefined ? undefined : `${where} ${range.first}-${range.last} runs backwards`;
}

function badPrefix(where: string, prefixes: readonly string[]): string | undefined {
  const bad = prefixes.find((text) => parsePrefix(text) === undefined);
  return bad === undefined ? undefined : `${where}: ${bad} is no prefix`;
}
