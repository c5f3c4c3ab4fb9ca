import type { ValueType } from '../../rules/modbus/profile.ts';

/** What was written to some registers, and how it can be read. Bounded, however much is added. */
export interface ValueEvidence {
  /** Words of one write, 0 to 65535 each; 0 and 1 for coils. */
  add(words: readonly number[]): void;
  /** Everything another one has seen was seen here too. */
  merge(other: ValueEvidence): void;
  /** As the type it most likely is; undefined before the first write. */
  guess(): ValueGuess | undefined;
  /** As unsigned registers, whatever they mean. */
  words(): ValueGuess | undefined;
  readonly state: ReadonlyMap<Reading, Limits>;
}

/** Lowest and highest value seen, in this type. */
export interface ValueGuess {
  readonly type: ValueType;
  readonly words: 'big' | 'little';
  readonly min: number;
  readonly max: number;
}

/** One way of reading what was written; `broken` when some write made no sense that way. */
interface Limits {
  min: number;
  max: number;
  broken: boolean;
  /** Different values seen, up to a few: one value alone proves no type. */
  readonly different: Set<number>;
}

type Reading = 'u16' | 's16' | 'f32 big' | 'f32 little' | 'u32 big' | 'u32 little';

export function createValueEvidence(): ValueEvidence {
  const state = new Map<Reading, Limits>(Readings.map((reading) => [reading, emptyLimits()]));

  function add(words: readonly number[]): void {
    for (const [reading, limits] of state) {
      for (const value of valuesOf(reading, words)) {
        if (value === undefined) {
          limits.broken = true;
          continue;
        }
        limits.min = Math.min(limits.min, value);
        limits.max = Math.max(limits.max, value);
        if (limits.different.size < Enough) limits.different.add(value);
      }
    }
  }

  function merge(other: ValueEvidence): void {
    for (const [reading, more] of other.state) {
      const limits = state.get(reading);
      if (limits === undefined) continue;
      limits.min = Math.min(limits.min, more.min);
      limits.max = Math.max(limits.max, more.max);
      limits.broken ||= more.broken;
      for (const value of more.different) if (limits.different.size < Enough) limits.different.add(value);
    }
  }

  function as(reading: Reading): ValueGuess | undefined {
    const { min, max } = state.get(reading) ?? emptyLimits();
    if (min > max) return undefined;
    const [type, words] = reading.split(' ') as [ValueType, 'big' | 'little' | undefined];
    return { type, words: words ?? 'big', min, max };
  }

  function guess(): ValueGuess | undefined {
    for (const reading of Wide) {
      const limits = state.get(reading);
      if (limits !== undefined && !limits.broken && limits.different.size >= Enough) return as(reading);
    }
    const [unsigned, signed] = [as('u16'), as('s16')];
    if (unsigned === undefined || signed === undefined) return unsigned;
    // -1 and 1 lie next to each other only when they are read as signed.
    return signed.max - signed.min < unsigned.max - unsigned.min ? signed : unsigned;
  }

  return { add, merge, guess, words: () => as('u16'), state };
}

/** What a write says when it is read this way; undefined where that makes no sense. */
function valuesOf(reading: Reading, words: readonly number[]): readonly (number | undefined)[] {
  if (reading === 'u16') return words;
  if (reading === 's16') return words.map((word) => (word > 0x7fff ? word - 0x1_0000 : word));
  if (words.length % 2 !== 0) return [undefined];
  const pairs = Array.from({ length: words.length / 2 }, (_, pair) => {
    const [one = 0, other = 0] = words.slice(2 * pair, 2 * pair + 2);
    return reading.endsWith('big') ? [one, other] : [other, one];
  });
  return pairs.map(([high = 0, low = 0]) => {
    if (reading.startsWith('f32')) return sensibleFloat(high, low);
    // Numbers of 32 bits that never leave the lower register are two numbers as likely.
    return high > 0 && high < 0x100 ? high * 0x1_0000 + low : undefined;
  });
}

/** Zero, or what a measurement can be: an arbitrary pair of registers rarely is. */
function sensibleFloat(high: number, low: number): number | undefined {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, high);
  view.setUint16(2, low);
  const value = view.getFloat32(0);
  const size = Math.abs(value);
  return size === 0 || (size >= 1e-4 && size < 1e7) ? value : undefined;
}

function emptyLimits(): Limits {
  return {
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    broken: false,
    different: new Set(),
  };
}

const Wide = ['f32 big', 'f32 little', 'u32 big', 'u32 little'] as const satisfies readonly Reading[];
const Readings: readonly Reading[] = ['u16', 's16', ...Wide];
/** So many different values of 32 bits have to make sense before the type is believed. */
const Enough = 3;
