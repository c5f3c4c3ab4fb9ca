import { actsCanFollow, isOriginOf, parseTreeHead, type TreeHead } from './checkpoint.ts';
import { provesConsistency } from './consistency.ts';
import { cosignatureLine, cosignedMessage } from './cosignature.ts';
import { formatNote, isSignedBy, type NoteKey, parseNote, type VerifyEd25519 } from './note.ts';
import { type Sha256, sameHash } from './tree.ts';

/** What a witness is asked to cosign, C2SP tlog-witness. */
export interface WitnessRequest {
  /** The checkpoint as the log signed it. */
  readonly note: string;
  readonly logKey: NoteKey;
  /** The last head of this origin that this witness cosigned; undefined for the first. */
  readonly remembered: TreeHead | undefined;
  /** The consistency proof from there. */
  readonly proof: readonly Uint8Array[];
}

export interface WitnessTools {
  readonly witness: NoteKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
  readonly verify: VerifyEd25519;
  readonly sha256: Sha256;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Why a witness does not cosign. `forked` and `shrunk` prove fraud, or a backup restored without a word. */
export type WitnessRefusal =
  | 'no-checkpoint'
  | 'not-signed'
  | 'other-log'
  | 'forked'
  | 'shrunk'
  | 'not-consistent'
  /** Fewer or other acts than a checkpoint before, or none committed to any more. */
  | 'acts-missing';

/**
 * The checkpoint with this witness's cosignature, and the head to remember before it is handed out. A
 * witness never cosigns two heads of one origin that cannot both be true.
 */
export function cosign(
  { note, logKey, remembered, proof }: WitnessRequest,
  { witness, sign, verify, sha256, now }: WitnessTools,
):
  | { readonly ok: true; readonly note: string; readonly head: TreeHead }
  | { readonly ok: false; readonly problem: WitnessRefusal } {
  const parsed = parseNote(note);
  const head = parsed === undefined ? undefined : parseTreeHead(parsed.text);
  if (parsed === undefined || head === undefined) return { ok: false, problem: 'no-checkpoint' };
  if (!isOriginOf(head.origin, logKey.name)) return { ok: false, problem: 'other-log' };
  if (!isSignedBy(parsed, logKey, verify)) return { ok: false, problem: 'not-signed' };
  const problem = contradiction(head, remembered, proof, sha256);
  if (problem !== undefined) return { ok: false, problem };
  const line = cosignatureLine(witness, now, sign(cosignedMessage(parsed.text, now)));
  return { ok: true, head, note: formatNote({ ...parsed, signatures: [...parsed.signatures, line] }) };
}

function contradiction(
  head: TreeHead,
  remembered: TreeHead | undefined,
  proof: readonly Uint8Array[],
  sha256: Sha256,
): WitnessRefusal | undefined {
  if (remembered === undefined) return undefined;
  if (head.origin !== remembered.origin) return 'other-log';
  if (head.size < remembered.size) return 'shrunk';
  const isSame = sameHash(head.root, remembered.root);
  if (head.size === remembered.size && !isSame) return 'forked';
  if (!actsCanFollow(remembered, head)) return 'acts-missing';
  if (head.size === remembered.size) return undefined;
  const claim = {
    first: remembered.size,
    firstRoot: remembered.root,
    second: head.size,
    secondRoot: head.root,
    proof,
  };
  return provesConsistency(claim, sha256) ? undefined : 'not-consistent';
}
