import type { BoxInterface, Policy } from '../../../rules/policy.ts';
import { GatewayError } from '../../errors.ts';
import { guardRules, marksWhatItSees } from './guard.ts';
import type { IpCommand } from './ip-command.ts';
import { setRoutingRules } from './routing-rules.ts';
import type { Sysctl } from './sysctl.ts';

/** The part of the kernel that is not nftables: policy routing for diverted packets, legs, forwarding. */
export interface Routing {
  /**
   * Makes the box route as the policy needs, and switches forwarding on as the last step. Call it only when
   * the ruleset stands; calling it again changes only what has changed meanwhile. A device that is not
   * there or down (a pulled card) is no error: gives one sentence for each, and all else works.
   * @throws GatewayError PST_ERR_ROUTING
   */
  readonly apply: (policy: Policy) => Promise<readonly string[]>;
  /** Takes away what would be in the way of this policy's ruleset. Call it before that one stands. @throws as above */
  readonly prepare: (policy: Policy) => Promise<void>;
}

/** Routing by iproute2 and sysctl. */
export function createRouting(ip: IpCommand, sysctl: Sysctl): Routing {
  async function apply(policy: Policy): Promise<readonly string[]> {
    assertDeviceNames(policy);
    const devices = new Set((await ip.show('link', 'show', 'up')).map(({ ifname }) => ifname));
    const isPresent = ({ device }: BoxInterface) => devices.has(device);
    const present = policy.interfaces.filter(isPresent);
    const legs = present.filter(({ attach }) => attach === 'inline');
    setBoxWide();
    await setRules(policy);
    for (const { device } of present) {
      quietRedirects(device);
      believeNoDetour(device);
      answerForOthers(device, legs);
    }
    await setHostRoutes(hostRoutes(policy, legs));
    await setProxyNeighbours(proxyNeighbours(policy, legs, present));
    sysctl.write('ipv4/ip_forward', '1');
    if (usesIpv6(policy)) sysctl.write(ForwardsIpv6, '1');
    return policy.interfaces.filter((one) => !isPresent(one)).map(missing);
  }

  /**
   * What TPROXY has marked goes to a local socket although its destination is another host: where it came in, and
   * not where its source is looked up to see whether it belongs there. What no ruleset has marked goes nowhere.
   */
  async function setRules(policy: Policy): Promise<void> {
    const diverted = policy.interfaces.map(
      ({ device }) => `iif ${device} fwmark ${LocalMark} lookup ${LocalTable} priority 100`,
    );
    await setRoutingRules(ip, [...diverted, ...guardRules(policy, 4)], 4);
    // Whether a flow needs it or not: it may be another program that has the box forward it.
    if (sysctl.read(ForwardsIpv6) !== undefined) await setRoutingRules(ip, guardRules(policy, 6), 6);
    const routes = await ip.show('route', 'show', 'table', 'all', 'type', 'local', 'dev', 'lo');
    const isAll = (route: (typeof routes)[number]) =>
      route['table'] === LocalTable && route['dst'] === 'default';
    await ip.change(routes.some(isAll) ? [] : [`route replace local 0.0.0.0/0 dev lo table ${LocalTable}`]);
  }

  function setBoxWide(): void {
    // With it a connection of ours in TIME_WAIT swallows forwarded packets of the same four-tuple.
    sysctl.write('ipv4/tcp_early_demux', '0');
    // Replies would follow the mark of the request into the local table.
    sysctl.write('ipv4/tcp_fwmark_accept', '0');
    quietRedirects('all');
    // A source is believed only on the wire that leads to it: the kernel's own errors about a forged one (its
    // time ran out, it is too large) would carry the forger's bytes into the zone he claims to be from.
    sysctl.write('ipv4/conf/all/rp_filter', '1');
    // Looked up with the mark of its packet, or the guard would answer for the way back.
    sysctl.write('ipv4/conf/all/src_valid_mark', '1');
    // The sender does not choose the way either.
    sysctl.write('ipv4/conf/all/accept_source_route', '0');
  }

  /** The larger number of box and device counts, and 2 would believe a source on any wire. */
  function believeNoDetour(device: string): void {
    if (sysctl.read(`ipv4/conf/${device}/rp_filter`) === '2')
      sysctl.write(`ipv4/conf/${device}/rp_filter`, '1');
  }

  /** Two zones on one wire would be told to talk past the box; and nobody may tell the box where to send. */
  function quietRedirects(device: string): void {
    sysctl.write(`ipv4/conf/${device}/send_redirects`, '0');
    sysctl.write(`ipv4/conf/${device}/accept_redirects`, '0');
  }

  /** Assets behind an inline leg believe that everybody else is on their wire. */
  function answerForOthers(device: string, legs: readonly BoxInterface[]): void {
    sysctl.write(`ipv4/conf/${device}/proxy_arp`, legs.some((leg) => leg.device === device) ? '1' : '0');
    // Only where it is needed: no container can be started with it.
    if (legs.length > 0) sysctl.write(`ipv4/neigh/${device}/proxy_delay`, '0');
  }

  async function setHostRoutes(wanted: readonly Place[]): Promise<void> {
    const found = (await ip.show('route', 'show', 'proto', OurProtocol)).map(readPlace);
    const { added, removed } = change(wanted, found);
    // A route that only moves to another device is gone once it has been replaced.
    const gone = removed.filter((place) => !wanted.some(({ address }) => address === place.address));
    await ip.change([
      ...added.map(({ address, device }) => `route replace ${address}/32 dev ${device} proto ${OurProtocol}`),
      ...gone.map(({ address, device }) => `route del ${address}/32 dev ${device} proto ${OurProtocol}`),
    ]);
  }

  async function setProxyNeighbours(wanted: readonly Place[]): Promise<void> {
    const entries = await ip.show('neigh', 'show', 'proxy');
    const found = entries.filter(({ protocol }) => String(protocol) === OurProtocol).map(readPlace);
    const { added, removed } = change(wanted, found);
    await ip.change([
      ...added.map(
        ({ address, device }) => `neigh replace proxy ${address} dev ${device} protocol ${OurProtocol}`,
      ),
      ...removed.map(({ address, device }) => `neigh del proxy ${address} dev ${device}`),
    ]);
  }

  async function prepare(policy: Policy): Promise<void> {
    if (marksWhatItSees(policy)) return;
    assertDeviceNames(policy);
    await setRules(policy);
  }

  return { apply, prepare };
}

/** One address at one device. */
interface Place {
  readonly address: string;
  readonly device: string;
}

function change(wanted: readonly Place[], found: readonly Place[]) {
  const has = (places: readonly Place[], { address, device }: Place) =>
    places.some((place) => place.address === address && place.device === device);
  return {
    added: wanted.filter((place) => !has(found, place)),
    removed: found.filter((place) => !has(wanted, place)),
  };
}

function readPlace({ dst, dev }: Readonly<Record<string, unknown>>): Place {
  return { address: String(dst), device: String(dev) };
}

/** An asset behind an inline leg is reached by a route of its own; its network lies elsewhere too. */
function hostRoutes(policy: Policy, legs: readonly BoxInterface[]): readonly Place[] {
  return legs.flatMap((leg) =>
    assetAddresses(policy, leg.zone).map((address) => ({ address, device: leg.device })),
  );
}

/**
 * On every other device the box answers ARP for exactly the modelled assets behind inline legs, and for
 * nothing else that it could route.
 */
function proxyNeighbours(
  policy: Policy,
  legs: readonly BoxInterface[],
  present: readonly BoxInterface[],
): readonly Place[] {
  return legs.flatMap((leg) => {
    const others = new Set(present.map(({ device }) => device).filter((device) => device !== leg.device));
    return assetAddresses(policy, leg.zone).flatMap((address) =>
      [...others].map((device) => ({ address, device })),
    );
  });
}

function assetAddresses(policy: Policy, zone: string): readonly string[] {
  return policy.assets
    .filter((asset) => asset.zone === zone)
    .flatMap(({ addresses }) => addresses.map(hostOf).filter((address) => address !== ''));
}

/** The host of an IPv4 address written alone or as `10.1.0.12/32`; empty for anything else. */
function hostOf(address: string): string {
  return /^(\d{1,3}(?:\.\d{1,3}){3})(?:\/32)?$/.exec(address)?.[1] ?? '';
}

function usesIpv6({ flows }: Policy): boolean {
  return flows.some(({ destinations }) =>
    destinations.some(({ prefixes }) => prefixes.some((prefix) => prefix.includes(':'))),
  );
}

/** A name ends up in a path under /proc and in an argument of `ip`. */
function assertDeviceNames({ interfaces }: Policy): void {
  for (const { device } of interfaces) {
    if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(device) && device !== 'all' && device !== 'default')
      continue;
    throw new GatewayError('PST_ERR_ROUTING', `“${device}” is no device name.`);
  }
}

function missing({ device, zone }: BoxInterface): string {
  return `The device ${device} of zone ${zone} is not there or down.`;
}

/** Not there on a kernel that was told to do without IPv6. */
const ForwardsIpv6 = 'ipv6/conf/all/forwarding';
/** Mark that the ruleset sets for "deliver to a local socket", and the routing table it selects. */
const LocalMark = '0x1';
const LocalTable = '100';
/** Marks the routes and proxy entries that are ours to remove; no routing daemon uses this number. */
const OurProtocol = '80';
