import { fromBase64, toBase64, toHex, utf8 } from './base64.ts';
import type { Sha256 } from './tree.ts';

/** A text with its signatures, C2SP signed-note. Nothing of it may be believed before a signature is checked. */
export interface SignedNote {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  /** Name of the key, without spaces or plus signs. */
  readonly name: string;
  /** Eight hexadecimal digits. */
  readonly keyId: string;
  /** What the key signed, in the way of its type. */
  readonly bytes: Uint8Array;
}

/** A public key as notes name it. */
export interface NoteKey {
  readonly name: string;
  readonly keyId: string;
  readonly type: number;
  /** 32 bytes, RFC 8032. */
  readonly publicKey: Uint8Array;
}

/** Signature types of C2SP signed-note and C2SP tlog-cosignature: of the log itself, and of a witness. */
export const KeyTypes = { ed25519: 0x01, cosignature: 0x04 } as const;

/** Whether an Ed25519 signature is good, RFC 8032; an argument, because pure code has none of its own. */
export type VerifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** Longest note that is read, and most signatures in it. C2SP asks for at least 16. */
export const MaxNoteLength = 65_536;
export const MaxSignatures = 64;

/** The key under its name; its id is the start of SHA-256 over name, newline, type and key. */
export function noteKey(name: string, type: number, publicKey: Uint8Array, sha256: Sha256): NoteKey {
  const spelled = utf8(`${name}\n`);
  const bytes = new Uint8Array(spelled.length + 1 + publicKey.length);
  bytes.set(spelled);
  bytes[spelled.length] = type;
  bytes.set(publicKey, spelled.length + 1);
  return { name, keyId: toHex(sha256(bytes).subarray(0, 4)), type, publicKey };
}

/** The key as text, as it stands on a commissioning sheet: `name+keyid+base64`, C2SP signed-note. */
export function formatKey({ name, keyId, type, publicKey }: NoteKey): string {
  return `${name}+${keyId}+${toBase64(Uint8Array.of(type, ...publicKey))}`;
}

/** A key from its text; undefined when it is none of ours or its id does not belong to it. */
export function parseKey(text: string, sha256: Sha256): NoteKey | undefined {
  const found = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text.trim());
  const [, name = '', keyId = '', encoded = ''] = found ?? [];
  const bytes = fromBase64(encoded);
  const type = bytes?.[0];
  if (bytes?.length !== 33 || (type !== KeyTypes.ed25519 && type !== KeyTypes.cosignature)) return undefined;
  const key = noteKey(name, type, bytes.subarray(1), sha256);
  return key.keyId === keyId ? key : undefined;
}

export function formatNote({ text, signatures }: SignedNote): string {
  return `${text}\n${signatures.map(formatSignature).join('')}`;
}

function formatSignature({ name, keyId, bytes }: NoteSignature): string {
  const id = Uint8Array.from({ length: 4 }, (_, at) => Number.parseInt(keyId.slice(2 * at, 2 * at + 2), 16));
  return `— ${name} ${toBase64(Uint8Array.of(...id, ...bytes))}\n`;
}

/** A note from its text, or undefined when it has not the form of one. */
export function parseNote(note: string): SignedNote | undefined {
  const split = note.lastIndexOf('\n\n');
  if (split < 1 || note.length > MaxNoteLength || !note.endsWith('\n') || hasControl(note)) return undefined;
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MaxSignatures) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [, name = '', encoded = ''] = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
    const bytes = fromBase64(encoded);
    if (bytes === undefined || bytes.length < 5) return undefined;
    signatures.push({ name, keyId: toHex(bytes.subarray(0, 4)), bytes: bytes.subarray(4) });
  }
  return { text: note.slice(0, split + 1), signatures };
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text.replaceAll('\n', ''));
}

/** The signature of a key on a note, if it bears one; a key is told by its name and its id together. */
export function signatureOf(note: SignedNote, key: NoteKey): NoteSignature | undefined {
  return note.signatures.find(({ name, keyId }) => name === key.name && keyId === key.keyId);
}

/** Whether the note bears a good plain Ed25519 signature of this key. */
export function isSignedBy(note: SignedNote, key: NoteKey, verify: VerifyEd25519): boolean {
  const signature = signatureOf(note, key);
  if (key.type !== KeyTypes.ed25519 || signature?.bytes.length !== 64) return false;
  return verify(key.publicKey, utf8(note.text), signature.bytes);
}
