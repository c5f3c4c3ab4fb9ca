import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { toHex } from '../../rules/evidence/base64.ts';
import { sameKey } from '../../rules/evidence/handover.ts';
import { formatKey, KeyTypes, type NoteKey, noteKey, type VerifyEd25519 } from '../../rules/evidence/note.ts';
import { GatewayError } from '../errors.ts';
import type { SegmentFiles } from './segment-files.ts';
import { sha256 } from './sha256.ts';

/** The key the log signs its checkpoints with. */
export interface LogKey {
  readonly key: NoteKey;
  /** `name+keyid+base64`, C2SP signed-note: what stands on the commissioning sheet. */
  readonly text: string;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** Whose log it is; part of the key's name. */
export interface LogOwner {
  readonly site: string;
  readonly gateway: string;
}

/**
 * The key of the log directory. Undefined where there is none yet.
 * @throws GatewayError PST_ERR_EVIDENCE where the file holds no key
 */
export async function readLogKey(files: SegmentFiles, owner: LogOwner): Promise<LogKey | undefined> {
  const bytes = (await files.readNote(KeyFile)) ?? (await files.readNote(FirstKeyFile));
  if (bytes === undefined) return undefined;
  try {
    return logKey(createPrivateKey(Buffer.from(bytes)), owner);
  } catch (cause) {
    throw new GatewayError('PST_ERR_EVIDENCE', `${KeyFile} holds no key to sign with.`, cause);
  }
}

/**
 * A new key, kept beside its place: it counts only after {@link adoptLogKey}, when a first checkpoint is on the
 * medium. So a key without a checkpoint always means that checkpoints were taken away.
 */
export async function makeLogKey(files: SegmentFiles, owner: LogOwner): Promise<LogKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await files.replaceNote(FirstKeyFile, Buffer.from(pem), 0o600);
  return logKey(privateKey, owner);
}

/** A key that a handover is to be to, kept beside its place as a first one is. */
export async function makeNextKey(files: SegmentFiles, owner: LogOwner): Promise<LogKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await files.replaceNote(NextKeyFile, Buffer.from(pem), 0o600);
  return logKey(privateKey, owner);
}

/** The key that a handover is to: beside its place still, or in it already. Undefined where it is in neither. */
export async function readNextKey(
  files: SegmentFiles,
  owner: LogOwner,
  next: NoteKey,
): Promise<LogKey | undefined> {
  for (const name of [NextKeyFile, KeyFile]) {
    const bytes = await files.readNote(name);
    const found = bytes === undefined ? undefined : logKey(createPrivateKey(Buffer.from(bytes)), owner);
    if (found !== undefined && sameKey(found.key, next)) return found;
  }
  return undefined;
}

/** Puts the key of a handover in its place. Again and again is fine. */
export async function adoptNextKey(files: SegmentFiles): Promise<void> {
  const next = await files.readNote(NextKeyFile);
  if (next === undefined) return;
  await files.replaceNote(KeyFile, next, 0o600);
  await files.removeNote(NextKeyFile);
}

/** Puts a new key in its place, and its public half beside it for people. Again and again is fine. */
export async function adoptLogKey(files: SegmentFiles, { text }: LogKey): Promise<void> {
  const line = Buffer.from(`${text}\n`);
  const published = await files.readNote(PublicKeyFile);
  if (published === undefined || !line.equals(published)) await files.replaceNote(PublicKeyFile, line, 0o644);
  const first = await files.readNote(FirstKeyFile);
  if (first === undefined) return;
  await files.replaceNote(KeyFile, first, 0o600);
  await files.removeNote(FirstKeyFile);
}

export function isAdopted(files: SegmentFiles): Promise<boolean> {
  return files.readNote(KeyFile).then((bytes) => bytes !== undefined);
}

export const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') };
  try {
    return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
  } catch {
    // A key that is no point of the curve has signed nothing.
    return false;
  }
};

function logKey(privateKey: KeyObject, { site, gateway }: LogOwner): LogKey {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('another kind of key');
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicKey = Uint8Array.from(Buffer.from(x, 'base64url'));
  const print = toHex(sha256(publicKey).subarray(0, 4));
  const name = ['penstock', site, gateway, print].map(namePart).join('/');
  const key = noteKey(name, KeyTypes.ed25519, publicKey, sha256);
  return { key, text: formatKey(key), sign: (message) => sign(null, message, privateKey) };
}

/** Names of keys hold neither spaces nor plus signs, C2SP signed-note. */
function namePart(text: string): string {
  return text.replaceAll(/[\s+/\p{Cc}]/gu, '-');
}

const KeyFile = 'log.key';
const FirstKeyFile = 'log.key.first';
export const NextKeyFile = 'log.key.next';
export const PublicKeyFile = 'log.pub';
