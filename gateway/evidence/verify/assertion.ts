import { fromBase64, toHex, utf8 } from '../../../rules/evidence/base64.ts';
import type { Sha256 } from '../../../rules/evidence/tree.ts';
import { approvalChallenge } from '../../../rules/session/digest.ts';
import type { CryptoTools } from './crypto-tools.ts';
import type { PasskeyClaim } from './people-replay.ts';

/**
 * Why a passkey's signature does not prove the approval it is kept with, or empty: the challenge is not of this
 * digest, no person was verified, or it is not this key's signature (WebAuthn Level 3 §7.2).
 */
export function assertionProblem(claim: PasskeyClaim, tools: CryptoTools): string {
  const answer = readAnswer(claim.assertion);
  if (answer === undefined) return 'it is no answer of a passkey';
  const key = claim.keys.get(answer.id);
  if (key === undefined) return 'its passkey was never enrolled for this account';
  if (!isOfChallenge(answer.clientData, challengeOf(claim, tools.sha256)))
    return 'it was given for something else';
  const flags = answer.authenticatorData[32] ?? 0;
  if ((flags & UserPresent) === 0 || (flags & UserVerified) === 0)
    return 'nobody was verified when it was given';
  const rp = toHex(tools.sha256(utf8(key.rp)));
  if (toHex(answer.authenticatorData.subarray(0, 32)) !== rp) return 'it was given to another site';
  const digest = tools.sha256(answer.clientData);
  const message = new Uint8Array(answer.authenticatorData.length + digest.length);
  message.set(answer.authenticatorData);
  message.set(digest, answer.authenticatorData.length);
  const good = tools.passkey(key.algorithm, key.publicKey, message, answer.signature);
  return good ? '' : 'the signature is not that of the passkey';
}

function challengeOf({ purpose, digest }: PasskeyClaim, sha256: Sha256): Uint8Array {
  return approvalChallenge(purpose, toHex(digest), sha256);
}

interface Answer {
  readonly id: string;
  readonly clientData: Uint8Array;
  readonly authenticatorData: Uint8Array;
  readonly signature: Uint8Array;
}

function readAnswer(text: string): Answer | undefined {
  const parsed = parseObject(text);
  const response = parsed?.['response'];
  if (typeof response !== 'object' || response === null) return undefined;
  const fields = response as Record<string, unknown>;
  const clientData = fromBase64Url(fields['clientDataJSON']);
  const authenticatorData = fromBase64Url(fields['authenticatorData']);
  const signature = fromBase64Url(fields['signature']);
  const id = parsed?.['id'];
  if (typeof id !== 'string' || clientData === undefined || signature === undefined) return undefined;
  return authenticatorData === undefined ? undefined : { id, clientData, authenticatorData, signature };
}

/** Compared as bytes of the text, because that text is what was signed. */
function isOfChallenge(clientData: Uint8Array, challenge: Uint8Array): boolean {
  const told = parseObject(textOf(clientData));
  const signed = fromBase64Url(told?.['challenge']);
  return told?.['type'] === 'webauthn.get' && signed !== undefined && toHex(signed) === toHex(challenge);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** ASCII is all that a challenge and a type are made of; anything else becomes something that they are not. */
function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : '?';
  return text;
}

function fromBase64Url(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  return fromBase64(plain.padEnd(Math.ceil(plain.length / 4) * 4, '='));
}

/** Flags of authenticator data, WebAuthn Level 3 §6.1. */
const UserPresent = 0x01;
const UserVerified = 0x04;
