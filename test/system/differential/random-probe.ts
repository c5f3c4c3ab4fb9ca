import type { FlowRule, Policy } from '../../../rules/policy.ts';
import type { Random } from '../../rules/modbus/fuzz/random.ts';
import type { Probe } from './field.ts';
import { addressOf, etherOf, Hosts, Places, Stranger, type ZoneName, Zones } from './random-model.ts';

/** A first packet, with what it is about. */
export interface RandomProbe extends Probe {
  readonly from: ZoneName;
  readonly to: ZoneName;
  /** It comes by the wire its source belongs on, and with its link-layer address where that is bound. */
  readonly isHonest: boolean;
}

/** More often than not near what some flow permits: of its ends and ports, or one beside them. */
export function randomProbe(random: Random, policy: Policy, id: number): RandomProbe {
  const aim = policy.flows.length === 0 || random.once(4) ? undefined : random.pick(policy.flows);
  const backwards = random.once(12);
  const [source, destination] = [hostOf(random, aim, backwards), hostOf(random, aim, !backwards)];
  const protocol = protocolOf(random, aim);
  const ipv6 = policy.interfaces.some(({ sources }) => sources.length > 1) && random.once(2);
  // Where a leg has no IPv6 address, a stranger's lies in no zone that the policy knows.
  for (const end of [source, destination]) if (ipv6 && end.host === Stranger) end.host = Hosts[0];
  const address = addressOf(source.zone, source.host, ipv6);
  const isBound = policy.assets.some(
    ({ addresses, mac }) => mac !== '' && addresses.includes(`${address}/${ipv6 ? 128 : 32}`),
  );
  const isOnItsWire = !random.once(15);
  const hasItsEther = !random.once(15);
  const device = isOnItsWire ? Places[source.zone].device : random.pick(['a0', 'b0', 'c0']);
  return {
    id,
    device,
    etherSource: hasItsEther ? etherOf(source.zone, source.host) : '02:00:00:00:66:66',
    source: address,
    destination: addressOf(destination.zone, destination.host, ipv6),
    protocol,
    sourcePort: protocol === 'icmp' ? 0 : 1024 + (id % 60_000),
    destinationPort: protocol === 'icmp' ? 0 : portOf(random, aim),
    answers: 0,
    from: source.zone,
    to: destination.zone,
    isHonest: device === Places[source.zone].device && (hasItsEther || !isBound),
  };
}

/** What the server of an accepted probe says to it. */
export function replyTo(probe: RandomProbe, id: number): Probe {
  const { source, destination, sourcePort, destinationPort, to, protocol } = probe;
  return {
    id,
    device: Places[to].device,
    etherSource: etherOf(to, Number(/\d+$/.exec(destination)?.[0])),
    source: destination,
    destination: source,
    protocol,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
    answers: probe.id,
  };
}

function hostOf(
  random: Random,
  aim: FlowRule | undefined,
  isServer: boolean,
): { zone: ZoneName; host: number } {
  const anywhere = { zone: random.pick(Zones), host: random.pick([...Hosts, Stranger]) };
  if (aim === undefined || random.once(8)) return anywhere;
  const end = random.pick(isServer ? aim.destinations : aim.sources);
  const zone = Zones.find((name) => name === end.zone) ?? anywhere.zone;
  const named = Number(end.asset.split('-')[1]);
  return { zone, host: end.asset === '' || random.once(8) ? anywhere.host : named };
}

function protocolOf(random: Random, aim: FlowRule | undefined): Probe['protocol'] {
  if (aim === undefined || random.once(15)) return random.pick(['tcp', 'udp', 'icmp']);
  return aim.protocol === 'icmp-echo' ? 'icmp' : aim.protocol;
}

function portOf(random: Random, aim: FlowRule | undefined): number {
  const range = aim?.ports[0];
  if (range === undefined || random.once(12)) return random.pick([1, 80, 101, 105, 201, 502, 65535]);
  return random.pick([
    range.first,
    range.last,
    random.between(range.first, range.last),
    range.first - 1,
    range.last + 1,
  ]);
}
