import descriptor from '../../../../rules/record/record.json' with { type: 'json' };

/** A message as it was stored: every field by name, with the default of its type where it was left out. */
export type Message = { readonly [name: string]: unknown };

/**
 * Reads a message of record.proto, https://protobuf.dev/programming-guides/encoding. The gateway reads it with a
 * library; an auditor's page has none, and being written anew it is also a second opinion.
 * Throws a RangeError where the bytes are no such message.
 */
export function readMessage(name: string, bytes: Uint8Array): Message {
  const type = Types[name];
  if (type === undefined) throw new RangeError(`no message ${name}`);
  const byId = new Map(Object.entries(type.fields).map(([field, facts]) => [facts.id, { field, ...facts }]));
  const message: Record<string, unknown> = defaults(type);
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const tag = varint(reader);
    const found = byId.get(Math.floor(tag / 8));
    if (found === undefined) skip(reader, tag % 8);
    else take(reader, tag % 8, found, message, type);
  }
  return message;
}

interface Field {
  readonly type: string;
  readonly id: number;
  readonly rule?: string;
  readonly options?: { readonly proto3_optional?: boolean };
}

interface MessageType {
  readonly fields: Readonly<Record<string, Field>>;
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

const Types = descriptor.nested.penstock.nested.record.nested.v1.nested as Readonly<
  Record<string, MessageType | undefined>
>;

function defaults({ fields, oneofs = {} }: MessageType): Record<string, unknown> {
  const chosen = new Set(Object.values(oneofs).flatMap(({ oneof }) => oneof));
  const plain = Object.entries(fields).filter(
    ([name, { options }]) => !chosen.has(name) && options?.proto3_optional !== true,
  );
  return Object.fromEntries(plain.map(([name, field]) => [name, defaultOf(field)]));
}

function defaultOf({ type, rule }: Field): unknown {
  if (rule === 'repeated') return [];
  if (type === 'string') return '';
  if (type === 'bytes') return new Uint8Array();
  if (type === 'bool') return false;
  return Numbers.has(type) ? 0 : undefined;
}

function take(
  reader: Reader,
  wire: number,
  found: Field & { readonly field: string },
  message: Record<string, unknown>,
  type: MessageType,
): void {
  const { field, rule } = found;
  const choice = Object.entries(type.oneofs ?? {}).find(([, { oneof }]) => oneof.includes(field));
  if (choice !== undefined && found.options?.proto3_optional !== true) message[choice[0]] = field;
  if (rule !== 'repeated') {
    message[field] = readValue(reader, wire, found.type);
    return;
  }
  const list = message[field] as unknown[];
  if (wire !== LengthDelimited || !Numbers.has(found.type)) {
    list.push(readValue(reader, wire, found.type));
    return;
  }
  const packed = { bytes: delimited(reader), at: 0 };
  while (packed.at < packed.bytes.length) list.push(varint(packed));
}

function readValue(reader: Reader, wire: number, type: string): unknown {
  if (wire === Varint && type === 'bool') return varint(reader) !== 0;
  if (wire === Varint && Numbers.has(type)) return varint(reader);
  if (wire !== LengthDelimited || Numbers.has(type)) throw new RangeError('a field of another kind');
  const bytes = delimited(reader);
  if (type === 'bytes') return bytes;
  return type === 'string' ? new TextDecoder().decode(bytes) : readMessage(type, bytes);
}

function varint(reader: Reader): number {
  let value = 0;
  for (let place = 1; place < 2 ** 64; place *= 128) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined) break;
    reader.at += 1;
    value += (byte & 127) * place;
    if (byte < 128) return value;
  }
  throw new RangeError('a number that does not end');
}

function delimited(reader: Reader): Uint8Array {
  const length = varint(reader);
  const from = reader.at;
  if (from + length > reader.bytes.length) throw new RangeError('a field that is cut short');
  reader.at += length;
  return Uint8Array.from(reader.bytes.subarray(from, reader.at));
}

/** A field of a later release. */
function skip(reader: Reader, wire: number): void {
  if (wire === Varint) varint(reader);
  else if (wire === LengthDelimited) delimited(reader);
  else if (wire === 1 || wire === 5) reader.at += wire === 1 ? 8 : 4;
  else throw new RangeError('a field of no known kind');
}

/** All numbers of record.proto are varints without a sign. */
const Numbers = new Set(['uint32', 'uint64', 'bool']);
const Varint = 0;
const LengthDelimited = 2;
