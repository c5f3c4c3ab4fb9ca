import type { CryptoTools, WithCrypto } from '../crypto-tools.ts';

/**
 * The cryptography of the browser for code that wants each answer at once: what is not known yet is asked for, and the
 * work is done again with it. A record's proof asks for some twenty digests, most of which others share.
 */
export function webCrypto(subtle: SubtleCrypto): WithCrypto {
  const known = new Map<string, unknown>();

  function ask<A>(key: string, question: () => Promise<A>): A {
    if (known.has(key)) return known.get(key) as A;
    throw new Wanted(async () => {
      known.set(key, await question());
    });
  }

  const tools: CryptoTools = {
    sha256: (bytes) =>
      ask(`sha256 ${spelled(bytes)}`, async () => new Uint8Array(await subtle.digest('SHA-256', own(bytes)))),
    ed25519: (publicKey, message, signature) =>
      ask(`ed25519 ${[publicKey, message, signature].map(spelled).join(' ')}`, () =>
        attempt(async () => {
          const key = await subtle.importKey('raw', own(publicKey), 'Ed25519', false, ['verify']);
          return subtle.verify('Ed25519', key, own(signature), own(message));
        }),
      ),
    passkey: (algorithm, key, message, signature) =>
      ask(`passkey ${algorithm} ${[key, message, signature].map(spelled).join(' ')}`, () =>
        attempt(async () => {
          const kind = Algorithms[algorithm];
          const bytes = algorithm === Es256 ? fromDer(signature) : signature;
          if (kind === undefined || bytes === undefined) return false;
          const known = await subtle.importKey('spki', own(key), kind, false, ['verify']);
          return subtle.verify(kind, known, own(bytes), own(message));
        }),
      ),
  };

  return async (work) => {
    for (;;) {
      try {
        return work(tools);
      } catch (cause) {
        if (!(cause instanceof Wanted)) throw cause;
        await cause.fetch();
      }
    }
  };
}

/** Thrown through the work when an answer is still to come. */
class Wanted {
  readonly fetch: () => Promise<void>;

  constructor(fetch: () => Promise<void>) {
    this.fetch = fetch;
  }
}

async function attempt(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}

function spelled(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A copy that no shared memory stands behind, as the browser wants it. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}

/** `r` and `s` of 32 bytes each out of SEQUENCE { INTEGER, INTEGER }, RFC 3279 §2.2.3: the browser wants them so. */
function fromDer(der: Uint8Array): Uint8Array | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const joined = new Uint8Array(64);
  let at = 2;
  for (const place of [32, 64]) {
    const length = der[at + 1] ?? 0;
    if (der[at] !== 0x02 || at + 2 + length > der.length) return undefined;
    let number = der.subarray(at + 2, at + 2 + length);
    while (number.length > 32 && number[0] === 0) number = number.subarray(1);
    if (number.length > 32) return undefined;
    joined.set(number, place - number.length);
    at += 2 + length;
  }
  return at === der.length ? joined : undefined;
}

/** COSE algorithms as the browser names them. */
const Es256 = -7;
const Algorithms: Readonly<
  Record<number, (EcdsaParams & EcKeyImportParams) | Algorithm | RsaHashedImportParams | undefined>
> = {
  [Es256]: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  [-8]: { name: 'Ed25519' },
  [-257]: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
};
