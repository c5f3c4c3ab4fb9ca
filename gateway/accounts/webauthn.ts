import { GatewayError } from '../errors.ts';

/**
 * What judges passkeys. Loaded when the first is used: a fifth of a second of an engine's start, which the plant waits
 * for. Where that fails, as with a release replaced under it, no answer is judged at all: nobody's passkey is wrong.
 * Rejects with PST_ERR_PASSKEY_LIBRARY.
 */
export function webauthn() {
  return loaded(import('@simplewebauthn/server'));
}

/** What reads the keys of passkeys. Rejects with PST_ERR_PASSKEY_LIBRARY. */
export function webauthnKeys() {
  return loaded(import('@simplewebauthn/server/helpers'));
}

async function loaded<Library>(library: Promise<Library>): Promise<Library> {
  try {
    return await library;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('PST_ERR_PASSKEY_LIBRARY', `(${problem})`, cause);
  }
}
