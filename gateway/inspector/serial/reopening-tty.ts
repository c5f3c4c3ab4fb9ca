import type { OpenTty, Tty, TtyEvents } from './tty.ts';

/** A port that may be pulled out and put back: opened when it is wanted, with a pause after each failure. */
export interface ReopeningTty {
  /** `away`: it could not be had and is not tried again yet. */
  readonly state: () => 'open' | 'opening' | 'shut' | 'away';
  /** Tries to open a port that is shut; nothing in any other state. */
  readonly open: () => void;
  readonly write: (bytes: Uint8Array) => void;
  readonly discard: () => void;
  readonly close: () => void;
}

export interface ReopeningTtyOptions extends TtyEvents {
  readonly open: OpenTty;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly opened: () => void;
}

/** A port that is shut; `lost` tells of a failed attempt as well. */
export function createReopeningTty(options: ReopeningTtyOptions): ReopeningTty {
  const { now, opened, bytes, lost } = options;
  let tty: Tty | undefined;
  /** The attempt that is waited for, or whose port is open. */
  let current: object | undefined;
  /** Until it comes back nothing else is tried: what hangs holds one of the few threads all ports are read on. */
  let isOpening = false;
  let isClosed = false;
  let tryAgainAt = Number.NEGATIVE_INFINITY;
  let pause = FirstPause;

  async function open(): Promise<void> {
    if (tty !== undefined || isOpening || isClosed || now() < tryAgainAt) return;
    const mine = {};
    const lose = (problem: string): void => {
      if (current === mine) leave(problem);
    };
    current = mine;
    isOpening = true;
    const late = setTimeout(lose, OpenPatience, 'it does not open');
    try {
      const one = await options.open({ bytes, lost: lose });
      // Nobody waits for it any more.
      if (current !== mine) return one.close();
      tty = one;
    } catch (error) {
      return lose(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(late);
      isOpening = false;
    }
    opened();
  }

  function leave(problem: string): void {
    current = undefined;
    tty = undefined;
    tryAgainAt = now() + pause;
    pause = Math.min(LongestPause, pause * 2);
    lost(problem);
  }

  return {
    state: () => {
      if (tty !== undefined) return 'open';
      if (current !== undefined) return 'opening';
      return isClosed || isOpening || now() < tryAgainAt ? 'away' : 'shut';
    },
    open: () => void open(),
    write: (frame) => {
      // What can be written to is there again: the next failure counts as the first.
      pause = FirstPause;
      tty?.write(frame);
    },
    discard: () => tty?.discard(),
    close: () => {
      isClosed = true;
      current = undefined;
      tty?.close();
      tty = undefined;
    },
  };
}

/** Milliseconds until a port that is gone is tried again. */
const FirstPause = 250;
const LongestPause = 8_000;
/** A driver opens in a few; one that hangs must not keep requests waiting until nobody wants their answers. Milliseconds. */
const OpenPatience = 5_000;
