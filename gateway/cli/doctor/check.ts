/**
 * One thing doctor looked at. `good` needs no word more; `note` works but is weaker or worth knowing;
 * `lacking` is not there, and takes away what `neededBy` says.
 */
export interface Check {
  /** Closed, kebab-case, for `--json`. */
  readonly code: string;
  /** What was looked at, in a few words. */
  readonly what: string;
  readonly found: string;
  readonly state: 'good' | 'note' | 'lacking';
  readonly neededBy: Need;
  /** One sentence each; empty where the check is good. */
  readonly meaning: string;
  readonly remedy: string;
}

/** Which back end cannot run without it. `configured` is what gateway.yaml asks for, whichever that is. */
export type Need = 'kernel' | 'both' | 'configured' | 'none';

/** A check that found what it wanted. */
export function good(code: string, what: string, found: string): Check {
  return { code, what, found, state: 'good', neededBy: 'none', meaning: '', remedy: '' };
}

/** A check that found something weaker than it should be, or a fact with a consequence. */
export function note(code: string, what: string, found: string, meaning: string, remedy: string): Check {
  return { code, what, found, state: 'note', neededBy: 'none', meaning, remedy };
}

/** A check that did not find what `neededBy` needs. */
export function lacking(
  code: string,
  what: string,
  found: string,
  neededBy: Need,
  meaning: string,
  remedy: string,
): Check {
  return { code, what, found, state: 'lacking', neededBy, meaning, remedy };
}

/** The checks that keep a back end from running. */
export function obstacles(
  checks: readonly Check[],
  backEnd: 'kernel' | 'proxy',
  configured: 'kernel' | 'proxy' | undefined,
): readonly Check[] {
  return checks.filter(({ state, neededBy }) => {
    if (state !== 'lacking') return false;
    return (
      neededBy === 'both' || neededBy === backEnd || (neededBy === 'configured' && configured === backEnd)
    );
  });
}
