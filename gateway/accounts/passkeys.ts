import { createHash } from 'node:crypto';
import type { PasskeyFactor } from './account.ts';
import { webauthn } from './webauthn.ts';

/** What passkeys of this box are bound to (WebAuthn Level 3 §5.1, §13.4.9). */
export interface PasskeyPlace {
  /** Name of the box, `localhost` for a page on loopback, or empty: no passkeys then. */
  readonly rpId: string;
  /** TCP port of the page; 0 is any, on loopback only. */
  readonly port: number;
  /** What the browser shows. */
  readonly title: string;
}

/** What was in an authenticator's answer that is worth keeping. */
export type NewPasskey = Pick<PasskeyFactor, 'credential' | 'publicKey' | 'counter' | 'transports'>;

/** `copied` is a right signature with a counter that went back: two devices have the key. */
export type PasskeyVerdict =
  | { readonly ok: true; readonly counter: number; readonly challenge: Uint8Array }
  | { readonly ok: false; readonly why: 'wrong' | 'copied' };

/**
 * Options for `navigator.credentials.create`, JSON. Discoverable, so that signing in names nobody's credentials.
 * This and what follows rejects with PST_ERR_PASSKEY_LIBRARY.
 */
export async function enrolmentOptions(
  { rpId, title }: PasskeyPlace,
  account: { readonly name: string; readonly fullName: string; readonly passkeys: readonly PasskeyFactor[] },
  challenge: Uint8Array,
): Promise<string> {
  const { generateRegistrationOptions } = await webauthn();
  const options = await generateRegistrationOptions({
    rpName: title,
    rpID: rpId,
    userName: account.name,
    userDisplayName: account.fullName,
    userID: Uint8Array.from(createHash('sha256').update(`${rpId} ${account.name}`).digest()),
    challenge: Uint8Array.from(challenge),
    timeout: AnswerTime,
    attestationType: 'none',
    excludeCredentials: account.passkeys.map(({ credential }) => ({ id: credential })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: [...Algorithms],
  });
  return JSON.stringify(options);
}

/** The passkey that an authenticator made for this challenge; undefined for any other answer. */
export async function readEnrolment(
  place: PasskeyPlace,
  answer: string,
  /** Base64url. */
  challenge: string,
): Promise<NewPasskey | undefined> {
  const { verifyRegistrationResponse } = await webauthn();
  try {
    const response = JSON.parse(answer);
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: originsFor(place, answer),
      expectedRPID: place.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...Algorithms],
    });
    if (!verified) return undefined;
    const { id, publicKey, counter, transports } = registrationInfo.credential;
    return {
      credential: id,
      publicKey: Buffer.from(publicKey).toString('base64url'),
      counter,
      transports: (transports ?? []).filter((one) => /^[a-z-]{1,32}$/.test(one)).slice(0, 8),
    };
  } catch {
    return undefined;
  }
}

/** Options for `navigator.credentials.get`, JSON. No passkeys named lets the authenticator offer what it has. */
export async function assertionOptions(
  { rpId }: PasskeyPlace,
  challenge: Uint8Array,
  passkeys: readonly PasskeyFactor[],
): Promise<string> {
  const { generateAuthenticationOptions } = await webauthn();
  const options = await generateAuthenticationOptions({
    rpID: rpId,
    challenge: Uint8Array.from(challenge),
    timeout: AnswerTime,
    userVerification: 'required',
    allowCredentials: passkeys.map(({ credential, transports }) => ({ id: credential, transports })),
  });
  return JSON.stringify(options);
}

/** Judges an authenticator's answer (WebAuthn Level 3 §7.2): signature, place, person verified, counter, challenge. */
export async function verifyAssertion(
  place: PasskeyPlace,
  factor: PasskeyFactor,
  answer: string,
  isExpected: (challenge: Uint8Array) => boolean,
): Promise<PasskeyVerdict> {
  const { verifyAuthenticationResponse } = await webauthn();
  let challenge = new Uint8Array();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: JSON.parse(answer),
      expectedChallenge: (text) => {
        challenge = Uint8Array.from(Buffer.from(text, 'base64url'));
        return isExpected(challenge);
      },
      expectedOrigin: originsFor(place, answer),
      expectedRPID: place.rpId,
      requireUserVerification: true,
      credential: {
        id: factor.credential,
        publicKey: Uint8Array.from(Buffer.from(factor.publicKey, 'base64url')),
        // The counter is judged below, apart from what else can be wrong.
        counter: 0,
      },
    });
    if (!verified) return { ok: false, why: 'wrong' };
    const { newCounter: counter } = authenticationInfo;
    const keepsCount = counter > 0 || factor.counter > 0;
    if (keepsCount && counter <= factor.counter) return { ok: false, why: 'copied' };
    return { ok: true, counter, challenge };
  } catch {
    return { ok: false, why: 'wrong' };
  }
}

/** The id of the credential that an answer is of, or ''. */
export function credentialOf(answer: string): string {
  try {
    const { id } = JSON.parse(answer) as { readonly id?: unknown };
    return typeof id === 'string' ? id : '';
  } catch {
    return '';
  }
}

/** Whether a page of this origin is ours: exactly our name, encrypted, on the page's port or the usual one. */
export function isOwnOrigin({ rpId, port }: PasskeyPlace, origin: string): boolean {
  const url = URL.parse(origin);
  if (rpId === '' || url === null || url.origin !== origin || url.hostname !== rpId) return false;
  const local = rpId === 'localhost';
  if (url.protocol !== 'https:' && !(local && url.protocol === 'http:')) return false;
  return url.port === '' || url.port === String(port) || (local && port === 0);
}

/** The origin that the answer names if it is ours, else none that could be equal to it. */
function originsFor(place: PasskeyPlace, answer: string): string[] {
  const { response } = JSON.parse(answer) as { readonly response?: { readonly clientDataJSON?: unknown } };
  const text = response?.clientDataJSON;
  if (typeof text !== 'string') return [];
  const { origin } = JSON.parse(Buffer.from(text, 'base64url').toString()) as { readonly origin?: unknown };
  return typeof origin === 'string' && isOwnOrigin(place, origin) ? [origin] : [];
}

/** EdDSA, ES256, RS256: what authenticators of today offer. */
const Algorithms = [-8, -7, -257] as const;

/** Milliseconds the browser waits for the person. */
const AnswerTime = 120_000;
