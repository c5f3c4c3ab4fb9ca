import { utf8 } from './base64.ts';
import {
  KeyTypes,
  type NoteKey,
  type NoteSignature,
  type SignedNote,
  signatureOf,
  type VerifyEd25519,
} from './note.ts';

/** A witness's word on a checkpoint: that it saw nothing that contradicts it, and when. */
export interface Cosignature {
  readonly witness: NoteKey;
  /** Milliseconds since the Unix epoch, whole seconds. */
  readonly at: number;
}

/** What a witness signs, C2SP tlog-cosignature: `cosignature/v1`, the time, the checkpoint's text. */
export function cosignedMessage(text: string, at: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${Math.floor(at / 1000)}\n${text}`);
}

/** The line a witness adds: the time as u64, big endian, before the signature. */
export function cosignatureLine(witness: NoteKey, at: number, signature: Uint8Array): NoteSignature {
  const bytes = new Uint8Array(8 + signature.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.floor(at / 1000)));
  bytes.set(signature, 8);
  return { name: witness.name, keyId: witness.keyId, bytes };
}

/** The cosignature of a witness, if the note bears a good one. */
export function cosignatureOf(
  note: SignedNote,
  witness: NoteKey,
  verify: VerifyEd25519,
): Cosignature | undefined {
  const bytes = signatureOf(note, witness)?.bytes;
  if (witness.type !== KeyTypes.cosignature || bytes?.length !== 72) return undefined;
  const seconds = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0));
  if (!Number.isSafeInteger(seconds * 1000)) return undefined;
  const at = seconds * 1000;
  return verify(witness.publicKey, cosignedMessage(note.text, at), bytes.subarray(8))
    ? { witness, at }
    : undefined;
}
