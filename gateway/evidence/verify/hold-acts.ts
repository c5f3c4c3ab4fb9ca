import { sameActs } from '../../../rules/evidence/checkpoint.ts';
import type { CompactRange } from '../../../rules/evidence/tree.ts';
import type { Find } from './finding.ts';
import type { HeldCheckpoint } from './held-checkpoints.ts';
import type { History } from './history.ts';

/** Records that were given up for room. */
export interface GivenUp {
  readonly history: History;
  readonly range: CompactRange;
}

/**
 * Whether all acts are there that a checkpoint commits to. Who holds the box's key can give up a session as if it were
 * routine, with the right hashes for the log's own tree; the acts are then too few for any checkpoint signed before.
 */
export function holdActs(history: History, { head, name }: HeldCheckpoint, find: Find): boolean {
  const here = history.acts(head.size);
  if (head.acts === undefined || sameActs(here, head.acts)) return true;
  const gone = head.acts.count - (here?.count ?? 0);
  const sentence =
    gone > 0
      ? `${gone} acts are missing that ${name} commits to, although the log says that only routine records were given up.`
      : `The acts among the first ${head.size} records are not those that ${name} commits to.`;
  find('acts-missing', undefined, sentence);
  return false;
}

/** Tells of the checkpoints of one history that commit to no acts: an older release signed them, or somebody left it out. */
export function tellUncommitted(checkpoints: readonly HeldCheckpoint[], find: Find): void {
  const inOrder = checkpoints.toSorted(
    ({ head: one }, { head: other }) =>
      one.size - other.size || Number(one.acts !== undefined) - Number(other.acts !== undefined),
  );
  const from = inOrder.findIndex(({ head }) => head.acts !== undefined);
  const later = from < 0 ? [] : inOrder.slice(from);
  for (const { head, name } of later) {
    if (head.acts !== undefined) continue;
    const sentence = `A checkpoint of the same log commits to its acts, and ${name}, which is later, does not.`;
    find('acts-dropped', undefined, sentence);
  }
  const older = (from < 0 ? inOrder : inOrder.slice(0, from)).at(-1);
  if (older === undefined) return;
  const { name, head } = older;
  const sentence = `An older release signed ${name}, of ${head.size} records: it does not commit to the acts among them.`;
  find('acts-uncommitted', undefined, sentence);
}

/**
 * Tells of what was given up.
 * @param provedActs records whose acts a checkpoint commits to that somebody else has seen
 */
export function tellGivenUp({ history, range }: GivenUp, provedActs: number, find: Find): void {
  const said = `${range.end - range.begin} records were given up for room`;
  const sentence =
    range.end <= provedActs
      ? `${said}; no act is among them, as a checkpoint proves that somebody else has seen.`
      : `${said}; that they were routine is the word of the box.`;
  find('removed-routine', history.base + range.begin, sentence);
}
