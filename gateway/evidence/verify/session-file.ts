import { fromBase64, toBase64 } from '../../../rules/evidence/base64.ts';

/**
 * The evidence of one session in one file, JSON: it is verified with a public key and nothing else. A record's `proof`
 * with an empty line and `checkpoint` after it is a proof of C2SP tlog-proof that stands by itself.
 */
export interface SessionFile {
  readonly format: typeof SessionFormat;
  readonly grant: string;
  /** The log's public key as the box tells it; whoever verifies has it from somewhere else. C2SP signed-note. */
  readonly key: string;
  /** The signed checkpoint that all records are proved against, with the cosignatures of witnesses. */
  readonly checkpoint: string;
  /** Where the log changed its key, first to last: how who has only a former or a later key comes to the one above. */
  readonly handovers: readonly string[];
  /** What belongs to the session, and what it is judged by, in the order of the log. */
  readonly records: readonly SessionRecord[];
  /** Pieces of its recordings as they are stored: encrypted. */
  readonly recordings: readonly SessionPiece[];
}

export interface SessionRecord {
  readonly type: number;
  /** Exactly the bytes that are stored. */
  readonly payload: Uint8Array;
  /** The lines of C2SP tlog-proof before the empty one. */
  readonly proof: string;
}

export interface SessionPiece {
  readonly channel: string;
  readonly index: number;
  readonly bytes: Uint8Array;
}

export const SessionFormat = 'penstock-session/1';

export function formatSessionFile({ records, recordings, ...head }: SessionFile): string {
  const spelled = {
    ...head,
    records: records.map((one) => ({ ...one, payload: toBase64(one.payload) })),
    recordings: recordings.map((one) => ({ ...one, bytes: toBase64(one.bytes) })),
  };
  return `${JSON.stringify(spelled, undefined, 1)}\n`;
}

/** A session file from its text, or undefined when it has not the form of one; nothing is verified by this. */
export function parseSessionFile(text: string): SessionFile | undefined {
  const file = parseObject(text);
  if (file?.['format'] !== SessionFormat) return undefined;
  const { grant, key, checkpoint, handovers = [], records, recordings } = file;
  if (typeof grant !== 'string' || typeof key !== 'string' || typeof checkpoint !== 'string')
    return undefined;
  if (!isTexts(handovers)) return undefined;
  const read = readAll(records, readRecord);
  const pieces = readAll(recordings, readPiece);
  if (read === undefined || pieces === undefined) return undefined;
  return { format: SessionFormat, grant, key, checkpoint, handovers, records: read, recordings: pieces };
}

function readRecord(fields: Fields): SessionRecord | undefined {
  const { type, payload, proof } = fields;
  const bytes = typeof payload === 'string' ? fromBase64(payload) : undefined;
  if (bytes === undefined || typeof proof !== 'string' || !isCount(type)) return undefined;
  return { type, payload: bytes, proof };
}

function readPiece(fields: Fields): SessionPiece | undefined {
  const { channel, index, bytes } = fields;
  const content = typeof bytes === 'string' ? fromBase64(bytes) : undefined;
  if (content === undefined || typeof channel !== 'string' || !isCount(index)) return undefined;
  return { channel, index, bytes: content };
}

type Fields = { readonly [name: string]: unknown };

function readAll<T>(list: unknown, read: (fields: Fields) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const all: T[] = [];
  for (const one of list as readonly unknown[]) {
    const item = isFields(one) ? read(one) : undefined;
    if (item === undefined) return undefined;
    all.push(item);
  }
  return all;
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
