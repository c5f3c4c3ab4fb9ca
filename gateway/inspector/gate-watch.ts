import type { Gates } from '../../rules/admission/gates.ts';
import type { Clock } from '../clock.ts';

/** Ends in time what a gate carries that shuts by itself, also while the engine is away. */
export interface GateWatch {
  /** Ends what is shut now, and looks again at the next end. */
  readonly look: () => void;
  readonly stop: () => void;
}

export interface GateWatchOptions {
  readonly clock: Clock;
  readonly gates: Gates;
  readonly endShut: () => void;
  /** Milliseconds until something else ends; undefined for never. */
  readonly untilNextEnd: () => number | undefined;
}

/** Looks at nothing before it is asked to. */
export function createGateWatch({ clock, gates, endShut, untilNextEnd }: GateWatchOptions): GateWatch {
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    clearTimeout(timer);
    // Before it is looked at what is shut: an end that falls in between would be looked for by nobody.
    const now = clock.wall();
    const end = gates.nextEnd(now);
    const left = Math.min(end === undefined ? Never : end - now, untilNextEnd() ?? Never);
    endShut();
    // At least each second, because a wall clock can jump.
    if (left < Never) timer = setTimeout(look, Math.min(Math.max(0, left), GateInterval));
  }

  return { look, stop: () => clearTimeout(timer) };
}

const GateInterval = 1_000;
const Never = Number.POSITIVE_INFINITY;
