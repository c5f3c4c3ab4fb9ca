import { parseTreeHead, type TreeHead } from '../../../rules/evidence/checkpoint.ts';
import { parseNote } from '../../../rules/evidence/note.ts';
import { type CompactRange, readRange, recordHash, type Sha256 } from '../../../rules/evidence/tree.ts';
import { createKnownTree, type KnownTree } from './known-tree.ts';
import type { LogSource } from './log-source.ts';
import type { StoredRecord } from './make-session.ts';
import { readSegments } from './read-segments.ts';

/** One history of a log, taken as it is, for making proofs out of it; whether it is right, verifying tells. */
export interface KnownHistory {
  /** The newest checkpoint of it that lies with the log, and its text. */
  readonly head: TreeHead;
  readonly checkpoint: string;
  readonly tree: KnownTree;
  /** All records but routine ones, in order. */
  readonly records: readonly StoredRecord[];
}

/** The history that goes on, or why there is none to prove anything with. */
export async function readKnownHistory(
  source: LogSource,
  sha256: Sha256,
): Promise<
  { readonly ok: true; readonly known: KnownHistory } | { readonly ok: false; readonly problem: string }
> {
  const all: (Omit<StoredRecord, 'index'> & { readonly sequence: number })[] = [];
  const leaves = new Map<number, Uint8Array>();
  const { removed } = await readSegments(
    source,
    () => undefined,
    (sequence, { type, payload }, record) => {
      leaves.set(sequence, recordHash({ type, payload }, sha256));
      if (record !== undefined) all.push({ sequence, type, payload: Uint8Array.from(payload), record });
    },
  );
  const started = all.findLast(({ record }) => record.kind === 'act' && record.act.kind === 'originStarted');
  const base = started?.sequence ?? 0;
  const origin =
    started?.record.kind === 'act' && 'origin' in started.record.act ? started.record.act.origin : '';
  const newest = newestCheckpoint(source, origin);
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
    .filter(({ sequence }) => sequence >= base)
    .map(({ sequence, ...one }) => ({ ...one, index: sequence - base }));
  return { ok: true, known: { ...newest, tree, records } };
}

/** Of several of one size the one that more have signed. */
function newestCheckpoint({ notes }: LogSource, origin: string) {
  let best: { head: TreeHead; checkpoint: string; signatures: number } | undefined;
  for (const { text } of notes) {
    const note = parseNote(text);
    const head = note === undefined ? undefined : parseTreeHead(note.text);
    if (note === undefined || head === undefined || (origin !== '' && head.origin !== origin)) continue;
    const signatures = note.signatures.length;
    const isBetter =
      best === undefined ||
      head.size > best.head.size ||
      (head.size === best.head.size && signatures > best.signatures);
    if (isBetter) best = { head, checkpoint: text, signatures };
  }
  return best;
}
