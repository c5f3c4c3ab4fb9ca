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
  let isOpening = false;
  let isClosed = false;
  let tryAgainAt = Number.NEGATIVE_INFINITY;
  let pause = FirstPause;

  async function open(): Promise<void> {
    if (tty !== undefined || isOpening || isClosed || now() < tryAgainAt) return;
    isOpening = true;
    let isLost = false;
    const lose = (problem: string): void => {
      isLost = true;
      leave(problem);
    };
    try {
      const one = await options.open({ bytes, lost: lose });
      if (isClosed) return one.close();
      if (isLost) return;
      tty = one;
    } catch (error) {
      if (!isClosed && !isLost) leave(error instanceof Error ? error.message : String(error));
      return;
    } finally {
      isOpening = false;
    }
    opened();
  }

  function leave(problem: string): void {
    tty = undefined;
    tryAgainAt = now() + pause;
    pause = Math.min(LongestPause, pause * 2);
    lost(problem);
  }

  return {
    state: () => {
      if (tty !== undefined) return 'open';
      if (isOpening) return 'opening';
      return isClosed || now() < tryAgainAt ? 'away' : 'shut';
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
      tty?.close();
      tty = undefined;
    },
  };
}

/** Milliseconds until a port that is gone is tried again. */
const FirstPause = 250;
const LongestPause = 8_000;
