import { byteAt } from '../message/adu.ts';
import {
  aduBytes,
  FieldOffset,
  type FrameProblem,
  HeaderBytes,
  headerNeeds,
  headerProblem,
  MaxAduBytes,
} from './framer.ts';

/** What {@link FrameStream.next} found; `need-more` ends the round, `malformed` is for ever. */
export type Found = 'need-more' | 'adu' | 'malformed';

/**
 * One direction of a connection, cut into ADUs by the MBAP header alone. There is no way back into step
 * after a wrong header, so the first one ends the stream (a reader that searches on can be steered). At most
 * one unfinished ADU is held, and what a reader that stops half-way leaves of a chunk.
 */
export interface FrameStream {
  /** Hands in the next bytes: lent until {@link keep}, behind whatever is unread. */
  push(bytes: Uint8Array, now: number): void;
  next(): Found;
  /** The ADU, or the bytes from the wrong header on: `bytes[start, end)`, good until the next call. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where in the whole stream the ADU, or the wrong field, began. */
  readonly offset: number;
  readonly problem: FrameProblem | undefined;
  /** The ADU found last comes again. */
  putBack(): void;
  /** Makes what is unread the stream's own: the caller's bytes are not looked at again. */
  keep(): void;
  /** Whether a reader that stopped left something behind. */
  unread(): boolean;
  isOverdue(now: number): boolean;
  /** When an unfinished ADU becomes overdue; `Infinity` for none. */
  deadline(): number;
  /** The time until now was not the sender's. */
  restartTimer(now: number): void;
}

/** So many milliseconds after its first byte an ADU has to be complete; more bytes do not extend it. */
export const PartialTimeout = 5_000;

/** A stream at its beginning. `maxAduBytes` says which function codes may exceed 260 bytes, and how far. */
export function createFrameStream(maxAduBytes: (functionCode: number) => number): FrameStream {
  let held = new Uint8Array(MaxAduBytes);
  let heldBytes = 0;
  let chunk: Uint8Array = Empty;
  let position = 0;
  /** Place of the chunk's first byte in the whole stream. */
  let chunkOffset = 0;
  let pushedAt = 0;
  let partialSince: number | undefined;
  let isBack = false;

  const stream = {
    bytes: Empty as Uint8Array,
    start: 0,
    end: 0,
    offset: 0,
    problem: undefined as FrameProblem | undefined,
    push,
    next,
    putBack,
    keep,
    unread: () => isBack || position < chunk.length,
    deadline,
    isOverdue: (now: number) => now >= deadline(),
    restartTimer,
  };

  function push(bytes: Uint8Array, now: number): void {
    if (stream.problem !== undefined) return;
    pushedAt = now;
    if (position < chunk.length) {
      keep();
      chunk = joined(chunk, bytes);
    } else {
      chunkOffset += chunk.length;
      chunk = bytes;
      position = 0;
    }
  }

  function keep(): void {
    if (chunk.length === 0) return;
    chunkOffset += position;
    chunk = position < chunk.length ? chunk.slice(position) : Empty;
    position = 0;
  }

  function next(): Found {
    if (stream.problem !== undefined) return 'malformed';
    return heldBytes > 0 ? nextFromHeld() : nextFromChunk();
  }

  function nextFromChunk(): Found {
    const available = chunk.length - position;
    if (available < HeaderBytes || available < headerNeeds(chunk, position)) return hold();
    const problem = headerProblem(chunk, position, maxAduBytes);
    if (problem !== undefined) return fail(problem, chunk, position, chunk.length, chunkOffset + position);
    const size = aduBytes(chunk, position);
    if (available < size) return hold(size);
    position += size;
    return found(chunk, position - size, position);
  }

  function nextFromHeld(): Found {
    fill(HeaderBytes);
    if (heldBytes < HeaderBytes) return needMore();
    fill(headerNeeds(held, 0));
    if (heldBytes < headerNeeds(held, 0)) return needMore();
    // Checked again for every piece: cheap, and there is no state in which it was forgotten.
    const problem = headerProblem(held, 0, maxAduBytes);
    if (problem !== undefined) return fail(problem, held, 0, heldBytes, chunkOffset + position - heldBytes);
    const size = aduBytes(held, 0);
    fill(size);
    if (heldBytes < size) return needMore();
    heldBytes = 0;
    return found(held, 0, size);
  }

  /** Takes over all that is left of the chunk, which is less than the ADU it begins. */
  function hold(size: number = MaxAduBytes): Found {
    fill(size);
    return needMore();
  }

  function fill(upTo: number): void {
    if (upTo <= heldBytes) return;
    if (upTo > held.length) held = joined(held, new Uint8Array(upTo - held.length));
    const end = Math.min(chunk.length, position + upTo - heldBytes);
    // A loop and no `set`, which would take a view of the chunk first: no allocation for an ADU in pieces.
    while (position < end) held[heldBytes++] = byteAt(chunk, position++);
  }

  function found(bytes: Uint8Array, start: number, end: number): Found {
    partialSince = undefined;
    isBack = false;
    stream.bytes = bytes;
    stream.start = start;
    stream.end = end;
    stream.offset = chunkOffset + position - (end - start);
    return 'adu';
  }

  function needMore(): Found {
    if (heldBytes > 0) partialSince ??= pushedAt;
    return 'need-more';
  }

  function fail(problem: FrameProblem, bytes: Uint8Array, start: number, end: number, began: number): Found {
    stream.problem = problem;
    stream.bytes = bytes;
    stream.start = start;
    stream.end = end;
    stream.offset = began + FieldOffset[problem];
    return 'malformed';
  }

  function putBack(): void {
    isBack = true;
    if (stream.bytes === held) heldBytes = stream.end;
    else position = stream.start;
  }

  function deadline(): number {
    return partialSince === undefined ? Number.POSITIVE_INFINITY : partialSince + PartialTimeout;
  }

  function restartTimer(now: number): void {
    pushedAt = now;
    if (partialSince !== undefined) partialSince = now;
  }

  return stream;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

const Empty = new Uint8Array(0);
