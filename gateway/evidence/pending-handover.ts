import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { utf8 } from '../../rules/evidence/base64.ts';
import { formatHandover, type Handover, parseHandover } from '../../rules/evidence/handover.ts';
import { formatNote, isSignedBy, type NoteKey, parseNote } from '../../rules/evidence/note.ts';
import { verifyEd25519 } from './log-key.ts';
import type { SegmentFiles } from './segment-files.ts';
import { sha256 } from './sha256.ts';

/**
 * That the log is to go on with another key, as it lies in the directory from when that is decided until the first
 * checkpoint of the new key is on the medium. A start that finds it finishes it.
 */
export interface PendingHandover extends Handover {
  /** The handover itself, signed. */
  readonly text: string;
  /** The last checkpoint of the former key with all its signatures, or empty. */
  readonly checkpoint: string;
  /** A clause, without a full stop. */
  readonly why: string;
}

/** Who signs: both where the former key is at hand, else the new one alone. */
export interface HandoverSigner {
  readonly key: NoteKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** @param checkpoint the last of the former key, or empty */
export function makeHandover(
  former: NoteKey,
  next: NoteKey,
  checkpoint: string,
  signers: readonly HandoverSigner[],
): string {
  const text = formatHandover({ former, next, head: parseNote(checkpoint)?.text ?? '' });
  const signatures = signers.map(({ key: { name, keyId }, sign }) => ({
    name,
    keyId,
    bytes: sign(utf8(text)),
  }));
  return formatNote({ text, signatures });
}

/** The bytes of the file {@link HandoverFile}. */
export function encodePending(pending: Static<typeof PendingBody>): Uint8Array {
  return Buffer.from(JSON.stringify(pending));
}

/** Undefined where there is none, or none that its new key stands for. Fails with the system's error. */
export async function readPending(files: SegmentFiles): Promise<PendingHandover | undefined> {
  const bytes = await files.readNote(HandoverFile);
  if (bytes === undefined) return undefined;
  const body = parseBody(bytes);
  const told = body === undefined ? undefined : parseHandover(body.handover, sha256);
  if (body === undefined || told === undefined) return undefined;
  if (!isSignedBy(told.note, told.next, verifyEd25519)) return undefined;
  const { former, next, head } = told;
  return { former, next, head, text: body.handover, checkpoint: body.checkpoint, why: body.why };
}

function parseBody(bytes: Uint8Array): Static<typeof PendingBody> | undefined {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return form.Check(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

const Text = Type.String({ maxLength: 70_000 });
const PendingBody = Type.Object(
  { handover: Text, checkpoint: Text, why: Text },
  { additionalProperties: false },
);
const form = Compile(PendingBody);

/** Beside the segments. */
export const HandoverFile = 'handover';
