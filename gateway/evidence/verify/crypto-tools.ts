import type { VerifyEd25519 } from '../../../rules/evidence/note.ts';
import type { Sha256 } from '../../../rules/evidence/tree.ts';

/**
 * What verifying needs of cryptography. An auditor's browser and the command line each bring their own, so that what
 * is verified stands in one place.
 */
export interface CryptoTools {
  readonly sha256: Sha256;
  readonly ed25519: VerifyEd25519;
  readonly passkey: VerifyPasskey;
}

/**
 * Whether a passkey's signature is good. The key is SubjectPublicKeyInfo in DER form (RFC 5280 §4.1), the algorithm
 * that of COSE: -7 ECDSA on P-256 with a signature in DER form, -8 Ed25519, -257 RSASSA-PKCS1-v1_5; with SHA-256.
 */
export type VerifyPasskey = (
  algorithm: number,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;

/** Runs a piece of work with the tools; in a browser more than once, because its own answers come later. */
export type WithCrypto = <T>(work: (tools: CryptoTools) => T) => Promise<T>;
