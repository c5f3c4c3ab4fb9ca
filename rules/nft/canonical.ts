import { formatAddress, formatPrefix, isHost, type Prefix, parsePrefix } from '../address.ts';

/**
 * libnftables says one thing in several ways (a prefix or a range, an element bare or wrapped, counters
 * running). This gives one text for each thing; it also is how a ruleset is shown to people.
 */
export function canonicalElement(element: unknown): {
  readonly key: string;
  /** Comment and verdict. */
  readonly data: string;
  readonly timed: boolean;
} {
  const pair = Array.isArray(element);
  const [bare, verdict] = pair ? (element as readonly unknown[]) : [element, undefined];
  const wrapped = isRecord(bare) && isRecord(bare['elem']) ? bare['elem'] : { val: bare };
  const comment = wrapped['comment'];
  const data = [
    ...(comment === undefined ? [] : [`comment ${String(comment)}`]),
    ...(pair ? [canonicalStatement(verdict)] : []),
  ];
  return { key: canonicalField(wrapped['val']), data: data.join(' : '), timed: 'timeout' in wrapped };
}

/** A value, a range, a prefix, a concatenation or a list of them. */
export function canonicalField(value: unknown): string {
  if (Array.isArray(value)) return value.map(canonicalField).join(' . ');
  if (!isRecord(value)) return scalar(value);
  if ('concat' in value) return canonicalField(value['concat']);
  if ('set' in value)
    return `{ ${(value['set'] as readonly unknown[]).map(canonicalField).sort().join(', ')} }`;
  if (isRecord(value['prefix']))
    return span(parsePrefix(`${value['prefix']['addr']}/${value['prefix']['len']}`));
  if (Array.isArray(value['range'])) {
    const [first, last] = (value['range'] as readonly unknown[]).map(scalar);
    return first === last ? String(first) : spanOfEnds(String(first), String(last));
  }
  if ('counter' in value) return 'counter';
  if (isRecord(value['map']))
    return `${canonicalField(value['map']['key'])} map ${String(value['map']['data'])}`;
  return selector(value);
}

/** One statement of a rule, close to nft's own language. */
export function canonicalStatement(statement: unknown): string {
  if (!isRecord(statement)) return String(statement);
  const [kind = '', body] = Object.entries(statement)[0] ?? [];
  if (kind === 'match' && isRecord(body)) {
    const op = body['op'] === '==' ? '' : `${String(body['op'])} `;
    return `${canonicalField(body['left'])} ${op}${canonicalField(body['right'])}`;
  }
  if (kind === 'vmap' && isRecord(body)) return `${canonicalField(body['key'])} vmap ${String(body['data'])}`;
  if (kind === 'mangle' && isRecord(body))
    return `${canonicalField(body['key'])} set ${canonicalField(body['value'])}`;
  if ((kind === 'goto' || kind === 'jump') && isRecord(body)) return `${kind} ${String(body['target'])}`;
  // A counter in a rule comes back with its counts; one that is an object comes back as its name.
  if (kind === 'counter') return typeof body === 'string' ? `counter name ${body}` : 'counter';
  if (kind === 'limit' && isRecord(body))
    return `limit rate ${body['inv'] === true ? 'over ' : ''}${body['rate']}/${body['per']} burst ${body['burst']}`;
  if (kind === 'ct count' && isRecord(body))
    return `ct count ${body['inv'] === true ? 'over ' : ''}${body['val']}`;
  if (kind === 'meter' && isRecord(body)) {
    const { name, size, key, stmt } = body;
    return `meter ${name} size ${size} { ${meterKey(key)} ${canonicalStatement(stmt)} }`;
  }
  if (!isRecord(body)) return kind;
  return `${kind} ${Object.entries(body)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
    .join(' ')}`;
}

function meterKey(key: unknown): string {
  const inner = isRecord(key) ? key['elem'] : undefined;
  if (!isRecord(inner)) return canonicalField(key);
  return `${canonicalField(inner['val'])} timeout ${String(inner['timeout'])}s`;
}

function selector(value: Readonly<Record<string, unknown>>): string {
  const [kind = '', body] = Object.entries(value)[0] ?? [];
  if (!isRecord(body)) return JSON.stringify(value);
  if (kind === 'payload') return `${String(body['protocol'])} ${String(body['field'])}`;
  const known = Object.keys(body).length === 1 && 'key' in body;
  return known ? `${kind} ${String(body['key'])}` : JSON.stringify(value);
}

function scalar(value: unknown): string {
  const text = String(value);
  return /^[0-9a-f]*[.:]/i.test(text) ? (hostText(text) ?? text) : text;
}

function hostText(text: string): string | undefined {
  const prefix = parsePrefix(text);
  return prefix && span(prefix);
}

function span(prefix: Prefix | undefined): string {
  if (prefix === undefined) return 'no prefix';
  return isHost(prefix) ? formatAddress(prefix) : formatPrefix(prefix);
}

/** A range of addresses that is a prefix is written as one, since libnftables lists it so. */
function spanOfEnds(first: string, last: string): string {
  const [low, high] = [parsePrefix(first), parsePrefix(last)];
  if (low === undefined || high === undefined) return `${first}-${last}`;
  const size = high.last - low.first + 1n;
  const width = low.family === 4 ? 32 : 128;
  const length = width - (size.toString(2).length - 1);
  const asPrefix = (size & (size - 1n)) === 0n ? parsePrefix(`${formatAddress(low)}/${length}`) : undefined;
  return asPrefix === undefined ? `${first}-${last}` : formatPrefix(asPrefix);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
