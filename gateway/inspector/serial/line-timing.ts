import type { SerialLine } from '../../../rules/modbus/profile.ts';
import { MaxRtuBytes } from '../../../rules/modbus/rtu/rtu.ts';

/** How long things take on a line. Milliseconds. */
export interface LineTiming {
  /** What this many bytes take on the wire. */
  readonly transmission: (bytes: number) => number;
  /** 3.5 characters between two frames, 1.75 ms above 19 200 bit/s (V1.02 §2.5.1.1). */
  readonly gap: number;
  /** No byte for so long is silence also where an adapter hands bytes on in lumps. */
  readonly silence: number;
  /** What the unit has to answer. */
  readonly timeout: (unit: number) => number;
  /** Longer than the longest answer takes once it has begun. */
  readonly longestAnswer: number;
}

export function lineTiming({ baud, parity, stopBits, timeout, units }: SerialLine): LineTiming {
  const bits = 1 + 8 + (parity === 'none' ? 0 : 1) + stopBits;
  const character = (bits * 1000) / baud;
  const gap = baud > 19_200 ? 1.75 : 3.5 * character;
  const silence = Math.max(gap, AdapterLatency);
  const timeouts = new Map(units.map((one) => [one.unit, one.timeout]));
  return {
    transmission: (bytes) => bytes * character,
    gap,
    silence,
    timeout: (unit) => timeouts.get(unit) ?? timeout,
    longestAnswer: MaxRtuBytes * character + silence,
  };
}

/** USB adapters collect for 16 ms before they hand on what came. */
const AdapterLatency = 20;
