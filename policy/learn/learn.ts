import type { Finding } from '../finding.ts';
import type { ZoneModel } from '../model/zone-model.ts';
import { together } from './evidence.ts';
import { type Insertion, readModelText } from './model-text.ts';
import { patchOf } from './patch.ts';
import type { ProposedPermission } from './permissions.ts';
import { type LearnOptions, type Proposal, propose, type Unproposed } from './propose.ts';
import type { Sightings } from './sightings.ts';
import { proposalText } from './text.ts';
import { unifiedDiff } from './unified-diff.ts';

/** What a model could say more, as lines to add; nothing is applied. */
export interface Lesson {
  readonly proposals: readonly Proposal[];
  readonly unproposed: readonly Unproposed[];
  /** Kinds of traffic beyond what was kept apart: a scan, or a capture to be cut into parts. */
  readonly uncounted: number;
  readonly insertions: readonly Insertion[];
  /** The text with the proposals in it. */
  readonly patched: string;
  /** Empty where nothing is proposed. */
  readonly diff: string;
  /** What the check says about the patched model and did not say about the given one; none is an error. */
  readonly warnings: readonly Finding[];
}

export interface Lecture {
  /** As it was read, without errors. */
  readonly model: ZoneModel;
  readonly text: string;
  /** All that `penstock check` says of a text; the same text always gives the same. */
  readonly check: (text: string) => readonly Finding[];
}

/**
 * Proposes what was seen, as far as it can be bounded and the check has no error for it: one proposal that the check
 * refuses is left out, with the check's own words, and the others stay.
 */
export function learn({ model, text, check }: Lecture, sightings: Sightings, options: LearnOptions): Lesson {
  const source = readModelText(text);
  const before = new Set(check(text).map(identity));
  const { proposals, unproposed } = propose(model, sightings, options);
  const refused: Unproposed[] = [];

  /** What the check has against these proposals together; the patched text where it has nothing. */
  function attempt(some: readonly Proposal[]): Attempt {
    const patch = patchOf(source, model, some, options);
    if (!patch.ok) return { ok: false, why: patch.problem };
    const patched = some.length === 0 ? text : source.withLines(patch.insertions);
    const news = check(patched).filter((finding) => !before.has(identity(finding)));
    const error = news.find(({ severity }) => severity === 'error');
    if (error === undefined) return { ok: true, patched, insertions: patch.insertions, warnings: news };
    return { ok: false, why: `The check refuses it: ${error.code} ${error.message}` };
  }

  /** What the check refuses of writes may be right for reads. */
  function take(proposal: Proposal): void {
    const next = attempt([...accepted, proposal]);
    if (next.ok) {
      accepted = [...accepted, proposal];
      result = next;
      return;
    }
    const [reads, writes] = apart(proposal);
    const { count, firstAt, lastAt } = writes.evidence;
    refused.push({ what: proposalText(writes), why: next.why, count, firstAt, lastAt });
    if (reads !== undefined) take(reads);
  }

  let accepted = proposals;
  let result = attempt(accepted);
  if (!result.ok) {
    accepted = [];
    result = attempt(accepted);
    for (const proposal of proposals) take(proposal);
  }
  if (!result.ok) throw new Error('nothing at all can be put into any model');
  const { patched, insertions, warnings } = result;
  const { uncounted } = sightings;
  const diff = unifiedDiff(model.file, source.lines, insertions);
  return {
    proposals: accepted,
    unproposed: [...unproposed, ...refused],
    uncounted,
    insertions,
    patched,
    diff,
    warnings,
  };
}

/** The part of a proposal that only reads, if there is one, and the rest. */
function apart(proposal: Proposal): readonly [Proposal | undefined, Proposal] {
  if (proposal.kind === 'permission' || proposal.profile === undefined) return [undefined, proposal];
  const { permissions, perSecond } = proposal.profile;
  const part = (some: readonly ProposedPermission[]): Proposal => ({
    ...proposal,
    profile: { permissions: some, perSecond },
    evidence: together(some.map(({ evidence }) => evidence)),
  });
  const reads = permissions.filter(({ value }) => value === undefined);
  if (reads.length === 0 || reads.length === permissions.length) return [undefined, proposal];
  return [part(reads), part(permissions.filter(({ value }) => value !== undefined))];
}

type Attempt =
  | {
      readonly ok: true;
      readonly patched: string;
      readonly insertions: readonly Insertion[];
      readonly warnings: readonly Finding[];
    }
  | { readonly ok: false; readonly why: string };

/** The same finding on another line is the same: added lines move the ones behind them. */
function identity({ code, message }: Finding): string {
  return `${code} ${message.replace(/\bline \d+/g, 'line')}`;
}
