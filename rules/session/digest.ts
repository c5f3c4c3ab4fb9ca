import { toHex, utf8 } from '../evidence/base64.ts';
import type { GrantRequest } from './grant.ts';

/** SHA-256, given by whoever calls. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/**
 * The one text of a request: a JSON list, so that no field can run into the next, begun by a name of its own, so
 * that no other signed document passes for one. An auditor makes it again from the record.
 */
export function requestText(request: GrantRequest): string {
  const { site, gateway, grant, vendor, person, by, targets, carrier, reason, ticket } = request;
  const { length, extension, askedAt, policyVersion, policyDigest } = request;
  return JSON.stringify([
    'penstock/grant/1',
    [site, gateway, grant],
    [vendor, person, by, [...targets], carrier, reason, ticket],
    [length, extension, askedAt],
    [policyVersion, policyDigest],
  ]);
}

/** Hexadecimal SHA-256 of {@link requestText}: what every approval is bound to (62443-3-3 SR 2.12). */
export function digestOf(request: GrantRequest, sha256: Sha256): string {
  return toHex(sha256(utf8(requestText(request))));
}

/**
 * What a passkey signs to say yes: SHA-256 of the purpose and the digest, so that an approval cannot be handed on as
 * a break-glass, nor the reverse.
 */
export function approvalChallenge(purpose: ApprovalPurpose, digest: string, sha256: Sha256): Uint8Array {
  return sha256(utf8(`penstock/${purpose}/1\n${digest}\n`));
}

export type ApprovalPurpose = 'approve' | 'break-glass';

/** The first 40 bits of a digest in Crockford's base 32, to be read aloud: `7F3K-92QD`. */
export function shortCode(digest: string): string {
  const bits = BigInt(`0x${digest.slice(0, 10)}`);
  const letters = Array.from({ length: 8 }, (_, place) =>
    Crockford.charAt(Number((bits >> BigInt(35 - 5 * place)) & 31n)),
  );
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`;
}

/** Without I, L, O and U, which are heard and read as others. */
const Crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
