import protobuf from 'protobufjs/light.js';
import descriptor from './record.json' with { type: 'json' };
import {
  type Act,
  type Carried,
  type EvidenceRecord,
  MaxSummaryValues,
  type Party,
  type RequestSummary,
} from './record.ts';

/** The type byte of each kind of record in a segment. A number is never given to another kind. */
export const RecordTypes = {
  connection: 1,
  refusal: 2,
  drop: 3,
  act: 4,
  operation: 5,
  chunk: 6,
  connections: 7,
} as const;

/** A record as it lies in a segment, before framing. */
export interface EncodedRecord {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** The exact bytes that are stored, and later hashed; they are never made a second time. */
export function encodeRecord(record: EvidenceRecord): EncodedRecord {
  const { kind, ...fields } = record;
  const message = messages[kind];
  return {
    type: RecordTypes[kind],
    payload: message.encode(message.fromObject(record.kind === 'act' ? actFields(record) : fields)).finish(),
  };
}

/** Reads a stored record; a type of a newer release or a payload that is no message is told, not thrown. */
export function decodeRecord(
  type: number,
  payload: Uint8Array,
): { readonly ok: true; readonly record: EvidenceRecord } | { readonly ok: false; readonly problem: string } {
  const reader = readers.get(type);
  if (reader === undefined) return { ok: false, problem: `record type ${type} is not known here` };
  try {
    return { ok: true, record: reader(payload) };
  } catch {
    return { ok: false, problem: `the payload is no record of type ${type}` };
  }
}

function actFields({ at, act }: { at: number; act: Act }): Record<string, unknown> {
  const { kind, ...fields } = act;
  return { at, [kind]: fields };
}

function readConnection(payload: Uint8Array): EvidenceRecord {
  const fields = read(messages.connection, payload);
  return {
    kind: 'connection',
    id: text(fields['id']),
    startedAt: count(fields['startedAt']),
    endedAt: count(fields['endedAt']),
    ...carried(fields),
  };
}

function readConnections(payload: Uint8Array): EvidenceRecord {
  const fields = read(messages.connections, payload);
  return {
    kind: 'connections',
    firstAt: count(fields['firstAt']),
    lastAt: count(fields['lastAt']),
    count: count(fields['count']),
    ...carried(fields),
    foldedKinds: count(fields['foldedKinds']),
  };
}

function carried(fields: Fields): Carried {
  return {
    conduit: text(fields['conduit']),
    flow: text(fields['flow']),
    client: party(fields['client']),
    server: party(fields['server']),
    bytesFromClient: count(fields['bytesFromClient']),
    bytesFromServer: count(fields['bytesFromServer']),
    requests: count(fields['requests']),
    responses: count(fields['responses']),
    refused: count(fields['refused']),
    wouldRefuse: count(fields['wouldRefuse']),
    reason: text(fields['reason']),
    policyVersion: count(fields['policyVersion']),
  };
}

function readRefusal(payload: Uint8Array): EvidenceRecord {
  const fields = read(messages.refusal, payload);
  return {
    kind: 'refusal',
    firstAt: count(fields['firstAt']),
    lastAt: count(fields['lastAt']),
    count: count(fields['count']),
    conduit: text(fields['conduit']),
    flow: text(fields['flow']),
    client: party(fields['client']),
    server: party(fields['server']),
    connection: text(fields['connection']),
    ...(isFields(fields['request']) ? { request: requestSummary(fields['request']) } : {}),
    text: text(fields['text']),
    verdict: text(fields['verdict']),
    reason: text(fields['reason']),
    exceptionCode: count(fields['exceptionCode']),
    permission: text(fields['permission']),
    file: text(fields['file']),
    line: count(fields['line']),
    policyVersion: count(fields['policyVersion']),
    ...present(fields, 'lowestAddress', 'highestAddress', 'messageOffset'),
    ...(typeof fields['action'] === 'string' ? { action: fields['action'] } : {}),
    ...(typeof fields['alternative'] === 'string' ? { alternative: fields['alternative'] } : {}),
    ...(fields['message'] instanceof Uint8Array ? { message: Uint8Array.from(fields['message']) } : {}),
    foldedKinds: count(fields['foldedKinds']),
  };
}

function readDrop(payload: Uint8Array): EvidenceRecord {
  const fields = read(messages.drop, payload);
  return {
    kind: 'drop',
    firstAt: count(fields['firstAt']),
    lastAt: count(fields['lastAt']),
    packets: count(fields['packets']),
    reason: text(fields['reason']),
    device: text(fields['device']),
    source: party(fields['source']),
    destination: party(fields['destination']),
    protocol: text(fields['protocol']),
    foldedKinds: count(fields['foldedKinds']),
    verdict: text(fields['verdict']),
  };
}

function readAct(payload: Uint8Array): EvidenceRecord {
  const fields = read(messages.act, payload);
  const kind = fields['act'];
  const act = typeof kind === 'string' ? fields[kind] : undefined;
  if (!isFields(act)) throw new TypeError('an act of no known kind');
  const plain = Object.entries(act).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(plainBytes) : plainBytes(value),
  ]);
  // The descriptor gives every field its type and default, so the shape is that of the kind named.
  return { kind: 'act', at: count(fields['at']), act: { ...Object.fromEntries(plain), kind } as Act };
}

/** Bytes of the decoder's own kind as any other bytes. */
function plainBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? Uint8Array.from(value) : value;
}

function readOperation(payload: Uint8Array): EvidenceRecord {
  const fields = read(messages.operation, payload);
  return {
    kind: 'operation',
    at: count(fields['at']),
    grant: text(fields['grant']),
    channel: text(fields['channel']),
    target: text(fields['target']),
    person: text(fields['person']),
    request: requestSummary(isFields(fields['request']) ? fields['request'] : {}),
    text: text(fields['text']),
    outcome: text(fields['outcome']),
    reason: text(fields['reason']),
    exceptionCode: count(fields['exceptionCode']),
    permission: text(fields['permission']),
  };
}

function readChunk(payload: Uint8Array): EvidenceRecord {
  const fields = read(messages.chunk, payload);
  const { digest } = fields;
  return {
    kind: 'chunk',
    grant: text(fields['grant']),
    channel: text(fields['channel']),
    index: count(fields['index']),
    firstAt: count(fields['firstAt']),
    lastAt: count(fields['lastAt']),
    bytes: count(fields['bytes']),
    digest: digest instanceof Uint8Array ? Uint8Array.from(digest) : new Uint8Array(),
  };
}

function party(value: unknown): Party {
  const fields = isFields(value) ? value : {};
  return {
    asset: text(fields['asset']),
    zone: text(fields['zone']),
    address: text(fields['address']),
    port: count(fields['port']),
  };
}

function requestSummary(fields: Fields): RequestSummary {
  const before = summaryValues(fields['before']);
  return {
    unit: count(fields['unit']),
    functionCode: count(fields['functionCode']),
    values: summaryValues(fields['values']),
    ...present(fields, 'subFunction', 'address', 'quantity', 'readAddress', 'readQuantity'),
    ...present(fields, 'fileNumber', 'recordNumber', 'recordLength'),
    ...(before.length === 0 ? {} : { before }),
  };
}

function summaryValues(values: unknown): number[] {
  return Array.isArray(values) ? values.slice(0, MaxSummaryValues).map(count) : [];
}

/** Those of the optional numbers that were written, so that 0 and absent stay apart. */
function present<Name extends string>(fields: Fields, ...names: Name[]): { [Key in Name]?: number } {
  const found: { [Key in Name]?: number } = {};
  for (const name of names) if (typeof fields[name] === 'number') found[name] = fields[name];
  return found;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function read(message: protobuf.Type, payload: Uint8Array): Fields {
  return message.toObject(message.decode(payload), { longs: Number, defaults: true, oneofs: true });
}

const root = protobuf.Root.fromJSON(descriptor);
const messages = {
  connection: root.lookupType('penstock.record.v1.Connection'),
  connections: root.lookupType('penstock.record.v1.Connections'),
  refusal: root.lookupType('penstock.record.v1.Refusal'),
  drop: root.lookupType('penstock.record.v1.Drop'),
  act: root.lookupType('penstock.record.v1.Act'),
  operation: root.lookupType('penstock.record.v1.Operation'),
  chunk: root.lookupType('penstock.record.v1.Chunk'),
};

const readers = new Map<number, (payload: Uint8Array) => EvidenceRecord>([
  [RecordTypes.connection, readConnection],
  [RecordTypes.connections, readConnections],
  [RecordTypes.refusal, readRefusal],
  [RecordTypes.drop, readDrop],
  [RecordTypes.act, readAct],
  [RecordTypes.operation, readOperation],
  [RecordTypes.chunk, readChunk],
]);
