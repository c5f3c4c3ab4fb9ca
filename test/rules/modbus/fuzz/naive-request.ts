/**
 * A reading of a request PDU on its own, from MAP V1.1b3 §6 and nothing of ours: what it would read and write.
 * It shares no code with the inspector, so that both have to be wrong in the same way to hide a hole.
 */
export interface NaiveRequest {
  readonly unit: number;
  readonly functionCode: number;
  /** Diagnostics sub-function, MEI type, UMAS function; -1 without. */
  readonly sub: number;
  /** Its data means nothing to the specification. */
  readonly opaque: boolean;
  readonly reads: readonly Span[];
  readonly writes: readonly Span[];
  /** What is written: registers in order, or coils as 0 and 1. */
  readonly values: readonly number[];
  readonly masks: { readonly and: number; readonly or: number } | undefined;
  readonly files: readonly FileSpan[];
  /** Bytes of the whole ADU. */
  readonly size: number;
}

export interface Span {
  readonly table: 'coils' | 'discretes' | 'holdings' | 'inputs';
  readonly address: number;
  readonly quantity: number;
}

export interface FileSpan {
  readonly file: number;
  readonly record: number;
  readonly length: number;
}

/** `undefined` where the PDU is not exactly one request: too short, too long, or its counts disagree. */
export function readNaively(unit: number, pdu: Uint8Array): NaiveRequest | undefined {
  const code = pdu[0] ?? 0;
  const said = { ...Nothing, unit, functionCode: code, size: pdu.length + 7 };
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4: {
      const table = (['coils', 'discretes', 'holdings', 'inputs'] as const)[code - 1] ?? 'coils';
      const span = { table, address: word(pdu, 1), quantity: word(pdu, 3) };
      const most = code < 3 ? 2000 : 125;
      return pdu.length === 5 && isSound(span, most) ? { ...said, reads: [span] } : undefined;
    }
    case 5: {
      const span: Span = { table: 'coils', address: word(pdu, 1), quantity: 1 };
      const value = word(pdu, 3);
      if (pdu.length !== 5 || (value !== 0 && value !== 0xff00)) return undefined;
      return { ...said, writes: [span], values: [value === 0 ? 0 : 1] };
    }
    case 6: {
      const span: Span = { table: 'holdings', address: word(pdu, 1), quantity: 1 };
      return pdu.length === 5 ? { ...said, writes: [span], values: [word(pdu, 3)] } : undefined;
    }
    case 7:
    case 11:
    case 12:
    case 17:
      return pdu.length === 1 ? said : undefined;
    case 8:
      if (pdu.length < 5 || pdu.length % 2 === 0) return undefined;
      return { ...said, sub: word(pdu, 1) };
    case 15: {
      const span: Span = { table: 'coils', address: word(pdu, 1), quantity: word(pdu, 3) };
      const count = pdu[5] ?? 0;
      if (!isSound(span, 1968) || count !== Math.ceil(span.quantity / 8) || pdu.length !== 6 + count)
        return undefined;
      const values = Array.from(
        { length: span.quantity },
        (_, at) => ((pdu[6 + (at >> 3)] ?? 0) >> (at & 7)) & 1,
      );
      // Set bits behind the last coil are more coils to a server that goes by the byte count.
      const stray = (pdu.at(-1) ?? 0) >> (((span.quantity - 1) & 7) + 1);
      return stray === 0 ? { ...said, writes: [span], values } : undefined;
    }
    case 16: {
      const span: Span = { table: 'holdings', address: word(pdu, 1), quantity: word(pdu, 3) };
      const count = pdu[5] ?? 0;
      if (!isSound(span, 123) || count !== 2 * span.quantity || pdu.length !== 6 + count) return undefined;
      return { ...said, writes: [span], values: wordsFrom(pdu, 6) };
    }
    case 20:
    case 21:
      return readFiles(said, pdu);
    case 22: {
      const span: Span = { table: 'holdings', address: word(pdu, 1), quantity: 1 };
      const masks = { and: word(pdu, 3), or: word(pdu, 5) };
      return pdu.length === 7 ? { ...said, writes: [span], masks } : undefined;
    }
    case 23: {
      const read: Span = { table: 'holdings', address: word(pdu, 1), quantity: word(pdu, 3) };
      const write: Span = { table: 'holdings', address: word(pdu, 5), quantity: word(pdu, 7) };
      const count = pdu[9] ?? 0;
      if (!isSound(read, 125) || !isSound(write, 121)) return undefined;
      if (count !== 2 * write.quantity || pdu.length !== 10 + count) return undefined;
      return { ...said, reads: [read], writes: [write], values: wordsFrom(pdu, 10) };
    }
    case 24: {
      const span: Span = { table: 'holdings', address: word(pdu, 1), quantity: 1 };
      return pdu.length === 3 ? { ...said, reads: [span] } : undefined;
    }
    case 43:
      if (pdu.length < 2) return undefined;
      if (pdu[1] === 14) return pdu.length === 4 && isObject(pdu) ? { ...said, sub: 14 } : undefined;
      return { ...said, sub: pdu[1] ?? 0, opaque: true };
    default:
      if (code === 0 || code > 127) return undefined;
      return { ...said, sub: code === 90 ? (pdu[2] ?? -1) : -1, opaque: true };
  }
}

function readFiles(said: NaiveRequest, pdu: Uint8Array): NaiveRequest | undefined {
  const count = pdu[1] ?? 0;
  const isWrite = said.functionCode === 21;
  if (pdu.length !== 2 + count || count < (isWrite ? 9 : 7) || count > (isWrite ? 251 : 245))
    return undefined;
  const files: FileSpan[] = [];
  for (let at = 2; at < pdu.length; ) {
    if (at + 7 > pdu.length || pdu[at] !== 6) return undefined;
    const span = { file: word(pdu, at + 1), record: word(pdu, at + 3), length: word(pdu, at + 5) };
    if (span.file === 0 || span.length === 0 || span.record + span.length > 10_000) return undefined;
    files.push(span);
    at += 7 + (isWrite ? 2 * span.length : 0);
    if (at > pdu.length) return undefined;
  }
  return { ...said, files };
}

function isObject(pdu: Uint8Array): boolean {
  return (pdu[2] ?? 0) >= 1 && (pdu[2] ?? 0) <= 4;
}

function isSound({ address, quantity }: Span, most: number): boolean {
  return quantity >= 1 && quantity <= most && address + quantity <= 65_536;
}

function wordsFrom(bytes: Uint8Array, start: number): number[] {
  const words: number[] = [];
  for (let at = start; at + 1 < bytes.length; at += 2) words.push(word(bytes, at));
  return words;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

const Nothing: NaiveRequest = {
  unit: 0,
  functionCode: 0,
  sub: -1,
  opaque: false,
  reads: [],
  writes: [],
  values: [],
  masks: undefined,
  files: [],
  size: 0,
};
