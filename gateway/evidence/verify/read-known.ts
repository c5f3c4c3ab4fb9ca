import { parseTreeHead, type TreeHead } from '../../../rules/evidence/checkpoint.ts';
import { parseNote } from '../../../rules/evidence/note.ts';
import { type CompactRange, readRange, recordHash, type Sha256 } from '../../../rules/evidence/tree.ts';
import { createKnownTree, type KnownTree } from './known-tree.ts';
import type { LogSource } from './log-source.ts';
import type { StoredRecord } from './make-session.ts';
import { readSegments } from './read-segments.ts';
import type { ActOf } from './told.ts';

/** One history of a log, taken as it is, for making proofs out of it; whether it is right, verifying tells. */
export interface KnownHistory {
  /** The newest checkpoint of it that lies with the log, and its text. */
  readonly head: TreeHead;
  readonly checkpoint: string;
  /** Every change of the key of the log, in order. */
  readonly handovers: readonly string[];
  readonly tree: KnownTree;
  /** All records but routine ones, in order. */
  readonly records: readonly StoredRecord[];
}

/**
 * The history that goes on, or the one in which a grant was asked for; or why there is none to prove anything with.
 */
export async function readKnownHistory(
  source: LogSource,
  sha256: Sha256,
  grant = '',
): Promise<
  { readonly ok: true; readonly known: KnownHistory } | { readonly ok: false; readonly problem: string }
> {
  const all: (Omit<StoredRecord, 'index'> & { readonly sequence: number })[] = [];
  const leaves = new Map<number, Uint8Array>();
  const starts: (ActOf<'originStarted'> & { readonly base: number })[] = [];
  let asked: number | undefined;
  const { removed } = await readSegments(
    source,
    () => undefined,
    (sequence, { type, payload }, record) => {
      leaves.set(sequence, recordHash({ type, payload }, sha256));
      if (record === undefined) return;
      all.push({ sequence, type, payload: Uint8Array.from(payload), record });
      if (record.kind !== 'act') return;
      if (record.act.kind === 'originStarted') starts.push({ ...record.act, base: sequence });
      if (record.act.kind === 'grantRequested' && record.act.grant === grant) asked ??= sequence;
    },
  );
  const within = asked ?? Number.POSITIVE_INFINITY;
  const started = starts.findLast(({ base }) => base <= within);
  const next = starts.find(({ base }) => base > within);
  const base = started?.base ?? 0;
  const end = next?.base ?? Number.POSITIVE_INFINITY;
  const newest = newestCheckpoint(source, started?.origin ?? '', next?.former ?? '');
  if (newest === undefined) return { ok: false, problem: 'there is no checkpoint of it' };
  const ranges = new Map<number, CompactRange>();
  for (const { firstSequence, records, hashes } of removed) {
    const begin = firstSequence - base;
    const range = readRange({ begin, end: begin + records }, hashes);
    if (range !== undefined) ranges.set(begin, range);
  }
  const tree = createKnownTree(sha256);
  while (tree.size() < newest.head.size) {
    const leaf = leaves.get(base + tree.size());
    const range = ranges.get(tree.size());
    if (leaf !== undefined) tree.add(leaf);
    else if (range !== undefined) tree.addRange(range);
    else return { ok: false, problem: `record ${base + tree.size()} is not here` };
  }
  const records = all
    .filter(({ sequence }) => sequence >= base && sequence < end)
    .map(({ sequence, ...one }) => ({ ...one, index: sequence - base }));
  const handovers = starts.flatMap(({ handover }) => (handover === '' ? [] : [handover]));
  return { ok: true, known: { ...newest, handovers, tree, records } };
}

/**
 * Of several of one size the one that more have signed. @param origin of the history; of the first one, which no record
 * begins, it may be unknown
 * @param last the checkpoint it ended with, where it has ended
 */
function newestCheckpoint({ notes }: LogSource, origin: string, last: string) {
  const own = parseTreeHead(parseNote(last)?.text ?? '')?.origin ?? origin;
  let best: { head: TreeHead; checkpoint: string; signatures: number } | undefined;
  for (const text of [last, ...notes.map((note) => note.text)]) {
    const note = parseNote(text);
    const head = note === undefined ? undefined : parseTreeHead(note.text);
    if (note === undefined || head === undefined || (own !== '' && head.origin !== own)) continue;
    const signatures = note.signatures.length;
    const isBetter =
      best === undefined ||
      head.size > best.head.size ||
      (head.size === best.head.size && signatures > best.signatures);
    if (isBetter) best = { head, checkpoint: text, signatures };
  }
  return best;
}
