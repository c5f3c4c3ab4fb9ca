import { parseAddress } from '../address.ts';
import { LocalMark } from './inspected.ts';
import { isRecord, type Json, listOf } from './walk-json.ts';
import { type Packet, type Point, pointOf, type Standing, unknown } from './walk-packet.ts';
import { type Span, spanIn, type WalkChain, type WalkElement, type WalkTable } from './walk-table.ts';

/** What became of a packet, and where. */
export interface Walked {
  /** `diverted` is handed to an inspector, which is taken to be there. */
  readonly verdict: 'accepted' | 'diverted' | 'refused';
  /** The chain that decided. */
  readonly chain: string;
  /** The counter it went by last: why it was refused. Empty for none. */
  readonly counter: string;
  /** Comment of the element it was found by last: the flow. Empty for none. */
  readonly comment: string;
  readonly mark: number;
}

/**
 * Leads one packet through a table as the kernel would, so that a box can ask what it holds without sending
 * anything. No limit counts as exceeded. It knows the statements a table of ours can hold and no others.
 * @throws Error at anything else: a table nobody understands proves nothing
 */
export function walk(table: WalkTable, packet: Packet): Walked {
  const family = parseAddress(packet.source)?.family ?? 4;
  const standing: Standing = { ...packet, family };
  const trace: Trace = { chain: '', counter: '', comment: '', isTaken: false };
  const through = (hook: string) => passHook(table, hook, standing, trace);
  const end = (verdict: Walked['verdict']): Walked => {
    const { chain, counter, comment } = trace;
    return { verdict, chain, counter, comment, mark: standing.mark };
  };

  if (packet.iifname === '') return end(through('output') ? 'accepted' : 'refused');
  if (!through('prerouting')) return end('refused');
  if (standing.mark === LocalMark) {
    // Without a listener nobody takes it up where it is delivered.
    const isTaken = trace.isTaken || packet.socket !== undefined;
    return end(through('input') && isTaken ? 'diverted' : 'refused');
  }
  return end(through(packet.oifname === '' ? 'input' : 'forward') ? 'accepted' : 'refused');
}

interface Trace {
  chain: string;
  counter: string;
  comment: string;
  /** A listener of the box was handed it. */
  isTaken: boolean;
}

/** Every base chain of a hook in its order; what one accepts goes on to the next. */
function passHook(table: WalkTable, hook: string, packet: Standing, trace: Trace): boolean {
  const chains = [...table.chains.values()]
    .filter(({ base }) => base?.hook === hook)
    .sort((one, other) => (one.base?.priority ?? 0) - (other.base?.priority ?? 0));
  return chains.every((chain) => (passChain(table, chain, packet, trace) ?? chain.base?.policy) === 'accept');
}

/** The verdict of a chain; `undefined` where a packet comes to its end without one. */
function passChain(table: WalkTable, chain: WalkChain, packet: Standing, trace: Trace): Verdict | undefined {
  trace.chain = chain.name;
  for (const rule of chain.rules) {
    const step = passRule(table, rule, packet, trace);
    if (step === 'leave') return undefined;
    if (step === 'accept' || step === 'drop') return step;
    trace.chain = chain.name;
  }
  return undefined;
}

type Verdict = 'accept' | 'drop';
/** To the next statement, to the next rule, out of the chain, or done. */
type Step = 'on' | 'next' | 'leave' | Verdict;

function passRule(table: WalkTable, rule: readonly Json[], packet: Standing, trace: Trace): Step {
  for (const statement of rule) {
    const step = take(table, statement, packet, trace);
    if (step !== 'on') return step;
  }
  return 'next';
}

function take(table: WalkTable, statement: Json, packet: Standing, trace: Trace): Step {
  const [kind = '', body] = isRecord(statement) ? (Object.entries(statement)[0] ?? []) : [];
  switch (kind) {
    case 'match':
      return isRecord(body) && matches(table, body, packet, trace) ? 'on' : 'next';
    case 'vmap': {
      const found = isRecord(body)
        ? find(table, body['data'], pointsOf(body['key'], packet), trace)
        : undefined;
      return found === undefined ? 'next' : obey(table, found.data, packet, trace);
    }
    case 'mangle':
      return isRecord(body) && mangles(table, body, packet, trace) ? 'on' : 'next';
    case 'counter':
      if (typeof body === 'string') trace.counter = body;
      return 'on';
    case 'limit':
      // Below its rate; one that is `over` goes on only above it.
      return isRecord(body) && body['inv'] === true ? 'next' : 'on';
    case 'meter':
      return 'next';
    case 'log':
      return 'on';
    case 'tproxy':
      trace.isTaken = true;
      return 'on';
    case 'notrack':
      packet.connection = { ...packet.connection, state: 'untracked' };
      return 'on';
    case 'reject':
      return 'drop';
    default:
      return obey(table, statement, packet, trace);
  }
}

function obey(table: WalkTable, verdict: Json, packet: Standing, trace: Trace): Step {
  const [kind = '', body] = isRecord(verdict) ? (Object.entries(verdict)[0] ?? []) : [];
  if (kind === 'accept' || kind === 'drop') return kind;
  if (kind === 'return') return 'leave';
  const chain = isRecord(body) ? table.chains.get(String(body['target'])) : undefined;
  if ((kind !== 'goto' && kind !== 'jump') || chain === undefined) throw unknown('verdict', verdict);
  // What a goto leads to does not come back here, but to whoever jumped last.
  return passChain(table, chain, packet, trace) ?? (kind === 'jump' ? 'next' : 'leave');
}

function matches(
  table: WalkTable,
  { op, left, right }: Readonly<Record<string, Json>>,
  packet: Standing,
  trace: Trace,
): boolean {
  if (op !== '==' && op !== '!=' && op !== 'in') throw unknown('comparison', op);
  if (isFlags(left)) {
    const wanted = listOf(isRecord(right) ? right['set'] : right);
    return packet.tcpFlags.some((flag) => wanted.includes(flag));
  }
  const points = pointsOf(left, packet);
  if (points === undefined) return false;
  const isReference = typeof right === 'string' && right.startsWith('@');
  const wanted = isReference ? [] : listOf(isRecord(right) && 'set' in right ? right['set'] : right);
  const isIn = isReference
    ? find(table, right, points, trace) !== undefined
    : wanted.some((value) => points.every((point) => lies(point, spanIn(value))));
  return isIn === (op !== '!=');
}

function isFlags(left: Json): boolean {
  const payload = isRecord(left) && isRecord(left['payload']) ? left['payload'] : {};
  return payload['protocol'] === 'tcp' && payload['field'] === 'flags';
}

/** Sets the mark of the packet or of its connection; false where the rule ends instead. */
function mangles(
  table: WalkTable,
  { key, value }: Readonly<Record<string, Json>>,
  packet: Standing,
  trace: Trace,
): boolean {
  const target = isRecord(key) && isRecord(key['meta']) ? 'packet' : 'connection';
  const map = isRecord(value) && isRecord(value['map']) ? value['map'] : undefined;
  const given =
    map === undefined
      ? isRecord(value)
        ? pointOf(value, packet)
        : value
      : find(table, map['data'], pointsOf(map['key'], packet), trace)?.data;
  if (given === undefined) return false;
  const mark = Number(given);
  if (!Number.isInteger(mark)) throw unknown('mark', value);
  if (target === 'packet') packet.mark = mark;
  else packet.connection = { ...packet.connection, mark };
  return true;
}

/** What a key is for a packet; `undefined` where one of its parts has no value. */
function pointsOf(key: Json, packet: Standing): readonly Point[] | undefined {
  const parts = isRecord(key) && 'concat' in key ? listOf(key['concat']) : [key];
  const points = parts.map((part) => pointOf(part, packet));
  return points.every((point) => point !== undefined) ? points : undefined;
}

function find(
  { sets }: WalkTable,
  reference: Json,
  points: readonly Point[] | undefined,
  trace: Trace,
): WalkElement | undefined {
  const elements = sets.get(String(reference).slice(1));
  if (elements === undefined) throw unknown('set', reference);
  const found = points && elements.find(({ key }) => key.every((span, index) => lies(points[index], span)));
  if (found !== undefined && found.comment !== '') trace.comment = found.comment;
  return found;
}

function lies(point: Point | undefined, { first, last }: Span): boolean {
  if (typeof point === 'bigint' && typeof first === 'bigint' && typeof last === 'bigint') {
    return first <= point && point <= last;
  }
  return point === first;
}
