import { fromRanges, meet, type Span, type Spans, toRanges } from '../sets/spans.ts';
import type { RequestBox } from './request-box.ts';
import type { ValueSet } from './value-set.ts';

/** Values, and the address at which they leave one of the wanted words. */
export interface WordAt {
  readonly values: ValueSet;
  readonly address: number;
}

/**
 * Values that a box may write so that a register between two addresses, or a coil, becomes one of the wanted
 * words: some of those there are, for each place in a value, and none exactly where there are none.
 */
export function patternsWith(box: RequestBox, wanted: Spans, first: number, last: number): readonly WordAt[] {
  const values = box.every ?? anyValues(box);
  if (last < first) return [];
  if (values.width === 1) {
    const words = meet(values.patterns, wanted.map(bigSpan));
    return words.length === 0 ? [] : [{ values: { ...values, patterns: words }, address: first }];
  }
  return placesOf(values.width, box.phase, first, last).flatMap((place, at) => {
    const pattern = patternAt(values, wanted, place);
    if (pattern === undefined) return [];
    const patterns = [{ first: pattern, end: pattern + 1n }];
    return [{ values: { ...values, patterns }, address: first + at }];
  });
}

/** Anything, as it lies in registers or coils. */
function anyValues({ functionCode, width }: RequestBox): ValueSet {
  const isCoil = functionCode === 5 || functionCode === 15;
  const end = isCoil ? 2n : 1n << BigInt(16 * width);
  const layout = isCoil ? 'coil' : width === 1 ? 'register' : `${width}/big/big`;
  return { layout, width, wordsLittle: false, bytesLittle: false, patterns: [{ first: 0n, end }], doubt: '' };
}

/** Which registers of a value can lie between two addresses, counted as they are sent. */
function placesOf(width: number, phase: number, first: number, last: number): readonly number[] {
  const count = Math.min(width, last - first + 1);
  return Array.from(
    { length: Math.max(0, count) },
    (_, at) => (((first + at - phase) % width) + width) % width,
  );
}

/** A pattern whose register at a place, as it is sent, is one of the wanted words. */
function patternAt(values: ValueSet, wanted: Spans, sent: number): bigint | undefined {
  const { width, wordsLittle, bytesLittle, patterns } = values;
  const place = wordsLittle ? width - 1 - sent : sent;
  const shift = BigInt(16 * (width - 1 - place));
  const words = bytesLittle ? swapped(wanted) : wanted;
  for (const span of patterns) {
    for (const word of words) {
      const pattern = withWord(span, bigSpan(word), shift);
      if (pattern !== undefined) return pattern;
    }
  }
  return undefined;
}

/** The least pattern of a stretch whose 16 bits from `shift` on are in another one. */
function withWord({ first, end }: Span<bigint>, word: Span<bigint>, shift: bigint): bigint | undefined {
  const low = first >> (shift + 16n);
  const high = (end - 1n) >> (shift + 16n);
  // Whatever is above the word, the next one up has room for every word, unless it is the last.
  for (const above of new Set([low, low + 1n, high])) {
    if (above > high) continue;
    const from = ((above << 16n) | word.first) << shift;
    const until = ((above << 16n) | (word.end - 1n)) << shift;
    const start = from > first ? from : first;
    const stop = until + (1n << shift) < end ? until + (1n << shift) : end;
    if (start < stop) return start;
  }
  return undefined;
}

/** The same words with their two bytes the other way round. */
function swapped(words: Spans): Spans {
  const numbers: number[] = [];
  for (const { first, last } of toRanges(words))
    for (let word = first; word <= last; word++) numbers.push(word);
  return fromRanges(
    numbers.map((word) => ((word & 0xff) << 8) | (word >>> 8)).map((word) => ({ first: word, last: word })),
  );
}

function bigSpan({ first, end }: Span): Span<bigint> {
  return { first: BigInt(first), end: BigInt(end) };
}
