import type { VerifyEd25519 } from '../../../rules/evidence/note.ts';
import type { Sha256 } from '../../../rules/evidence/tree.ts';

/**
 * What verifying needs of cryptography. An auditor's browser and the command line each bring their own, so that what
 * is verified stands in one place.
 */
export interface CryptoTools {
  readonly sha256: Sha256;
  readonly ed25519: VerifyEd25519;
  /** ECDSA on P-256 with SHA-256: `x` and `y` one after the other, and `r` and `s`. */
  readonly p256: VerifyEd25519;
}

/** Runs a piece of work with the tools; in a browser more than once, because its own answers come later. */
export type WithCrypto = <T>(work: (tools: CryptoTools) => T) => Promise<T>;
