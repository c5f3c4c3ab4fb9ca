import { addUp, type Evidence, evidenceOf, evidenceText, together } from './evidence.ts';
import { groupBy } from './group-by.ts';
import { Readable } from './judge-requests.ts';
import type { LearnOptions } from './propose.ts';
import type { SeenRequests } from './sightings.ts';
import { joinSpans, type Span, spansText, touches } from './spans.ts';
import { createValueEvidence, type ValueGuess } from './value-evidence.ts';

/** One permission that would let pass what was seen, and as little else as can be said. */
export interface ProposedPermission {
  readonly functionCode: number;
  readonly units: readonly number[];
  readonly spans: readonly Span[];
  readonly maxQuantity: number;
  /** Undefined for what only reads. */
  readonly value: ValueGuess | undefined;
  readonly perMinute: number;
  readonly largestStep: number;
  readonly evidence: Evidence;
}

/** Permissions for requests that one client sent to one server, none of which something speaks against. */
export function proposePermissions(
  requests: readonly SeenRequests[],
  options: LearnOptions,
): readonly ProposedPermission[] {
  const byPlace = groupBy(requests, ({ functionCode, unit }) => `${functionCode} ${unit}`);
  const each = byPlace.flatMap((group) =>
    Readable.includes(group[0].functionCode) ? proposeReads(group) : proposeWrites(group, requests, options),
  );
  return joinUnits(each);
}

/** Neighbouring addresses in one range: what was read on both sides of a border may be read across it. */
function proposeReads(group: readonly SeenRequests[]): readonly ProposedPermission[] {
  const spans = joinSpans(group.flatMap(({ span }) => span ?? []));
  return [{ ...commonOf(group), spans, value: undefined }];
}

/** Only what was written together, or the same way, is in one permission: its limits are those of its own values. */
function proposeWrites(
  group: readonly SeenRequests[],
  all: readonly SeenRequests[],
  options: LearnOptions,
): readonly ProposedPermission[] {
  const parts = joinOverlapping(group.flatMap(({ span }) => span ?? [])).flatMap((span) => {
    const inside = group.filter((one) => one.span !== undefined && touches(one.span, span));
    const value = limitsOf(span, inside, all, options);
    return value === undefined ? [] : [{ ...commonOf(inside), spans: [span], value }];
  });
  return joinAlike(parts);
}

/**
 * The limits of what was written there, by this function or its sister: two permissions that do not agree about one
 * register would be one too many.
 */
function limitsOf(
  span: Span,
  inside: readonly SeenRequests[],
  all: readonly SeenRequests[],
  { margin }: LearnOptions,
): ValueGuess | undefined {
  const [first] = inside;
  const isSame = (one: SeenRequests): boolean =>
    one.unit === first?.unit && SisterOf[one.functionCode] === SisterOf[first?.functionCode ?? 0];
  const written = all.filter((one) => isSame(one) && one.span !== undefined && touches(one.span, span));
  const evidence = createValueEvidence();
  for (const { values } of written) if (values !== undefined) evidence.merge(values);
  const isCoil = first?.functionCode === 5 || first?.functionCode === 15;
  const guess = isCoil || !isAligned(written) ? evidence.words() : evidence.guess();
  if (guess === undefined || isCoil) return guess;
  return widen(guess, margin);
}

/** Whether values of two registers could not be torn apart: every write begins at the same one. */
function isAligned(written: readonly SeenRequests[]): boolean {
  const starts = new Set(written.map(({ span }) => span?.first ?? 0));
  return starts.size === 1 || written.every(({ functionCode }) => functionCode === 6);
}

/** By a share of what was seen, in percent, on both sides; outwards to a number that can be read. */
function widen({ type, words, min, max }: ValueGuess, margin: number): ValueGuess {
  const room = ((max - min) * margin) / 100;
  if (type === 'f32')
    return { type, words, min: roundOut(min - room, Math.floor), max: roundOut(max + room, Math.ceil) };
  const [least, most] = type === 's16' ? [-0x8000, 0x7fff] : [0, type === 'u32' ? 0xffff_ffff : 0xffff];
  return {
    type,
    words,
    min: Math.max(least, Math.floor(min - room)),
    max: Math.min(most, Math.ceil(max + room)),
  };
}

/** To six digits that count. */
function roundOut(value: number, round: (value: number) => number): number {
  if (value === 0) return 0;
  const digits = 5 - Math.floor(Math.log10(Math.abs(value)));
  return digits >= 0
    ? Number(`${round(Number(`${value}e${digits}`))}e-${digits}`)
    : Number(`${round(Number(`${value}e${digits}`))}e${-digits}`);
}

function commonOf(group: readonly SeenRequests[]) {
  const [first] = group;
  return {
    functionCode: first?.functionCode ?? 0,
    units: [first?.unit ?? 0],
    maxQuantity: Math.max(...group.map(({ span }) => (span === undefined ? 1 : span.last - span.first + 1))),
    perMinute: Math.max(...group.map(({ perMinute }) => perMinute)),
    largestStep: Math.max(...group.map(({ largestStep }) => largestStep)),
    evidence: evidenceOf(
      addUp(group),
      group.every(({ answers }) => answers !== undefined),
    ),
  };
}

/** Writes that share a register belong together; those that are only neighbours do not. */
function joinOverlapping(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.first - other.first)) {
    const before = joined.at(-1);
    if (before === undefined || span.first > before.last) joined.push(span);
    else joined[joined.length - 1] = { first: before.first, last: Math.max(before.last, span.last) };
  }
  return joined;
}

/** Neighbouring registers with the same limits, written one at a time, in one range. */
function joinAlike(parts: readonly ProposedPermission[]): readonly ProposedPermission[] {
  const joined: ProposedPermission[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    const isNext = before?.spans[0]?.last === (part.spans[0]?.first ?? 0) - 1;
    if (before === undefined || !isNext || !areAlike(before, part)) joined.push(part);
    else
      joined[joined.length - 1] = {
        ...merge([before, part]),
        spans: joinSpans([...before.spans, ...part.spans]),
      };
  }
  return joined;
}

function areAlike(one: ProposedPermission, other: ProposedPermission): boolean {
  const isOneByOne = one.maxQuantity === 1 && other.maxQuantity === 1;
  return isOneByOne && JSON.stringify(one.value) === JSON.stringify(other.value);
}

/** Units about which the same is said, in one line. */
function joinUnits(parts: readonly ProposedPermission[]): readonly ProposedPermission[] {
  const alike = groupBy(parts, ({ functionCode, spans, maxQuantity, value }) =>
    JSON.stringify([functionCode, spans, maxQuantity, value]),
  );
  return alike.map((group) => ({
    ...merge(group),
    units: [...new Set(group.flatMap(({ units }) => units))].sort((one, other) => one - other),
  }));
}

/** The first of them, with what speaks for any of them. */
function merge(group: readonly [ProposedPermission, ...ProposedPermission[]]): ProposedPermission {
  return {
    ...group[0],
    perMinute: Math.max(...group.map(({ perMinute }) => perMinute)),
    largestStep: Math.max(...group.map(({ largestStep }) => largestStep)),
    evidence: together(group.map(({ evidence }) => evidence)),
  };
}

/** The entry of a profile's `allow`, on one line. */
export function permissionText({
  functionCode,
  units,
  spans,
  maxQuantity,
  value,
}: ProposedPermission): string {
  const parts = [`fc: [${functionCode}]`, `units: [${units.join(', ')}]`, `address: ${spansText(spans)}`];
  if (functionCode !== 5 && functionCode !== 6) parts.push(`quantity: {max: ${maxQuantity}}`);
  if (value !== undefined) parts.push(`value: ${valueText(value)}`);
  return `{${parts.join(', ')}}`;
}

function valueText({ type, words, min, max }: ValueGuess): string {
  const named = type === 'u16' ? '' : type === 's16' ? `type: ${type}, ` : `type: ${type}, words: ${words}, `;
  return `{${named}min: ${min}, max: ${max}}`;
}

/** What stands above the entry, for who reviews it. */
export function permissionNote({ evidence, value, perMinute, largestStep }: ProposedPermission): string {
  if (value === undefined) return evidenceText(evidence, 'request');
  const step = largestStep === 0 ? '' : `, steps of at most ${largestStep}`;
  return `${evidenceText(evidence, 'request')}; at most ${perMinute} in a minute${step}`;
}

/** Functions that write the same table. */
const SisterOf: Readonly<Record<number, 'coils' | 'registers'>> = {
  5: 'coils',
  15: 'coils',
  6: 'registers',
  16: 'registers',
};
