import { formatAddress, formatPrefix, type Prefix } from '../../rules/address.ts';
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
 * FortiOS configuration: addresses, services, one policy per flow and address family, and a last one that denies
 * and logs between the zones. Interfaces, or zones of the firewall, bear the names of our zones.
 */
export function fortinet(subject: Subject): readonly TargetText[] {
  const { policy, flows } = subject;
  const zones = zonesOf(subject);
  const lines = [
    ...heading(subject, 'FortiOS, each interface or zone named as ours').map((line) => `# ${remark(line)}`),
    `# ${RemoveEarlier}`,
    ...block(
      'config firewall address',
      addresses(flows, 4),
      (prefix) => `set subnet ${formatPrefix(prefix)}`,
    ),
    ...block('config firewall address6', addresses(flows, 6), (prefix) => `set ip6 ${formatPrefix(prefix)}`),
    ...services(flows),
    'config firewall policy',
    ...flows.flatMap((flow) =>
      ([4, 6] as const).flatMap((family) => policyOf(flow, family, pairOf(policy, flow))),
    ),
    ...denyBetween(zones),
    'end',
  ];
  return [{ ending: 'conf', text: `${lines.join('\n')}\n` }];
}

function policyOf(flow: FlowRule, family: 4 | 6, pair: { readonly from: string; readonly to: string }) {
  const sources = prefixesOf(flow.sources, family).map(addressName);
  const destinations = prefixesOf(flow.destinations, family).map(addressName);
  if (sources.length === 0 || destinations.length === 0) return [];
  const suffix = family === 4 ? '' : '6';
  return edit([
    `set name ${quoted(`${flowName(flow, MaxName - 3)}${family === 4 ? '' : '-v6'}`)}`,
    `set srcintf ${quoted(pair.from)}`,
    `set dstintf ${quoted(pair.to)}`,
    `set srcaddr${suffix} ${list(sources)}`,
    `set dstaddr${suffix} ${list(destinations)}`,
    'set action accept',
    'set schedule "always"',
    `set service ${list(serviceNames(flow, family))}`,
    'set logtraffic all',
    `set comments ${quoted(flowRemark(flow, MaxComment))}`,
  ]);
}

/** From each zone to the others: what passes within one never meets the gateway. */
function denyBetween(zones: readonly string[]): readonly string[] {
  return zones.flatMap((zone, index) =>
    (['', '6'] as const).flatMap((suffix) =>
      edit([
        `set name ${quoted(`penstock-deny${index + 1}${suffix === '' ? '' : '-v6'}`)}`,
        `set srcintf ${quoted(zone)}`,
        `set dstintf ${list(zones.filter((other) => other !== zone))}`,
        `set srcaddr${suffix} "all"`,
        `set dstaddr${suffix} "all"`,
        'set action deny',
        'set schedule "always"',
        'set service "ALL"',
        'set logtraffic all',
      ]),
    ),
  );
}

function edit(settings: readonly string[]): readonly string[] {
  // 0 takes the next free number.
  return ['  edit 0', ...settings.map((setting) => `    ${setting}`), '  next'];
}

function block(
  head: string,
  prefixes: readonly Prefix[],
  setting: (prefix: Prefix) => string,
): readonly string[] {
  if (prefixes.length === 0) return [];
  const entries = prefixes.flatMap((prefix) => [
    `  edit ${quoted(addressName(prefix))}`,
    `    ${setting(prefix)}`,
    '  next',
  ]);
  return [head, ...entries, 'end'];
}

function addresses(flows: readonly FlowRule[], family: 4 | 6): readonly Prefix[] {
  return prefixesOf(
    flows.flatMap(({ sources, destinations }) => [...sources, ...destinations]),
    family,
  );
}

function services(flows: readonly FlowRule[]): readonly string[] {
  const entries = new Map(
    flows.flatMap(({ protocol, ports }) =>
      ports.map(
        (port) => [serviceName(protocol, port), `set ${protocol}-portrange ${portText(port)}`] as const,
      ),
    ),
  );
  if (entries.size === 0) return [];
  const lines = [...entries].flatMap(([name, setting]) => [
    `  edit ${quoted(name)}`,
    `    ${setting}`,
    '  next',
  ]);
  return ['config firewall service custom', ...lines, 'end'];
}

/** Echo is a service every FortiGate has. */
function serviceNames({ protocol, ports }: FlowRule, family: 4 | 6): readonly string[] {
  if (protocol === 'icmp-echo') return [family === 4 ? 'PING' : 'PING6'];
  return ports.map((port) => serviceName(protocol, port));
}

function serviceName(protocol: string, port: PortRange): string {
  return `penstock-${protocol}-${portText(port)}`;
}

function portText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function addressName(prefix: Prefix): string {
  return `penstock-${formatAddress(prefix)}_${prefix.length}`;
}

function list(names: readonly string[]): string {
  return names.map(quoted).join(' ');
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** Of a policy and of a comment, as FortiOS takes them. */
const MaxName = 35;
const MaxComment = 255;
