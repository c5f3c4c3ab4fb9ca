import { createPublicKey } from 'node:crypto';
import type { NewPasskey } from './passkeys.ts';
import { webauthnKeys } from './webauthn.ts';

/** What goes on record of a passkey when it is added: enough to verify later, with no box, what it approved. */
export interface PasskeyOnRecord {
  /** Id of the credential, base64url. */
  readonly credential: string;
  /** Public key, SubjectPublicKeyInfo in DER form, base64. */
  readonly key: string;
  /** COSE algorithm: -7 ES256, -8 EdDSA, -257 RS256. */
  readonly algorithm: number;
  /** The name it is bound to; its SHA-256 stands in what it signs. */
  readonly rp: string;
}

/**
 * The detail of the act, JSON of {@link PasskeyOnRecord}. Undefined for a key that no verifier would read. Rejects with
 * PST_ERR_PASSKEY_LIBRARY.
 */
export async function passkeyDetail(
  { credential, publicKey }: NewPasskey,
  rp: string,
): Promise<string | undefined> {
  const { decodeCredentialPublicKey } = await webauthnKeys();
  try {
    const cose = decodeCredentialPublicKey(Uint8Array.from(Buffer.from(publicKey, 'base64url')));
    const at = (label: number): unknown => (cose as unknown as ReadonlyMap<number, unknown>).get(label);
    const field = (label: number): string => Buffer.from(at(label) as Uint8Array).toString('base64url');
    const algorithm = Number(at(3));
    const jwk = jwkOf(Number(at(1)), field);
    if (jwk === undefined) return undefined;
    const der = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
    const kept: PasskeyOnRecord = { credential, key: der.toString('base64'), algorithm, rp };
    return JSON.stringify(kept);
  } catch {
    return undefined;
  }
}

/** COSE key types of RFC 9053 §7 as JSON Web Keys. */
function jwkOf(type: number, field: (label: number) => string) {
  if (type === 1) return { kty: 'OKP', crv: 'Ed25519', x: field(-2) };
  if (type === 2) return { kty: 'EC', crv: 'P-256', x: field(-2), y: field(-3) };
  if (type === 3) return { kty: 'RSA', n: field(-1), e: field(-2) };
  return undefined;
}
