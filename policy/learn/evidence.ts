import { formatTime } from '../../rules/time.ts';
import type { Seen } from './sightings.ts';

/** How sure a proposal can be that what was seen is what the plant does. */
export type Confidence = 'high' | 'medium' | 'low';

/** What a proposal rests on. */
export interface Evidence extends Seen {
  readonly confidence: Confidence;
}

/** All of it together. */
export function addUp(seen: readonly Seen[]): Seen {
  return {
    count: seen.reduce((sum, { count }) => sum + count, 0),
    firstAt: Math.min(...seen.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...seen.map(({ lastAt }) => lastAt)),
  };
}

/** All of it together, as sure as the least of it. */
export function together(evidence: readonly Evidence[]): Evidence {
  const all = evidence.map(({ confidence }) => confidence);
  const confidence = (['low', 'medium', 'high'] as const).find((one) => all.includes(one)) ?? 'low';
  return { ...addUp(evidence), confidence };
}

/**
 * `isAnswered`: that the server did it was seen. What happened often in one hour may be what a visitor did, and what
 * nobody was seen to answer may be a scan.
 */
export function evidenceOf(seen: Seen, isAnswered: boolean): Evidence {
  const time = seen.lastAt - seen.firstAt;
  const isOften = seen.count >= 100 && time >= Day;
  const isSome = seen.count >= 10 && time >= Hour;
  const confidence = !isAnswered || !isSome ? 'low' : isOften ? 'high' : 'medium';
  return { ...seen, confidence };
}

/** `1240 requests from 2026-… to 2026-…, high confidence`. */
export function evidenceText({ count, firstAt, lastAt, confidence }: Evidence, what: string): string {
  const times = `${formatTime(firstAt)} to ${formatTime(lastAt)}`;
  return `${count} ${what}${count === 1 ? '' : 's'}, ${times}, ${confidence} confidence`;
}

const Hour = 3_600_000;
const Day = 24 * Hour;
