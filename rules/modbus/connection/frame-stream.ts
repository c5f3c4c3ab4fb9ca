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
  return new Framing(maxAduBytes);
}

/** Of a class: a function for each of its parts would make it many times as large, and there are two for a connection. */
class Framing implements FrameStream {
  bytes: Uint8Array = Empty;
  start = 0;
  end = 0;
  offset = 0;
  problem: FrameProblem | undefined = undefined;
  readonly #maxAduBytes: (functionCode: number) => number;
  /** Of an unfinished ADU; made when there is the first. */
  #held: Uint8Array = Empty;
  #heldBytes = 0;
  #chunk: Uint8Array = Empty;
  #position = 0;
  /** Place of the chunk's first byte in the whole stream. */
  #chunkOffset = 0;
  #pushedAt = 0;
  #partialSince: number | undefined = undefined;
  #isBack = false;

  constructor(maxAduBytes: (functionCode: number) => number) {
    this.#maxAduBytes = maxAduBytes;
  }

  push(bytes: Uint8Array, now: number): void {
    if (this.problem !== undefined) return;
    this.#pushedAt = now;
    if (this.#position < this.#chunk.length) {
      this.keep();
      this.#chunk = joined(this.#chunk, bytes);
    } else {
      this.#chunkOffset += this.#chunk.length;
      this.#chunk = bytes;
      this.#position = 0;
    }
  }

  keep(): void {
    if (this.#chunk.length === 0) return;
    this.#chunkOffset += this.#position;
    this.#chunk = this.#position < this.#chunk.length ? this.#chunk.slice(this.#position) : Empty;
    this.#position = 0;
  }

  next(): Found {
    if (this.problem !== undefined) return 'malformed';
    return this.#heldBytes > 0 ? this.#nextFromHeld() : this.#nextFromChunk();
  }

  putBack(): void {
    this.#isBack = true;
    if (this.bytes === this.#held) this.#heldBytes = this.end;
    else this.#position = this.start;
  }

  unread(): boolean {
    return this.#isBack || this.#position < this.#chunk.length;
  }

  deadline(): number {
    return this.#partialSince === undefined ? Number.POSITIVE_INFINITY : this.#partialSince + PartialTimeout;
  }

  isOverdue(now: number): boolean {
    return now >= this.deadline();
  }

  restartTimer(now: number): void {
    this.#pushedAt = now;
    if (this.#partialSince !== undefined) this.#partialSince = now;
  }

  #nextFromChunk(): Found {
    const chunk = this.#chunk;
    const position = this.#position;
    const available = chunk.length - position;
    if (available < HeaderBytes || available < headerNeeds(chunk, position)) return this.#hold();
    const problem = headerProblem(chunk, position, this.#maxAduBytes);
    if (problem !== undefined) {
      return this.#fail(problem, chunk, position, chunk.length, this.#chunkOffset + position);
    }
    const size = aduBytes(chunk, position);
    if (available < size) return this.#hold(size);
    this.#position = position + size;
    return this.#found(chunk, position, position + size);
  }

  #nextFromHeld(): Found {
    this.#fill(HeaderBytes);
    if (this.#heldBytes < HeaderBytes) return this.#needMore();
    this.#fill(headerNeeds(this.#held, 0));
    if (this.#heldBytes < headerNeeds(this.#held, 0)) return this.#needMore();
    // Checked again for every piece: cheap, and there is no state in which it was forgotten.
    const problem = headerProblem(this.#held, 0, this.#maxAduBytes);
    if (problem !== undefined) {
      const began = this.#chunkOffset + this.#position - this.#heldBytes;
      return this.#fail(problem, this.#held, 0, this.#heldBytes, began);
    }
    const size = aduBytes(this.#held, 0);
    this.#fill(size);
    if (this.#heldBytes < size) return this.#needMore();
    this.#heldBytes = 0;
    return this.#found(this.#held, 0, size);
  }

  /** Takes over all that is left of the chunk, which is less than the ADU it begins. */
  #hold(size: number = MaxAduBytes): Found {
    this.#fill(size);
    return this.#needMore();
  }

  #fill(upTo: number): void {
    const chunk = this.#chunk;
    if (upTo <= this.#heldBytes || this.#position >= chunk.length) return;
    const size = Math.max(upTo, MaxAduBytes);
    if (size > this.#held.length) this.#held = joined(this.#held, new Uint8Array(size - this.#held.length));
    const end = Math.min(chunk.length, this.#position + upTo - this.#heldBytes);
    // A loop and no `set`, which would take a view of the chunk first: no allocation for an ADU in pieces.
    while (this.#position < end) this.#held[this.#heldBytes++] = byteAt(chunk, this.#position++);
  }

  #found(bytes: Uint8Array, start: number, end: number): Found {
    this.#partialSince = undefined;
    this.#isBack = false;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.offset = this.#chunkOffset + this.#position - (end - start);
    return 'adu';
  }

  #needMore(): Found {
    if (this.#heldBytes > 0) this.#partialSince ??= this.#pushedAt;
    return 'need-more';
  }

  #fail(problem: FrameProblem, bytes: Uint8Array, start: number, end: number, began: number): Found {
    this.problem = problem;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.offset = began + FieldOffset[problem];
    return 'malformed';
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

const Empty = new Uint8Array(0);
