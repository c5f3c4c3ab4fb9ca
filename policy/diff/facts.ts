import type { Place } from '../finding.ts';
import type { ZoneModel } from '../model/zone-model.ts';
import { type ChangeKind, ChangeKinds, type OtherChange } from './difference.ts';
import { accessFacts } from './facts-access.ts';
import { claimFacts } from './facts-claims.ts';
import { conduitFacts } from './facts-conduits.ts';
import { profileFacts } from './facts-profiles.ts';
import { siteFacts } from './facts-site.ts';
import { zoneFacts } from './facts-zones.ts';

/** One thing a model says that is not access by itself, so that two models can be compared thing by thing. */
export interface Fact {
  readonly kind: ChangeKind;
  readonly about: string;
  /** What of it: `SL-T`; empty for the thing as such. */
  readonly what: string;
  /** How it is, in words; the same words are the same. */
  readonly value: string;
  /**
   * `guard` protects, and something is weaker where it goes or changes; `leave` lets somebody off, and something is
   * weaker where it comes or changes.
   */
  readonly effect: 'guard' | 'leave' | 'neutral';
  readonly at: Place;
}

/** Everything a model says beside access. */
export function factsOf(model: ZoneModel): readonly Fact[] {
  return [
    ...siteFacts(model),
    ...zoneFacts(model),
    ...conduitFacts(model),
    ...profileFacts(model),
    ...accessFacts(model),
    ...claimFacts(model),
  ];
}

/** Facts with the file they are of. */
export interface FactsOfFile {
  readonly file: string;
  readonly facts: readonly Fact[];
}

/** What changed, in the order of {@link ChangeKinds}. */
export function compareFacts(old: FactsOfFile, next: FactsOfFile): readonly OtherChange[] {
  const [before, after] = [indexOf(old.facts), indexOf(next.facts)];
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, fact]) => goneChange(fact, old.file));
  const others = [...after].flatMap(([key, fact]) => {
    const former = before.get(key);
    if (former === undefined) return [newChange(fact, next.file)];
    return former.value === fact.value ? [] : [changedChange(former, fact, next.file)];
  });
  const all = [...others, ...gone];
  // A zone that is new has a level that is new: once is enough.
  const whole = new Set(all.filter(({ isWhole }) => isWhole).map(({ about }) => about));
  const told = all
    .filter(({ isWhole, about }) => isWhole || !whole.has(about))
    .map(({ isWhole, ...change }) => change);
  return ChangeKinds.flatMap((kind) => told.filter((change) => change.kind === kind));
}

function indexOf(facts: readonly Fact[]): ReadonlyMap<string, Fact> {
  const index = new Map<string, Fact>();
  for (const fact of facts) {
    if (fact.value === '') continue;
    // Two tests may have one name: the second is another thing.
    let key = `${fact.kind} ${fact.about} ${fact.what}`;
    while (index.has(key)) key += ' again';
    index.set(key, fact);
  }
  return index;
}

type Change = OtherChange & { readonly isWhole: boolean };

function newChange({ kind, about, what, value, effect, at }: Fact, file: string): Change {
  const sentence = what === '' ? `${about} is new: ${value}` : `${about}: ${what} is now ${value}`;
  return { kind, about, sentence, file, line: at.line, needsLook: effect === 'leave', isWhole: what === '' };
}

function goneChange({ kind, about, what, value, effect, at }: Fact, file: string): Change {
  const sentence = what === '' ? `${about} is gone: ${value}` : `${about}: ${what} is gone, was ${value}`;
  return { kind, about, sentence, file, line: at.line, needsLook: effect === 'guard', isWhole: what === '' };
}

function changedChange(old: Fact, { kind, about, what, value, effect, at }: Fact, file: string): Change {
  const sentence = `${about}${what === '' ? '' : `: ${what}`} was ${old.value}, is ${value}`;
  const needsLook = effect !== 'neutral';
  return { kind, about, sentence, file, line: at.line, needsLook, isWhole: false };
}
