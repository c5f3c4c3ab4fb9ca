import { createFramer, type Frame } from './framer.ts';

/** One framed ADU. */
export type AduFrame = Extract<Frame, { kind: 'adu' }>;

/** One direction of a connection: its ADUs, and how long the one that was begun has been unfinished. */
export interface FrameStream {
  /**
   * Hands each complete ADU to `onAdu`, which answers whether to go on. Returns false when the bytes are
   * not Modbus: what came before has been handed over, what follows never is.
   */
  take(bytes: Uint8Array, now: number, onAdu: (frame: AduFrame) => boolean): boolean;
  isOverdue(now: number): boolean;
  /** When an unfinished ADU becomes overdue; `Infinity` for none. */
  deadline(): number;
  /** The time until now was not the sender's. */
  restartTimer(now: number): void;
}

/** So many milliseconds after its first byte an ADU has to be complete; more bytes do not extend it. */
export const PartialTimeout = 5_000;

/** A stream at its beginning. */
export function createFrameStream(): FrameStream {
  const framer = createFramer();
  let partialSince: number | undefined;

  function take(bytes: Uint8Array, now: number, onAdu: (frame: AduFrame) => boolean): boolean {
    framer.push(bytes);
    for (;;) {
      const frame = framer.next();
      if (frame.kind === 'malformed') return false;
      if (frame.kind === 'need-more') break;
      partialSince = undefined;
      if (!onAdu(frame)) return true;
    }
    if (framer.partial) partialSince ??= now;
    return true;
  }

  function deadline(): number {
    return partialSince === undefined ? Number.POSITIVE_INFINITY : partialSince + PartialTimeout;
  }

  return {
    take,
    deadline,
    isOverdue: (now) => now >= deadline(),
    restartTimer(now) {
      if (partialSince !== undefined) partialSince = now;
    },
  };
}
