import { distance } from 'fastest-levenshtein';

/**
 * The candidate a person most likely meant, or undefined when none is near: at most one edit in three
 * letters, letter case ignored. Ties go to the first in order.
 */
export function suggest(written: string, candidates: Iterable<string>): string | undefined {
  const wanted = written.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    // The difference in length is a lower bound, and cheap where there are thousands of names.
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best;
}

/** A hint for an unknown word: what was meant, else the words there are when they are few. */
export function didYouMean(written: string, candidates: readonly string[], what: string): string {
  const meant = suggest(written, candidates);
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  if (candidates.length === 0) return `There are no ${what}.`;
  const shown = candidates.slice(0, 12).join(', ');
  return `The ${what} are: ${shown}${candidates.length > 12 ? ', …' : ''}.`;
}
