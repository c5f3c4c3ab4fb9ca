import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { GatewayError } from '../errors.ts';

/** An Ed25519 public key this box accepts bundles from. */
export interface TrustedKey {
  /** SHA-256 of the raw 32-byte key, hexadecimal: a hint for messages, never trusted by itself. */
  readonly id: string;
  /** Its file's name without `.pub.pem`: whose it is, in evidence. */
  readonly name: string;
  readonly key: KeyObject;
}

/** Reads PEM public keys. @throws GatewayError PST_ERR_KEY_READ naming the file */
export function readTrustedKeys(files: readonly string[]): readonly TrustedKey[] {
  return files.map((file) => {
    let key: KeyObject;
    try {
      const pem = readFileSync(file, 'utf8');
      // Node would derive the public half by itself; a signing key has no business on a gateway.
      if (pem.includes('PRIVATE KEY')) throw new Error('private');
      key = createPublicKey(pem);
    } catch (cause) {
      throw new GatewayError('PST_ERR_KEY_READ', `${file} holds no public key.`, cause);
    }
    if (key.asymmetricKeyType !== 'ed25519') {
      throw new GatewayError('PST_ERR_KEY_READ', `${file} is not an Ed25519 key.`);
    }
    return { id: keyId(key), name: basename(file).replace(/(\.pub)?\.pem$/, ''), key };
  });
}

/** The key's identifier, from its raw public bytes. */
export function keyId(key: KeyObject): string {
  const { x } = key.export({ format: 'jwk' });
  return createHash('sha256')
    .update(Buffer.from(x ?? '', 'base64url'))
    .digest('hex');
}

/** Whether the signature over the message was made with this key. */
export function signedBy(key: TrustedKey, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, message, key.key, signature);
}
