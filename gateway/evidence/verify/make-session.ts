import { parseTreeHead } from '../../../rules/evidence/checkpoint.ts';
import { parseNote } from '../../../rules/evidence/note.ts';
import { formatTlogProof } from '../../../rules/evidence/tlog-proof.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import type { KnownTree } from './known-tree.ts';
import { selectSession } from './select-session.ts';
import { type SessionFile, SessionFormat, type SessionPiece } from './session-file.ts';

/** A record as it lies in the log. */
export interface StoredRecord {
  /** Its place in the tree of the checkpoint. */
  readonly index: number;
  readonly type: number;
  readonly payload: Uint8Array;
  readonly record: EvidenceRecord;
}

export interface SessionSource {
  readonly grant: string;
  /** The log's public key as text. */
  readonly key: string;
  /** The signed checkpoint; it must cover the session. */
  readonly checkpoint: string;
  readonly handovers?: readonly string[];
  readonly tree: KnownTree;
  /** All records of the log but routine ones, in order. */
  readonly records: readonly StoredRecord[];
  readonly recordings: readonly SessionPiece[];
}

/** The evidence of one session, or why there is none: nothing tells of it, or no checkpoint covers it. */
export function makeSession({
  grant,
  key,
  checkpoint,
  handovers = [],
  tree,
  records,
  recordings,
}: SessionSource):
  | { readonly ok: true; readonly file: SessionFile }
  | { readonly ok: false; readonly problem: string } {
  const head = parseTreeHead(parseNote(checkpoint)?.text ?? '');
  if (head === undefined) return { ok: false, problem: 'the log has no checkpoint' };
  const chosen = selectSession(records, grant);
  if (chosen.length === 0) return { ok: false, problem: `no record names grant ${grant}` };
  const proved: SessionFile['records'][number][] = [];
  for (const { index, type, payload } of chosen) {
    const proof = index < head.size ? tree.inclusion(index, head.size) : undefined;
    if (proof === undefined) return { ok: false, problem: `no checkpoint covers record ${index} yet` };
    // Its checkpoint follows after an empty line, and stands in the file once.
    const lines = formatTlogProof({ index, proof, checkpoint: '' }).slice(0, -1);
    proved.push({ type, payload, proof: lines });
  }
  return {
    ok: true,
    file: { format: SessionFormat, grant, key, checkpoint, handovers, records: proved, recordings },
  };
}
