import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { fromBase64, toBase64 } from '../../../rules/evidence/base64.ts';
import { KeyTypes, type NoteKey, noteKey } from '../../../rules/evidence/note.ts';
import { nodeCrypto } from './node-crypto.ts';

/** The key of a witness with its secret. */
export interface WitnessKey {
  readonly key: NoteKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** A new key as text: `PRIVATE+KEY+name+id+base64`, the form that golang.org/x/mod/sumdb/note writes. */
export function makeWitnessKey(name: string): { readonly secret: string; readonly key: NoteKey } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const key = noteKey(name, KeyTypes.cosignature, bytesOf(x), nodeCrypto.sha256);
  const material = toBase64(Uint8Array.of(KeyTypes.cosignature, ...bytesOf(d)));
  return { key, secret: `PRIVATE+KEY+${name}+${key.keyId}+${material}` };
}

/** The key of such a text, or undefined when it is none. */
export function readWitnessKey(text: string): WitnessKey | undefined {
  const [, name = '', keyId, material = ''] =
    /^PRIVATE\+KEY\+([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text.trim()) ?? [];
  const bytes = fromBase64(material);
  if (bytes?.length !== 33 || bytes[0] !== KeyTypes.cosignature) return undefined;
  const privateKey = createPrivateKey({
    key: Buffer.concat([Pkcs8Head, bytes.subarray(1)]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const key = noteKey(name, KeyTypes.cosignature, bytesOf(x), nodeCrypto.sha256);
  if (key.keyId !== keyId) return undefined;
  return { key, sign: (message) => sign(null, message, privateKey) };
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}

/** PKCS #8 around 32 bytes of an Ed25519 seed, RFC 8410 §7. */
const Pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
