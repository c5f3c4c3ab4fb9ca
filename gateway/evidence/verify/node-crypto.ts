import { createHash, createPublicKey, verify } from 'node:crypto';
import type { CryptoTools, WithCrypto } from './crypto-tools.ts';

/** The tools of Node itself. A key that is none is a signature that is not good. */
export const nodeCrypto: CryptoTools = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  ed25519: (publicKey, message, signature) =>
    attempt(() => verify(null, message, jwk({ kty: 'OKP', crv: 'Ed25519', x: url(publicKey) }), signature)),
  p256: (publicKey, message, signature) =>
    attempt(() => {
      const half = publicKey.length / 2;
      const point = { x: url(publicKey.subarray(0, half)), y: url(publicKey.subarray(half)) };
      const key = jwk({ kty: 'EC', crv: 'P-256', ...point });
      return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
    }),
};

export const withNodeCrypto: WithCrypto = async (work) => work(nodeCrypto);

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
