import { contains, formatAddress, parseAddress, parsePrefix } from '../address.ts';
import type { Way } from '../flow-match.ts';
import type { Endpoint, FlowRule, Policy, PortRange } from '../policy.ts';
import { nextChange } from '../schedule.ts';
import { formatTime } from '../time.ts';
import type { Answer, Evaluator, Question } from './evaluator.ts';

/** What passes in place of a way that is refused, asked and not guessed. */
export interface NearestWay {
  /** `way`: another port, source or destination; `when`: the same, at another time or in another mode. */
  readonly kind: 'way' | 'when';
  readonly flow: FlowRule;
  /** `hist-replica may be reached on tcp 443 by bi-server (C-01/F-01).` */
  readonly text: string;
}

/**
 * The nearest permitted alternative to a way that is refused: the same under other circumstances where a flow has
 * it, else what shares most with it. `undefined` where it is not refused, or nothing comes near.
 */
export function nearestWay(
  policy: Policy,
  evaluator: Evaluator,
  question: Question,
  { outcome, flow, judgement }: Answer,
): NearestWay | undefined {
  if (outcome !== 'refuse' || judgement !== undefined) return undefined;
  const asked = { ...question, request: undefined };
  const later = flow === undefined ? undefined : otherwise(policy, evaluator, asked, flow);
  if (flow !== undefined && later !== undefined) {
    return { kind: 'when', flow, text: `It passes by ${flow.id} ${later}.` };
  }
  const led = inSession(policy, evaluator, asked);
  if (led !== undefined) return led;
  const candidates = policy.flows
    .flatMap((other) => closest(other, asked) ?? [])
    .sort((one, other) => other.shared - one.shared);
  const found = candidates.find(({ way }) => evaluator.ask({ ...asked, ...way }).outcome === 'allow');
  return found && { kind: 'way', flow: found.flow, text: wayText(found) };
}

/** Under which circumstances the same way passes. */
function otherwise(
  policy: Policy,
  evaluator: Evaluator,
  question: Question,
  { gate }: FlowRule,
): string | undefined {
  const { given } = question;
  const passes = (change: Partial<Question['given']>) =>
    evaluator.ask({ ...question, given: { ...given, ...change } }).outcome === 'allow';
  const vendor = policy.vendors.find(({ id }) => passes({ session: id }));
  if (vendor !== undefined) return `while a session of ${vendor.id} is granted`;
  const modes = policy.modes.map(({ name }) => name).filter((mode) => passes({ mode }));
  if (modes.length > 0) return `in the mode ${modes.join(', ')}`;
  const next = gate === undefined ? undefined : nextChange({ ...gate, session: false }, given.at);
  return next !== undefined && passes({ at: next }) ? `from ${formatTime(next)} on` : undefined;
}

/** A target of a vendor, where nothing else is: no conduit leads there, the box does. */
function inSession(policy: Policy, evaluator: Evaluator, question: Question): NearestWay | undefined {
  for (const { id } of policy.vendors) {
    const given = { ...question.given, session: id };
    const { outcome, flow } = evaluator.ask({ ...question, given });
    if (outcome !== 'allow' || flow === undefined) continue;
    return { kind: 'when', flow, text: `It passes by ${flow.id} in a session of ${id}, through the box.` };
  }
  return undefined;
}

interface Candidate {
  readonly flow: FlowRule;
  readonly way: Way;
  /** Names of its ends, for people. */
  readonly client: string;
  readonly server: string;
  /** How much it has in common with what was asked: the server weighs most, then the service, then the client. */
  readonly shared: number;
}

/** What of a flow comes nearest to a way; `undefined` where neither end is the same. */
function closest(flow: FlowRule, { client, server, protocol, port }: Way): Candidate | undefined {
  const from = endAt(flow.sources, client);
  const to = endAt(flow.destinations, server);
  if (from === undefined || to === undefined || (!from.isAsked && !to.isAsked)) return undefined;
  const range = flow.ports.find(({ first, last }) => first <= port && port <= last);
  const sameService = flow.protocol === protocol && (range !== undefined || protocol === 'icmp-echo');
  return {
    flow,
    way: {
      protocol: flow.protocol,
      client: from.address,
      server: to.address,
      port: range === undefined ? (flow.ports[0]?.first ?? 0) : port,
    },
    client: from.name,
    server: to.name,
    shared: (to.isAsked ? 4 : 0) + (sameService ? 2 : 0) + (from.isAsked ? 3 : 0),
  };
}

/** The asked address where an end has it, else the first it has. */
function endAt(ends: readonly Endpoint[], address: string) {
  const host = parseAddress(address);
  const has = ({ prefixes }: Endpoint) =>
    prefixes.some((text) => {
      const prefix = parsePrefix(text);
      return host !== undefined && prefix !== undefined && contains(prefix, host);
    });
  const own = ends.find(has);
  if (own !== undefined) return { isAsked: true, address, name: own.asset || address };
  const [first] = ends;
  const prefix = parsePrefix(first?.prefixes[0] ?? '');
  if (first === undefined || prefix === undefined) return undefined;
  return { isAsked: false, address: formatAddress(prefix), name: ends.map(nameOf).join(', ') };
}

function nameOf({ asset, zone }: Endpoint): string {
  return asset === '' ? `the zone ${zone}` : asset;
}

function wayText({ flow, client, server }: Candidate): string {
  return `${server} may be reached on ${serviceText(flow)} by ${client} (${flow.id}).`;
}

/** `tcp 443`, `tcp 443, 8443-8450`, `icmp-echo`. */
function serviceText({ protocol, ports }: FlowRule): string {
  const rangeText = ({ first, last }: PortRange) => (first === last ? `${first}` : `${first}-${last}`);
  return protocol === 'icmp-echo' ? protocol : `${protocol} ${ports.map(rangeText).join(', ')}`;
}
