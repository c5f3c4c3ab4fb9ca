import type { Endpoint, FlowRule, Gate, Policy, PortRange } from '../../rules/policy.ts';
import { scheduleText } from '../../rules/schedule-text.ts';
import { formatTime } from '../../rules/time.ts';
import { formatTable } from './table.ts';

/** Whose policy it is, for how long, and who says so. The signatures are named, not verified. */
export function headText(policy: Policy, signers: readonly string[]): string {
  return formatTable([
    ['site', policy.site],
    ['gateway', policy.gateway],
    ['policy version', String(policy.version)],
    ['valid', `${formatTime(policy.notBefore)} to ${formatTime(policy.notAfter)}`],
    ['compiled by', `${policy.compiler}, needs gateway ${policy.minGateway} or newer`],
    ['model', Buffer.from(policy.modelDigest).toString('hex')],
    ['signed by', `${signers.join(', ') || 'nobody'} (not verified here)`],
  ]);
}

/** One line per flow. */
export function flowsText(policy: Policy): string {
  const rows = policy.flows.map((flow) => [
    flow.id,
    endsText(flow.sources),
    flow.oneWay ? '⇥' : '→',
    endsText(flow.destinations),
    serviceText(flow),
    [flow.profile, flow.essential ? 'essential' : '', gateText(flow.gate), auditText(flow)]
      .filter(Boolean)
      .join(', '),
  ]);
  return formatTable([['flow', 'from', '', 'to', 'service', 'how'], ...rows]);
}

/** Who may be let in, and one line for each thing a session leads to; empty where nobody may. */
export function vendorsText({ vendors }: Policy): string {
  if (vendors.length === 0) return '';
  const rows = vendors.flatMap(({ id, company, people, entry, opens, targets, approval, limits }) => [
    [
      id,
      `${company}: ${people.map((person) => `${person.id}${person.mfa ? '' : ' (no second factor)'}`).join(', ')}`,
      `from ${endsText([entry])}`,
      [
        `approved by ${[approval.role || 'any approver', approval.second].filter(Boolean).join(' and ')}`,
        limits.maxDuration === 0 ? '' : `at most ${limits.maxDuration / 60_000} min`,
        limits.idle === 0 ? '' : `${limits.idle / 60_000} min idle`,
        limits.concurrent === 0 ? '' : `${limits.concurrent} at a time`,
      ]
        .filter(Boolean)
        .join(', '),
    ],
    ...targets.map((target) => [
      '',
      `→ ${endsText(target.destinations)}`,
      serviceText(target),
      [target.profile || 'recorded as it is', gateText(target.gate)].join(', '),
    ]),
    ...opens.map((flow) => ['', `→ ${flow}`, '', 'opened to everybody at its sources']),
  ]);
  return formatTable([['vendor', 'who, and what they reach', '', 'how'], ...rows]);
}

/** What the box itself hears and says. */
export function boxText({ services, egress }: Policy): string {
  return formatTable([
    ['the box itself', '', ''],
    ...services.map((service) => [service.name, `from ${endsText(service.sources)}`, serviceText(service)]),
    ...egress.map((way) => [way.name, `to ${endsText(way.destinations)}`, serviceText(way)]),
  ]);
}

function endsText(ends: readonly Endpoint[]): string {
  return ends.map(({ asset, zone }) => (asset === '' ? `${zone} (all)` : asset)).join(', ');
}

function serviceText({
  protocol,
  ports,
}: {
  readonly protocol: string;
  readonly ports: readonly PortRange[];
}): string {
  const texts = ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
  return [protocol, ...texts].join(' ');
}

/** All conditions of a gate: every one must hold. */
function gateText(gate: Gate | undefined): string {
  if (gate === undefined) return '';
  return [
    gate.session ? 'with a session only' : '',
    gate.opensAt === 0 ? '' : `from ${formatTime(gate.opensAt)}`,
    gate.closesAt === 0 ? '' : `until ${formatTime(gate.closesAt)}`,
    gate.schedule === undefined ? '' : scheduleText(gate.schedule),
  ]
    .filter(Boolean)
    .join(', ');
}

function auditText({ auditUntil, auditMalformed }: FlowRule): string {
  if (auditUntil === 0) return '';
  return `audit until ${formatTime(auditUntil)}${auditMalformed ? ', malformed ADUs too' : ''}`;
}
