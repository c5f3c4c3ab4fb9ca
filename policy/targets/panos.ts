import { formatPrefix } from '../../rules/address.ts';
import type { FlowRule, PortRange } from '../../rules/policy.ts';
import {
  flowName,
  flowRemark,
  heading,
  pairOf,
  prefixesOf,
  RemoveEarlier,
  remark,
  type Subject,
  zonesOf,
} from './neighbour.ts';
import type { TargetText } from './target.ts';

/**
 * PAN-OS `set` commands: services, one security rule per flow, and a last one that denies and logs between the
 * zones, since rules of the device's own may stand behind it. Zones bear the names of ours.
 */
export function panos(subject: Subject): readonly TargetText[] {
  const { flows } = subject;
  const zones = zonesOf(subject);
  const lines = [
    ...heading(subject, 'PAN-OS, each zone named as ours').map((line) => `# ${remark(line)}`),
    `# ${RemoveEarlier}`,
    ...services(flows),
    ...flows.flatMap((flow) => ruleOf(subject, flow)),
    ...(zones.length === 0 ? [] : denyBetween(zones)),
  ];
  return [{ ending: 'set', text: `${lines.join('\n')}\n` }];
}

/** One rule for each address family, so that no source of one is paired with a destination of the other. */
function ruleOf({ policy }: Subject, flow: FlowRule): readonly string[] {
  const { from, to } = pairOf(policy, flow);
  return ([4, 6] as const).flatMap((family) => {
    const sources = prefixesOf(flow.sources, family).map(formatPrefix);
    const destinations = prefixesOf(flow.destinations, family).map(formatPrefix);
    if (sources.length === 0 || destinations.length === 0) return [];
    const name = `${flowName(flow, MaxName - 3)}${family === 4 ? '' : '-v6'}`;
    const service =
      flow.protocol === 'icmp-echo'
        ? `application ${family === 4 ? 'ping' : 'ping6'} service application-default`
        : `application any service ${list(flow.ports.map((port) => serviceName(flow.protocol, port)))}`;
    const rule = `set rulebase security rules ${name}`;
    return [
      `${rule} from ${from} to ${to} source ${list(sources)} destination ${list(destinations)} ${service} action allow log-end yes`,
      `${rule} description "${flowRemark(flow, MaxComment)}"`,
    ];
  });
}

/** Between zones only: what passes within one never meets the gateway. */
function denyBetween(zones: readonly string[]): readonly string[] {
  const rule = 'set rulebase security rules penstock-deny';
  const ends = `from ${list(zones)} to ${list(zones)} source any destination any`;
  return [
    `${rule} rule-type interzone`,
    `${rule} ${ends} application any service any action deny log-end yes`,
  ];
}

function services(flows: readonly FlowRule[]): readonly string[] {
  const lines = flows.flatMap(({ protocol, ports }) =>
    ports.map(
      (port) => `set service ${serviceName(protocol, port)} protocol ${protocol} port ${portText(port)}`,
    ),
  );
  return [...new Set(lines)];
}

function serviceName(protocol: string, port: PortRange): string {
  return `penstock-${protocol}-${portText(port)}`;
}

function portText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function list(words: readonly string[]): string {
  return words.length === 1 ? words.join('') : `[ ${words.join(' ')} ]`;
}

/** Of a rule and of its description, as PAN-OS takes them. */
const MaxName = 63;
const MaxComment = 255;
