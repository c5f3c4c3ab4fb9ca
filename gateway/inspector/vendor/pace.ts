import type { Inspection } from '../../../rules/modbus/connection/inspection.ts';

/** How many operations a channel may be told of: what is told is kept for good, so that a flood would fill the box. */
export interface Pace {
  /** One more was told. */
  readonly spend: () => void;
  /** Stands around the channel's inspection: nothing is read from the vendor while the pace is used up. */
  readonly around: (inspection: Inspection, wake: () => void) => Inspection;
  readonly end: () => void;
}

/** Told at once, and each second after that. */
export const OperationsAtOnce = 2_000;
export const OperationsPerSecond = 200;

/** Nothing spent. `now` is monotonic, milliseconds. */
export function createPace(now: () => number): Pace {
  let left = OperationsAtOnce;
  let since = now();
  let timer: NodeJS.Timeout | undefined;
  let resume: () => void = () => undefined;

  function refill(): number {
    const time = now();
    left = Math.min(OperationsAtOnce, left + ((time - since) / 1000) * OperationsPerSecond);
    since = time;
    return left;
  }

  function hasRoom(): boolean {
    if (left >= 1 || refill() >= 1) return true;
    timer ??= setTimeout(
      () => {
        timer = undefined;
        resume();
      },
      Math.ceil(((1 - left) / OperationsPerSecond) * 1000) + Margin,
    );
    return false;
  }

  return {
    spend: () => {
      left -= 1;
    },
    around: (inspection, wake) => {
      resume = wake;
      return {
        fromClient: (bytes, now) => inspection.fromClient(bytes, now),
        fromServer: (bytes, now) => inspection.fromServer(bytes, now),
        resume: (now) => inspection.resume(now),
        tick: (now) => inspection.tick(now),
        nextDeadline: () => inspection.nextDeadline(),
        readingClient: () => inspection.readingClient() && hasRoom(),
        adopt: (terms, now) => inspection.adopt(terms, now),
        end: () => inspection.end(),
      };
    },
    end: () => clearTimeout(timer),
  };
}

/** So that a channel is read from again for several operations and not for each. Milliseconds. */
const Margin = 50;
