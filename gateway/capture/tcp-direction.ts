import { createSparseBytes } from './sparse-bytes.ts';
import type { TcpSegment } from './tcp-segment.ts';

/** Told what one direction of a connection carried, in the order of its bytes. */
export interface DirectionSink {
  /** Lent until the call returns. */
  data(bytes: Uint8Array, at: number): void;
  /** So many bytes are not in the capture; what follows comes after them. */
  lost(bytes: number, at: number): void;
  /** A second copy of bytes that differs from the first, which was the one that counted. */
  differs(bytes: number, at: number): void;
  /** A segment too far from all others to belong to the connection; it was passed over. */
  stray(at: number): void;
}

/** One direction of a TCP connection, put in order. */
export interface TcpDirection {
  /** Begins where the peer says it expects bytes from, when nothing else began it. */
  begin(sequence: number): void;
  add(segment: TcpSegment, at: number): void;
  /** The other side has everything up to here: what of it was not captured will not come any more. */
  acknowledged(sequence: number, at: number): void;
  /** The capture is over: gives up every hole. */
  end(at: number): void;
  /** Whether its FIN was reached. */
  readonly isFinished: boolean;
  readonly isBegun: boolean;
  /** How far a sequence number is ahead of what was put in order; negative for what is old. */
  ahead(sequence: number): number;
}

/** Bytes and pieces one direction may hold back before its hole counts as lost; and bytes all together. */
export const MaxHeld = { bytes: 1024 * 1024, runs: 512, inAll: 64 * 1024 * 1024 } as const;

/** What all directions of a capture hold back. */
export interface HeldBytes {
  inAll: number;
}

/** Milliseconds of the capture's time that a hole may keep what follows it. */
export const HolePatience = 10_000;

/**
 * Sequence numbers wrap, so all reckoning is by distance from `next`, the number of the first byte that has
 * not been put in order; `place` is how many bytes lie before it. The first copy of a byte counts.
 */
export function createTcpDirection(sink: DirectionSink, held: HeldBytes): TcpDirection {
  const pending = createSparseBytes();
  let counted = 0;
  let isBegun = false;
  let next = 0;
  let place = 0;
  let holeSince = 0;
  let finishAt = Number.POSITIVE_INFINITY;
  let isFinished = false;
  /** The last bytes put in order, to compare retransmissions with. */
  let recent = NoBytes;
  let recentLength = 0;

  function begin(sequence: number): void {
    if (isBegun) return;
    isBegun = true;
    next = sequence;
  }

  function ahead(sequence: number): number {
    return (sequence - next) | 0;
  }

  function advance(count: number): void {
    next = (next + count) >>> 0;
    place += count;
  }

  function deliver(bytes: Uint8Array, at: number): void {
    remember(bytes);
    advance(bytes.length);
    sink.data(bytes, at);
  }

  function remember(bytes: Uint8Array): void {
    if (recent.length === 0) recent = new Uint8Array(2 * RecentBytes);
    const kept = bytes.subarray(Math.max(0, bytes.length - RecentBytes));
    if (recentLength + kept.length > recent.length) {
      recent.copyWithin(0, recentLength - RecentBytes, recentLength);
      recentLength = RecentBytes;
    }
    recent.set(kept, recentLength);
    recentLength += kept.length;
  }

  /** Compares a copy of bytes that end `back` before the place we are at, as far as they are remembered. */
  function compareOld(bytes: Uint8Array, back: number, at: number): void {
    const from = recentLength - back - bytes.length;
    let differing = 0;
    for (let index = Math.max(0, -from); index < bytes.length; index++) {
      if (recent[from + index] !== bytes[index]) differing++;
    }
    // A keep-alive repeats the last byte, and says so with any byte it likes (RFC 9293 §3.8.4).
    if (differing > 0 && !(back === 0 && bytes.length === 1)) sink.differs(differing, at);
  }

  function add(segment: TcpSegment, at: number): void {
    const first = (segment.sequence + (segment.syn ? 1 : 0)) >>> 0;
    begin(first);
    const distance = ahead(first);
    if (distance > MaxAhead || distance < -MaxAhead) return sink.stray(at);
    if (isFinished) return distance + segment.length > 0 ? sink.stray(at) : undefined;
    // An end before what was already said is none: a receiver drops it, so must we (RFC 9293 §3.10.7.4).
    if (segment.fin && distance + segment.length >= 0) {
      finishAt = Math.min(finishAt, place + distance + segment.length);
    }
    const { data } = segment;
    if (distance < 0) {
      const old = data.subarray(0, Math.min(data.length, -distance));
      if (old.length > 0) compareOld(old, -distance - old.length, at);
    }
    const fresh = data.subarray(Math.max(0, Math.min(data.length, -distance)));
    if (fresh.length > 0) takeIn(fresh, Math.max(0, distance), at);
    finish();
  }

  function takeIn(fresh: Uint8Array, distance: number, at: number): void {
    if (distance === 0 && pending.runs === 0) return deliver(fresh, at);
    if (pending.runs === 0) holeSince = at;
    const differing = pending.add(place + distance, fresh);
    count();
    if (differing > 0) sink.differs(differing, at);
    drain(at);
    while (isTooMuch()) skip(pending.first - place, at);
    if (pending.runs > 0 && at - holeSince > HolePatience) skip(pending.first - place, at);
  }

  function isTooMuch(): boolean {
    if (pending.runs === 0) return false;
    return pending.size > MaxHeld.bytes || pending.runs > MaxHeld.runs || held.inAll > MaxHeld.inAll;
  }

  function count(): void {
    held.inAll += pending.size - counted;
    counted = pending.size;
  }

  function drain(at: number): void {
    const bytes = pending.takeFrom(place);
    count();
    if (bytes === undefined) return;
    holeSince = at;
    deliver(bytes, at);
  }

  function skip(count: number, at: number): void {
    advance(count);
    recentLength = 0;
    sink.lost(count, at);
    drain(at);
  }

  function acknowledged(sequence: number, at: number): void {
    if (!isBegun) return begin(sequence);
    for (;;) {
      const distance = ahead(sequence);
      if (distance <= 0 || distance > MaxAhead || isFinished) return;
      skip(Math.min(distance, pending.first - place, finishAt - place), at);
      finish();
    }
  }

  function finish(): void {
    if (isFinished || place < finishAt) return;
    isFinished = true;
    advance(1);
  }

  return {
    begin,
    add,
    acknowledged,
    end(at) {
      while (pending.runs > 0) skip(pending.first - place, at);
      finish();
    },
    get isFinished() {
      return isFinished;
    },
    get isBegun() {
      return isBegun;
    },
    ahead,
  };
}

const NoBytes = new Uint8Array(0);
const RecentBytes = 2048;
/** The largest window TCP knows (RFC 7323 §2.3): what is further away belongs to something else. */
const MaxAhead = 2 ** 30;
