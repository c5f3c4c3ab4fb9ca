import type { ChannelReport } from '../../ipc/channel-body.ts';

/** Hands the bytes of one channel over to be recorded, each before it goes on. */
export interface Handover {
  /** False where they cannot be handed over: then they must not go on, and the channel is over. */
  readonly take: (from: 'client' | 'server', bytes: Uint8Array) => boolean;
  /** No room: nothing more may be read or written until `onRoom`. */
  readonly isFull: () => boolean;
  /** On the medium up to this piece. */
  readonly recorded: (upTo: number) => void;
  /** The last piece handed over; they are counted from 1. */
  readonly pieces: () => number;
  readonly end: () => void;
}

export interface HandoverOptions {
  readonly channel: string;
  /** Nobody takes them, or nobody said in time that they are on the medium. */
  readonly onLost: () => void;
  readonly onRoom: () => void;
}

/** Of all channels together, so that the queue to the engine stays bounded whatever their number. */
export interface Handovers {
  readonly open: (options: HandoverOptions) => Handover;
}

export interface HandoversOptions {
  readonly send: (report: ChannelReport) => boolean;
  readonly wall: () => number;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Milliseconds a piece may wait to be recorded; {@link RecordedWithin} if not stated. */
  readonly patience?: number;
}

/** Milliseconds within which what was handed over has to be on the medium. */
export const RecordedWithin = 5_000;

/** Bytes of one channel that may wait to be recorded: above it the channel is not read from. */
export const MaxUnrecorded = 1024 * 1024;

/** Nothing waits. */
export function createHandovers({ send, wall, now, patience = RecordedWithin }: HandoversOptions): Handovers {
  let waiting = 0;
  let offset = wall() - now();
  const held = new Set<() => void>();

  /** The wall clock, finer than it tells: to the microsecond, and following it where it is set. */
  function time(): number {
    const fine = now() + offset;
    if (Math.abs(fine - wall()) <= ClockGrain) return fine;
    offset = wall() - now();
    return now() + offset;
  }

  function taken(bytes: number): void {
    waiting -= bytes;
    if (waiting >= MaxUnrecordedOfAll) return;
    for (const wake of [...held]) wake();
  }

  function open({ channel, onLost, onRoom }: HandoverOptions): Handover {
    const unrecorded: { readonly piece: number; readonly bytes: number; readonly since: number }[] = [];
    let own = 0;
    let piece = 0;
    let timer: NodeJS.Timeout | undefined;
    let ended = false;

    function isFull(): boolean {
      const full = own >= MaxUnrecorded || waiting >= MaxUnrecordedOfAll;
      if (full) held.add(wake);
      return full;
    }

    function wake(): void {
      if (own >= MaxUnrecorded) return;
      held.delete(wake);
      onRoom();
    }

    function lose(): void {
      end();
      onLost();
    }

    function take(from: 'client' | 'server', all: Uint8Array): boolean {
      for (let at = 0; at < all.length && !ended; at += MaxPiece) {
        const part = all.subarray(at, at + MaxPiece);
        piece += 1;
        const data = Buffer.from(part.buffer, part.byteOffset, part.length).toString('base64');
        if (!send({ what: 'bytes', channel, piece, from, at: time(), data })) {
          piece -= 1;
          lose();
          break;
        }
        const bytes = part.length + PieceCost;
        unrecorded.push({ piece, bytes, since: now() });
        own += bytes;
        waiting += bytes;
      }
      if (!ended) watch();
      return !ended;
    }

    /** One timer for as long as something waits: a piece must not cost one. */
    function watch(): void {
      const [oldest] = unrecorded;
      if (timer !== undefined || oldest === undefined) return;
      timer = setTimeout(look, Math.max(0, oldest.since + patience - now()));
    }

    function look(): void {
      timer = undefined;
      const [oldest] = unrecorded;
      if (oldest !== undefined && now() >= oldest.since + patience) lose();
      else watch();
    }

    function recorded(upTo: number): void {
      let bytes = 0;
      while (unrecorded[0] !== undefined && unrecorded[0].piece <= upTo)
        bytes += unrecorded.shift()?.bytes ?? 0;
      if (bytes === 0 || ended) return;
      own -= bytes;
      taken(bytes);
    }

    function end(): void {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      held.delete(wake);
      const left = own;
      own = 0;
      if (left > 0) taken(left);
    }

    return { take, isFull, recorded, pieces: () => piece, end };
  }

  return { open };
}

/** What a small piece costs whoever records it, beside its bytes. */
const PieceCost = 128;
/** Milliseconds the wall clock may be behind: it tells whole ones. */
const ClockGrain = 2;
/** Base64 of it is well below what a report may carry. Bytes. */
const MaxPiece = 128 * 1024;
/** As base64 below the 8 MiB that may wait for the engine, with room for reports. */
const MaxUnrecordedOfAll = 4 * 1024 * 1024;
