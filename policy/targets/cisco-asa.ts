import { formatAddress, formatPrefix, isHost, type Prefix } from '../../rules/address.ts';
import type { FlowRule, PortRange } from '../../rules/policy.ts';
import {
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
 * Extended access lists, one inbound on the interface (`nameif`) of each source zone. The ASA keeps state, so
 * replies need no line; ICMP echo is answered only where it is inspected, which the last lines switch on.
 */
export function ciscoAsa(subject: Subject): readonly TargetText[] {
  const { policy, flows } = subject;
  const hasEcho = flows.some(({ protocol }) => protocol === 'icmp-echo');
  const lines = [
    ...heading(subject, 'Cisco ASA, each nameif a zone').map((line) => `! ${remark(line)}`),
    `! ${RemoveEarlier}`,
    ...zonesOf(subject).flatMap((zone) => {
      const own = flows.filter((flow) => pairOf(policy, flow).from === zone);
      const list = `access-list ${listName(zone)}`;
      return [
        ...own.flatMap((flow) => entriesOf(list, flow)),
        `${list} extended deny ip any any log`,
        `access-group ${listName(zone)} in interface ${zone}`,
      ];
    }),
    ...(hasEcho ? ['policy-map global_policy', ' class inspection_default', '  inspect icmp'] : []),
  ];
  return [{ ending: 'cfg', text: `${lines.join('\n')}\n` }];
}

function entriesOf(list: string, flow: FlowRule): readonly string[] {
  const services = flow.protocol === 'icmp-echo' ? undefined : flow.ports.map(portText);
  const entries = ([4, 6] as const).flatMap((family) => {
    const protocol = services === undefined ? (family === 4 ? 'icmp' : 'icmp6') : flow.protocol;
    const suffixes = services ?? [family === 4 ? 'echo' : 'echo-request'];
    const destinations = prefixesOf(flow.destinations, family).map(addressText);
    return prefixesOf(flow.sources, family).flatMap((source) =>
      destinations.flatMap((destination) =>
        suffixes.map(
          (service) => `${list} extended permit ${protocol} ${addressText(source)} ${destination} ${service}`,
        ),
      ),
    );
  });
  return [`${list} remark ${flowRemark(flow, MaxRemark)}`, ...entries];
}

function addressText(prefix: Prefix): string {
  if (isHost(prefix)) return `host ${formatAddress(prefix)}`;
  if (prefix.family === 6) return formatPrefix(prefix);
  return `${formatAddress(prefix)} ${netmask(prefix.length)}`;
}

function netmask(length: number): string {
  const bits = length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
}

function portText({ first, last }: PortRange): string {
  return first === last ? `eq ${first}` : `range ${first} ${last}`;
}

function listName(zone: string): string {
  return `penstock_${zone}`;
}

/** The command reference gives a remark 100 characters. */
const MaxRemark = 100;
