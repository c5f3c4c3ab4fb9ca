import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import type { CryptoTools, WithCrypto } from './crypto-tools.ts';

/** The tools of Node itself. A key that is none is a signature that is not good. */
export const nodeCrypto: CryptoTools = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  ed25519: (publicKey, message, signature) =>
    attempt(() => verify(null, message, jwk({ kty: 'OKP', crv: 'Ed25519', x: url(publicKey) }), signature)),
  passkey: (algorithm, key, message, signature) =>
    attempt(() => {
      const digest = Digests.get(algorithm);
      if (digest === undefined) return false;
      return verify(digest, message, keyOf(key), signature);
    }),
};

/** Digest of each COSE algorithm; Ed25519 has its own. */
const Digests: ReadonlyMap<number, string | null> = new Map([
  [-7, 'sha256'],
  [-8, null],
  [-257, 'sha256'],
]);

export const withNodeCrypto: WithCrypto = async (work) => work(nodeCrypto);

/** A log has few passkeys and many approvals. */
const keys = new Map<string, KeyObject>();

function keyOf(spki: Uint8Array): KeyObject {
  const name = Buffer.from(spki).toString('base64');
  const known = keys.get(name) ?? createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  keys.set(name, known);
  return known;
}

function jwk(key: Record<string, string>) {
  return createPublicKey({ key, format: 'jwk' });
}

function url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function attempt(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
