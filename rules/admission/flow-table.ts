import { contains, isHost, type Prefix, parseAddress, parsePrefix } from '../address.ts';
import type { ModbusDevice, ModbusProfile, SerialLine, Tolerance } from '../modbus/profile.ts';
import type { Endpoint, FlowRule, Policy, PortRange } from '../policy.ts';
import { type ModeState, modeTerms } from './mode.ts';
import { vendorTargets } from './vendor-targets.ts';

/** A connection as the model sees it: addresses of the plant, also where the proxy back end uses others. */
export interface Tuple {
  readonly client: string;
  readonly server: string;
  readonly port: number;
}

/** What one flow permits one pair of addresses. */
export interface Permit {
  readonly flow: FlowRule;
  readonly profile: ModbusProfile;
  /** How the server speaks Modbus. */
  readonly device: ModbusDevice;
  /** What the conduit lets it do against the specification. */
  readonly tolerances: readonly Tolerance[];
  /** Function codes the flow's own profile names: those that are counted by themselves, in whatever mode. */
  readonly functionCodes: ReadonlySet<number>;
  /** Names from the model, or empty where no asset has the address. */
  readonly clientAsset: string;
  readonly serverAsset: string;
}

/** A permit as a mode leaves it: the same, with another profile, or undefined where the mode cuts the flow. */
export type ModeView = (permit: Permit) => Permit | undefined;

/** The inspected flows of one policy, arranged for look-up. */
export interface FlowTable {
  /** Every flow that permits the tuple, in the order of the policy; empty means default deny (62443-3-3 SR 5.2 RE1). */
  readonly find: (tuple: Tuple) => readonly Permit[];
  /**
   * What a granted session may do on one of its vendor's targets, by the id of the target; undefined where the policy
   * has no such target. Where its flow names no profile nothing is inspected, and the profile given permits nothing.
   * Mode and gates are asked about it as about every other flow's.
   */
  readonly target: (id: string) => Permit | undefined;
  /** How a mode changes what {@link find} gives; of a mode the policy does not have, that it cuts everything. */
  readonly inMode: (state: ModeState) => ModeView;
  /** The first address of an asset, or undefined when the policy does not know it. */
  readonly addressOf: (asset: string) => string | undefined;
  /** Whether an asset has this address. */
  readonly belongsTo: (address: string, asset: string) => boolean;
  /** The serial lines of this box that servers are on. */
  readonly lines: readonly SerialLine[];
}

/**
 * Arranges the inspected TCP flows by server address, so that a look-up costs the flows of one server and
 * not the policy. What names no profile is not inspected and is not in here: an inspected connection never
 * falls back to an uninspected flow.
 */
export function createFlowTable(policy: Policy): FlowTable {
  const profiles = new Map(policy.profiles.map((profile) => [profile.name, profile]));
  const assets = indexAssets(policy);
  const tolerances = new Map(policy.conduits.map((conduit) => [conduit.id, conduit.tolerances]));
  const byServer = new Map<bigint, Route[]>();
  const wide: Route[] = [];
  const places = new Map(policy.flows.map((flow, index) => [flow, index]));
  for (const flow of policy.flows) {
    const profile = profiles.get(flow.profile);
    if (flow.protocol !== 'tcp' || profile === undefined) continue;
    const functionCodes = codesOf(profile);
    const sources = blocks(flow.sources);
    for (const destination of blocks(flow.destinations)) {
      const route: Route = { flow, profile, functionCodes, sources, destination };
      if (!isHost(destination.prefix)) wide.push(route);
      else push(byServer, hostKey(destination.prefix), route);
    }
  }

  /** What was looked up before, by its tuple: every connection asks twice, and a server may have thousands of flows. */
  const found = new Map<string, readonly Permit[]>();

  function find(tuple: Tuple): readonly Permit[] {
    const key = `${tuple.client} ${tuple.server} ${tuple.port}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const permits = look(tuple);
    if (found.size >= MostFound) found.clear();
    found.set(key, permits);
    return permits;
  }

  function look(tuple: Tuple): readonly Permit[] {
    const client = parseAddress(tuple.client);
    const server = parseAddress(tuple.server);
    if (client === undefined || server === undefined) return [];
    const permits = new Map<string, Permit>();
    for (const route of [...(byServer.get(hostKey(server)) ?? []), ...wide]) {
      if (!contains(route.destination.prefix, server) || !hasPort(route.flow.ports, tuple.port)) continue;
      const source = route.sources.find((one) => contains(one.prefix, client));
      if (source === undefined || permits.has(route.flow.id)) continue;
      const serverAsset = route.destination.asset || assets.nameAt(server);
      permits.set(route.flow.id, {
        flow: route.flow,
        profile: route.profile,
        device: assets.deviceOf(serverAsset),
        tolerances: tolerances.get(route.flow.conduit) ?? [],
        functionCodes: route.functionCodes,
        clientAsset: source.asset || assets.nameAt(client),
        serverAsset,
      });
    }
    return [...permits.values()].sort((one, other) => placeOf(one) - placeOf(other));
  }

  function placeOf({ flow }: Permit): number {
    return places.get(flow) ?? 0;
  }

  function inMode(state: ModeState): ModeView {
    const terms = modeTerms(policy.modes, state);
    if (terms === undefined) return () => undefined;
    return (permit) => {
      const { id } = permit.flow;
      if (terms.cuts(id)) return undefined;
      const name = terms.profileOf(id);
      if (name === undefined) return permit;
      const profile = profiles.get(name);
      // An accepted policy has every profile its modes name; without it there is nothing to judge by.
      return profile && { ...permit, profile };
    };
  }

  const targets = new Map(vendorTargets(policy).map((flow) => [flow.id, flow]));

  function target(id: string): Permit | undefined {
    const flow = targets.get(id);
    if (flow === undefined) return undefined;
    const profile = profiles.get(flow.profile) ?? PermitsNothing;
    const serverAsset = flow.destinations[0]?.asset ?? '';
    return {
      flow,
      profile,
      device: assets.deviceOf(serverAsset),
      tolerances: [],
      functionCodes: codesOf(profile),
      clientAsset: flow.sources[0]?.asset ?? '',
      serverAsset,
    };
  }

  const lines = policy.assets.flatMap(({ modbus: { line } }) => (line === undefined ? [] : [line]));
  return { find, target, inMode, addressOf: assets.addressOf, belongsTo: assets.belongsTo, lines };
}

interface Block {
  readonly asset: string;
  readonly prefix: Prefix;
}

interface Route {
  readonly flow: FlowRule;
  readonly profile: ModbusProfile;
  readonly functionCodes: ReadonlySet<number>;
  readonly sources: readonly Block[];
  readonly destination: Block;
}

function codesOf({ permissions }: ModbusProfile): ReadonlySet<number> {
  return new Set(permissions.flatMap(({ functions }) => functions));
}

function blocks(endpoints: readonly Endpoint[]): Block[] {
  return endpoints.flatMap(({ asset, prefixes }) =>
    prefixes.map((text) => ({ asset, prefix: readPrefix(text) })),
  );
}

function indexAssets(policy: Policy) {
  const prefixes = new Map<string, readonly Prefix[]>();
  const names = new Map<bigint, string>();
  const firsts = new Map<string, string>();
  const devices = new Map(policy.assets.map((asset) => [asset.name, asset.modbus]));
  for (const asset of policy.assets) {
    const own = asset.addresses.map(readPrefix);
    prefixes.set(asset.name, own);
    for (const prefix of own) if (isHost(prefix)) names.set(hostKey(prefix), asset.name);
    const [first] = asset.addresses;
    if (first !== undefined) firsts.set(asset.name, first.replace(/\/\d+$/, ''));
  }
  return {
    nameAt: (host: Prefix): string => names.get(hostKey(host)) ?? '',
    addressOf: (asset: string): string | undefined => firsts.get(asset),
    deviceOf: (asset: string): ModbusDevice => devices.get(asset) ?? Unmodelled,
    belongsTo: (address: string, asset: string): boolean => {
      const host = parseAddress(address);
      return host !== undefined && (prefixes.get(asset) ?? []).some((prefix) => contains(prefix, host));
    },
  };
}

/** One key for both families: an IPv6 address is lifted above every IPv4 one. */
function hostKey(host: Prefix): bigint {
  return host.family === 4 ? host.first : host.first + (1n << 130n);
}

/** A server that is no asset of the model, in a zone that may be reached as a whole. */
const Unmodelled: ModbusDevice = { kind: 'direct', framing: 'mbap', line: undefined };

/** Stands where a target is carried as it is: whoever inspected by it all the same would let nothing through. */
const PermitsNothing: ModbusProfile = {
  name: '',
  permissions: [],
  aliases: [],
  limits: {
    aduPerSecond: 0,
    outstanding: 1,
    outstandingPerUnit: 0,
    requestTimeout: 1_000,
    connectionsPerSource: 0,
    exceptionsPerMinute: 0,
    readAddressesPerMinute: 0,
    readWordsPerMinute: 0,
  },
  refusal: { action: 'reset', exceptionCodes: [] },
};

function hasPort(ports: readonly PortRange[], port: number): boolean {
  return ports.some(({ first, last }) => first <= port && port <= last);
}

/** A policy that was accepted holds only canonical prefixes: anything else is a bug, and stops the process. */
function readPrefix(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`the policy holds an address that is none: ${text}`);
  return prefix;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Whoever tries all addresses of a zone must not fill the memory. */
const MostFound = 4096;
