import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { type NoteKey, noteKey, type VerifyEd25519 } from '../../../rules/evidence/note.ts';
import { sha256 } from './naive-tree.ts';

/** A key pair of a log or a witness, made for one test. */
export interface TestKey {
  readonly key: NoteKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

export function testKey(name: string, type: number): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    key: noteKey(name, type, raw(publicKey), sha256),
    sign: (message) => sign(null, message, privateKey),
  };
}

export const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) =>
  verify(null, message, spki(publicKey), signature);

function raw(key: KeyObject): Uint8Array {
  return Uint8Array.from(key.export({ type: 'spki', format: 'der' }).subarray(-32));
}

function spki(publicKey: Uint8Array): KeyObject {
  const prefix = Buffer.from('302a300506032b6570032100', 'hex');
  return createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: 'der', type: 'spki' });
}
