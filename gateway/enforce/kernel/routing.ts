import type { BoxInterface, Policy } from '../../../rules/policy.ts';
import { GatewayError } from '../../errors.ts';
import type { IpCommand } from './ip-command.ts';
import type { Sysctl } from './sysctl.ts';

/** The part of the kernel that is not nftables: policy routing for diverted packets, legs, forwarding. */
export interface Routing {
  /**
   * Makes the box route as the policy needs, idempotently, and switches forwarding on as the last step. Call
   * it only when the ruleset stands. A device that is not there (a pulled card) is no error: gives one
   * sentence per missing device, and everything else works. @throws GatewayError PST_ERR_ROUTING
   */
  readonly apply: (policy: Policy) => Promise<readonly string[]>;
}

/** Routing by iproute2 and sysctl. */
export function createRouting(ip: IpCommand, sysctl: Sysctl): Routing {
  async function apply(policy: Policy): Promise<readonly string[]> {
    const isPresent = ({ device }: BoxInterface) =>
      sysctl.read(`ipv4/conf/${device}/forwarding`) !== undefined;
    for (const { device } of policy.interfaces) assertDeviceName(device);
    const present = policy.interfaces.filter(isPresent);
    await divertMarkedPackets();
    setBoxWide();
    for (const { device } of present) quietRedirects(device);
    const legs = present.filter(({ attach }) => attach === 'inline');
    const isInline = (device: string) => legs.some((leg) => leg.device === device);
    for (const { device } of present) answerForOthers(device, isInline(device));
    await setHostRoutes(hostRoutes(policy, legs));
    await setProxyNeighbours(proxyNeighbours(policy, legs, present));
    sysctl.write('ipv4/ip_forward', '1');
    return policy.interfaces.filter((one) => !isPresent(one)).map(missing);
  }

  /** What TPROXY has marked goes to a local socket although its destination is another host. */
  async function divertMarkedPackets(): Promise<void> {
    const rules = readList(await ip('-json', 'rule', 'show'));
    const isOurs = (rule: Entry) => rule['fwmark'] === DeliverMark && rule['table'] === DeliverTable;
    if (!rules.some(isOurs)) {
      await ip('rule', 'add', 'fwmark', DeliverMark, 'lookup', DeliverTable, 'priority', '100');
    }
    await ip('route', 'replace', 'local', '0.0.0.0/0', 'dev', 'lo', 'table', DeliverTable);
  }

  function setBoxWide(): void {
    // With it a connection of ours in TIME_WAIT swallows forwarded packets of the same four-tuple.
    sysctl.write('ipv4/tcp_early_demux', '0');
    // Replies would follow the mark of the request into the local table.
    sysctl.write('ipv4/tcp_fwmark_accept', '0');
    quietRedirects('all');
  }

  /** Two zones on one wire would be told to talk past the box; and nobody may tell the box where to send. */
  function quietRedirects(device: string): void {
    sysctl.write(`ipv4/conf/${device}/send_redirects`, '0');
    sysctl.write(`ipv4/conf/${device}/accept_redirects`, '0');
  }

  /** Assets behind an inline leg believe that everybody else is on their wire. */
  function answerForOthers(device: string, isInline: boolean): void {
    sysctl.write(`ipv4/conf/${device}/proxy_arp`, isInline ? '1' : '0');
    sysctl.write(`ipv4/neigh/${device}/proxy_delay`, '0');
  }

  async function setHostRoutes(wanted: readonly Place[]): Promise<void> {
    const found = readList(await ip('-json', 'route', 'show', 'proto', OurProtocol));
    for (const { address, device } of wanted) {
      await ip('route', 'replace', `${address}/32`, 'dev', device, 'proto', OurProtocol);
    }
    for (const { dst, dev } of found) {
      if (wanted.some(({ address, device }) => address === dst && device === dev)) continue;
      await ip('route', 'del', String(dst), 'dev', String(dev), 'proto', OurProtocol);
    }
  }

  async function setProxyNeighbours(wanted: readonly Place[]): Promise<void> {
    const found = readList(await ip('-json', 'neigh', 'show', 'proxy'));
    for (const { address, device } of wanted) {
      await ip('neigh', 'replace', 'proxy', address, 'dev', device, 'protocol', OurProtocol);
    }
    for (const { dst, dev, protocol } of found) {
      if (String(protocol) !== OurProtocol) continue;
      if (wanted.some(({ address, device }) => address === dst && device === dev)) continue;
      await ip('neigh', 'del', 'proxy', String(dst), 'dev', String(dev));
    }
  }

  return { apply };
}

/** One address at one device. */
interface Place {
  readonly address: string;
  readonly device: string;
}

type Entry = Readonly<Record<string, unknown>>;

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
    .flatMap(({ addresses }) => addresses.filter(isIpv4));
}

function isIpv4(address: string): boolean {
  return !address.includes(':');
}

/** A name ends up in a path under /proc and in an argument of `ip`. */
function assertDeviceName(device: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(device) && device !== 'all' && device !== 'default') return;
  throw new GatewayError('PST_ERR_ROUTING', `“${device}” is no device name.`);
}

function missing({ device, zone }: BoxInterface): string {
  return `The device ${device} of zone ${zone} is not there.`;
}

function readList(json: string): readonly Entry[] {
  return json.trim() === '' ? [] : JSON.parse(json);
}

/** Mark that the ruleset sets for "deliver to a local socket", and the routing table it selects. */
const DeliverMark = '0x1';
const DeliverTable = '100';
/** Marks the routes and proxy entries that are ours to remove. */
const OurProtocol = '186';
