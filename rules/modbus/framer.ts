/**
 * What the bytes so far amount to. `bytes[start, end)` of an ADU is a view that is good until the next
 * call; nothing in it beyond the MBAP header has been looked at.
 */
export type Frame =
  | { readonly kind: 'need-more' }
  | { readonly kind: 'adu'; readonly bytes: Uint8Array; readonly start: number; readonly end: number }
  | { readonly kind: 'malformed'; readonly problem: FrameProblem; readonly offset: number };

/** What was wrong with an MBAP header. `offset` above is the field's place in the whole stream. */
export type FrameProblem = 'protocol-id' | 'length';

/** One direction of a connection, cut into ADUs. */
export interface Framer {
  /** Hands in the next bytes; every frame of the previous ones must have been taken. */
  push(bytes: Uint8Array): void;
  /** The next frame; `need-more` ends the round, `malformed` is for ever. */
  next(): Frame;
  /** Whether an ADU was begun and is not complete. */
  readonly partial: boolean;
}

/** MBAP header up to and including the length field (MODBUS Messaging on TCP/IP V1.0b §3.1.3). */
export const HeaderBytes = 6;
/** Largest ADU: the header and 254 bytes of unit identifier and PDU (MAP V1.1b3 §4.1). */
export const MaxAduBytes = 260;

/**
 * Cuts a byte stream by the MBAP header alone: protocol identifier 0, length 2 to 254. There is no way
 * back into step after a wrong header, so the first one ends the stream (a reader that searches on can
 * be steered). At most one ADU is ever held.
 */
export function createFramer(): Framer {
  const held = new Uint8Array(MaxAduBytes);
  let heldBytes = 0;
  let chunk: Uint8Array = Empty;
  let position = 0;
  let chunkOffset = 0;
  let malformed: Frame | undefined;

  function push(bytes: Uint8Array): void {
    chunkOffset += chunk.length;
    chunk = bytes;
    position = 0;
  }

  function next(): Frame {
    if (malformed !== undefined) return malformed;
    return heldBytes > 0 ? nextFromHeld() : nextFromChunk();
  }

  function nextFromChunk(): Frame {
    const start = position;
    const available = chunk.length - start;
    if (available < HeaderBytes) return hold(available);
    const problem = headerProblem(chunk, start);
    if (problem !== undefined) return fail(problem, chunkOffset + start);
    const size = aduBytes(chunk, start);
    if (available < size) return hold(available);
    position = start + size;
    return { kind: 'adu', bytes: chunk, start, end: position };
  }

  function nextFromHeld(): Frame {
    const began = chunkOffset + position - heldBytes;
    if (heldBytes < HeaderBytes) {
      fill(HeaderBytes);
      if (heldBytes < HeaderBytes) return NeedMore;
    }
    // Checked again for every piece: cheap, and there is no state in which it was forgotten.
    const problem = headerProblem(held, 0);
    if (problem !== undefined) return fail(problem, began);
    const size = aduBytes(held, 0);
    fill(size);
    if (heldBytes < size) return NeedMore;
    heldBytes = 0;
    return { kind: 'adu', bytes: held, start: 0, end: size };
  }

  function hold(available: number): Frame {
    fill(available);
    return NeedMore;
  }

  function fill(upTo: number): void {
    const end = Math.min(chunk.length, position + upTo - heldBytes);
    held.set(chunk.subarray(position, end), heldBytes);
    heldBytes += end - position;
    position = end;
  }

  function fail(problem: FrameProblem, began: number): Frame {
    malformed = { kind: 'malformed', problem, offset: began + FieldOffset[problem] };
    chunk = Empty;
    return malformed;
  }

  return {
    push,
    next,
    get partial() {
      return heldBytes > 0;
    },
  };
}

function headerProblem(bytes: Uint8Array, at: number): FrameProblem | undefined {
  if (bytes[at + 2] !== 0 || bytes[at + 3] !== 0) return 'protocol-id';
  const low = bytes[at + 5] ?? 0;
  // Two is a unit identifier and a function code; less cannot be a message, more than 254 not a Modbus one.
  if (bytes[at + 4] !== 0 || low < 2 || low > MaxAduBytes - HeaderBytes) return 'length';
  return undefined;
}

function aduBytes(bytes: Uint8Array, at: number): number {
  return HeaderBytes + (bytes[at + 5] ?? 0);
}

const NeedMore: Frame = { kind: 'need-more' };
const FieldOffset: Record<FrameProblem, number> = { 'protocol-id': 2, length: 4 };
const Empty = new Uint8Array(0);
