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
    p256: (publicKey, message, signature) =>
      ask(`p256 ${[publicKey, message, signature].map(spelled).join(' ')}`, () =>
        attempt(async () => {
          const point = Uint8Array.of(Uncompressed, ...publicKey);
          const curve = { name: 'ECDSA', namedCurve: 'P-256' };
          const key = await subtle.importKey('raw', point, curve, false, ['verify']);
          return subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, own(signature), own(message));
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

/** First byte of a point with both coordinates, SEC 1 §2.3.3. */
const Uncompressed = 4;
