import { PartialTimeout } from '../connection/frame-stream.ts';
import { hasRightCrc, MaxRtuBytes } from './rtu.ts';
import { LengthOpen, LengthUnknown } from './rtu-length.ts';

/** Why a stream cannot be cut any further; it ends with that. */
export type RtuProblem = 'length' | 'crc';

/**
 * One direction of an RTU connection over TCP, cut into frames. TCP keeps no silence between frames, so a
 * frame ends where its function code says and its CRC must be right; nothing is searched for, and the first
 * frame that is wrong ends the stream.
 */
export interface RtuStream {
  /** Hands in the next bytes; they are copied. */
  push(bytes: Uint8Array): void;
  next(now: number): 'need-more' | 'adu' | 'malformed';
  /** What is unread becomes what is malformed, and the stream ends. */
  stop(): void;
  /** The frame found last, or what is malformed: `bytes[start, end)`, good until the next `push`. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where in the whole stream it began. */
  readonly offset: number;
  readonly problem: RtuProblem | undefined;
  /** Bytes that were handed in and not given out. */
  readonly unread: number;
  /** When an unfinished frame becomes overdue; `Infinity` for none. */
  deadline(): number;
}

/** A stream at its beginning. `lengthOf` tells the length of a frame as `rtu-length.ts` does. */
export function createRtuStream(
  lengthOf: (bytes: Uint8Array, start: number, end: number) => number,
): RtuStream {
  let position = 0;
  /** Place of the first byte held in the whole stream. */
  let base = 0;
  let partialSince: number | undefined;

  const stream = {
    bytes: Empty as Uint8Array,
    start: 0,
    end: 0,
    offset: 0,
    problem: undefined as RtuProblem | undefined,
    push,
    next,
    stop: () => void fail('length'),
    get unread() {
      return stream.bytes.length - position;
    },
    deadline: () => (partialSince === undefined ? Number.POSITIVE_INFINITY : partialSince + PartialTimeout),
  };

  function push(bytes: Uint8Array): void {
    if (stream.problem !== undefined) return;
    const left = stream.bytes.length - position;
    const joined = new Uint8Array(left + bytes.length);
    joined.set(stream.bytes.subarray(position));
    joined.set(bytes, left);
    base += position;
    position = 0;
    stream.bytes = joined;
  }

  function next(now: number): 'need-more' | 'adu' | 'malformed' {
    if (stream.problem !== undefined) return 'malformed';
    const available = stream.bytes.length - position;
    const length = lengthOf(stream.bytes, position, stream.bytes.length);
    if (length === LengthUnknown || length > MaxRtuBytes) return fail('length');
    if (length === LengthOpen || length > available) {
      if (available > 0) partialSince ??= now;
      return 'need-more';
    }
    mark(length);
    if (!hasRightCrc(stream.bytes, stream.start, stream.end)) return fail('crc');
    partialSince = undefined;
    position += length;
    return 'adu';
  }

  function mark(length: number): void {
    stream.start = position;
    stream.end = position + length;
    stream.offset = base + position;
  }

  function fail(problem: RtuProblem): 'malformed' {
    mark(stream.bytes.length - position);
    stream.problem = problem;
    partialSince = undefined;
    return 'malformed';
  }

  return stream;
}

const Empty = new Uint8Array(0);
