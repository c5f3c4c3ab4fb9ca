import { formatPrefix } from '../../rules/address.ts';
import type { FlowLimits, FlowRule, PortRange } from '../../rules/policy.ts';
import { formatInstant } from '../model/instant.ts';
import { flowRemark, heading, prefixesOf, remark, type Subject } from './neighbour.ts';
import type { TargetText } from './target.ts';

/**
 * Texts for `iptables-restore --noflush` and `ip6tables-restore --noflush`, the second also where the policy has no
 * IPv6, since the first says nothing about it. Forwarding is shut but for the chain PENSTOCK, and every packet of a
 * connection is judged there: nothing is accepted for having been established, so that a permission that ends, ends
 * (policy as in the gateway's own table).
 */
export function iptables(subject: Subject): readonly TargetText[] {
  return ([4, 6] as const).map((family) => ({
    ending: family === 4 ? 'v4.rules' : 'v6.rules',
    text: `${linesOf(subject, family).join('\n')}\n`,
  }));
}

function linesOf(subject: Subject, family: 4 | 6): readonly string[] {
  const { flows } = subject;
  const limited = flows.filter((flow) => flow.limits !== undefined && waysOf(flow, family).length > 0);
  const untracked = flows.filter(({ oneWay }) => oneWay).flatMap((flow) => untrackedRules(flow, family));
  return [
    ...heading(subject, `iptables, IPv${family}`).map((line) => `# ${remark(line)}`),
    ...(untracked.length === 0 ? [] : ['*raw', ':PREROUTING ACCEPT [0:0]', ...untracked, 'COMMIT']),
    '*filter',
    ':FORWARD DROP [0:0]',
    `:${Chain} - [0:0]`,
    ...limited.map((flow) => `:${limitChain(flow)} - [0:0]`),
    `-A FORWARD -j ${Chain}`,
    `-A ${Chain} -m conntrack --ctstate INVALID -j DROP`,
    ...flows.flatMap((flow) => flowRules(flow, family)),
    ...limited.flatMap((flow) => limitRules(flow, family)),
    ...IcmpErrors[family].map(
      (type) => `-A ${Chain} ${icmp(family, type)} -m conntrack --ctstate RELATED ${Unhurried} -j ACCEPT`,
    ),
    `-A ${Chain} ${Unhurried} -j LOG --log-prefix "penstock no-flow "`,
    `-A ${Chain} -j DROP`,
    'COMMIT',
  ];
}

/** A diode: its packets are no connection, so nothing that comes back belongs to one. */
function untrackedRules(flow: FlowRule, family: 4 | 6): readonly string[] {
  return waysOf(flow, family).map(
    ({ ends, port }) => `-A PREROUTING ${ends} -p udp -m udp --dport ${portText(port)} -j CT --notrack`,
  );
}

function flowRules(flow: FlowRule, family: 4 | 6): readonly string[] {
  const comment = `-m comment --comment "${flowRemark(flow, MaxComment)}"`;
  const target = flow.limits === undefined ? 'ACCEPT' : limitChain(flow);
  const when = periodMatch(flow);
  return waysOf(flow, family).flatMap(({ ends, back, port }) => {
    if (flow.oneWay) {
      const match = `${ends} -p udp -m udp --dport ${portText(port)} -m conntrack --ctstate UNTRACKED`;
      return [`-A ${Chain} ${match}${when} ${comment} -j ${target}`];
    }
    const [forth, reply] = matches(flow, family, port);
    return [
      `-A ${Chain} ${ends} ${forth} -m conntrack --ctdir ORIGINAL${when} ${comment} -j ${target}`,
      `-A ${Chain} ${back} ${reply} -m conntrack --ctstate ESTABLISHED --ctdir REPLY${when} ${comment} -j ACCEPT`,
    ];
  });
}

function matches(
  { protocol }: FlowRule,
  family: 4 | 6,
  port: PortRange | undefined,
): readonly [string, string] {
  if (protocol === 'icmp-echo') return [icmp(family, 'echo-request'), icmp(family, 'echo-reply')];
  const start = `-p ${protocol} -m ${protocol}`;
  return [`${start} --dport ${portText(port)}`, `${start} --sport ${portText(port)}`];
}

/** `-m time` counts in UTC unless it is told otherwise. Its end is inclusive, so it is a second early. */
function periodMatch({ gate }: FlowRule): string {
  if (gate === undefined) return '';
  const start = gate.opensAt === 0 ? '' : ` --datestart ${timeText(gate.opensAt)}`;
  const stop = gate.closesAt === 0 ? '' : ` --datestop ${timeText(gate.closesAt - 1000)}`;
  return ` -m time${start}${stop}`;
}

/** What is above a limit ends here, the rest is accepted. */
function limitRules(flow: FlowRule, family: 4 | 6): readonly string[] {
  const { limits } = flow;
  if (limits === undefined) return [];
  const chain = `-A ${limitChain(flow)}`;
  return [
    ...connectionLimit(flow, limits, family).map((match) => `${chain} ${match} -j DROP`),
    ...rates(flow, limits).map((match) => `${chain} ${match} -j DROP`),
    `${chain} -j ACCEPT`,
  ];
}

function connectionLimit({ protocol }: FlowRule, limits: FlowLimits, family: 4 | 6): readonly string[] {
  if (limits.connectionsPerSource === 0) return [];
  const first = protocol === 'tcp' ? '-p tcp --syn' : '-m conntrack --ctstate NEW';
  const mask = family === 4 ? 32 : 128;
  const above = `--connlimit-above ${limits.connectionsPerSource} --connlimit-mask ${mask} --connlimit-saddr`;
  return [`${first} -m connlimit ${above}`];
}

function rates({ number }: FlowRule, limits: FlowLimits): readonly string[] {
  const rate = (most: number, name: string, mode: string): string =>
    `-m hashlimit --hashlimit-above ${most}/second --hashlimit-burst ${most}${mode} --hashlimit-name f${number}${name}`;
  const fresh = '-m conntrack --ctstate NEW';
  const { packetsPerSecond: packets, newPerSecond: all, newPerSecondPerSource: each } = limits;
  return [
    ...(each === 0 ? [] : [`${fresh} ${rate(each, 's', ' --hashlimit-mode srcip')}`]),
    ...(all === 0 ? [] : [`${fresh} ${rate(all, 'n', '')}`]),
    ...(packets === 0 ? [] : [rate(packets, 'p', '')]),
  ];
}

interface Way {
  readonly ends: string;
  readonly back: string;
  readonly port: PortRange | undefined;
}

/** Every source with every destination and port, in one family. */
function waysOf({ sources, destinations, ports }: FlowRule, family: 4 | 6): readonly Way[] {
  const each: readonly (PortRange | undefined)[] = ports.length === 0 ? [undefined] : ports;
  const targets = prefixesOf(destinations, family).map(formatPrefix);
  return prefixesOf(sources, family).flatMap((prefix) =>
    targets.flatMap((to) => {
      const from = formatPrefix(prefix);
      return each.map((port) => ({ ends: `-s ${from} -d ${to}`, back: `-s ${to} -d ${from}`, port }));
    }),
  );
}

function portText(port: PortRange | undefined): string {
  if (port === undefined) throw new Error('a flow without ports');
  return port.first === port.last ? String(port.first) : `${port.first}:${port.last}`;
}

function icmp(family: 4 | 6, type: string): string {
  return family === 4 ? `-p icmp -m icmp --icmp-type ${type}` : `-p ipv6-icmp -m icmp6 --icmpv6-type ${type}`;
}

function timeText(time: number): string {
  return formatInstant(time).replace('Z', '');
}

function limitChain({ number }: FlowRule): string {
  return `${Chain}-f${number}`;
}

const Chain = 'PENSTOCK';
/** Of the 256 bytes a comment may have. */
const MaxComment = 120;
/** As in the gateway's own table: errors and log lines at a pace no flood can raise. */
const Unhurried = '-m limit --limit 20/second --limit-burst 40';
const IcmpErrors = {
  4: ['destination-unreachable', 'time-exceeded', 'parameter-problem'],
  6: ['destination-unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem'],
} as const;
