import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** An authenticator in software: what a security key does, and what a dishonest one may do. */
export interface SoftPasskey {
  readonly id: string;
  /** Its next answer counts on from here. */
  counter: number;
  readonly enrol: (options: string, change?: Partial<Ways>) => string;
  readonly answer: (options: string, change?: Partial<Ways>) => string;
}

/** How it answers. */
export interface Ways {
  readonly origin: string;
  readonly rpId: string;
  readonly challenge: string;
  readonly userVerified: boolean;
  readonly type: string;
}

/** A new key pair for pages of this origin. */
export function createSoftPasskey(origin = 'https://penstock.plant.example'): SoftPasskey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  const cose = new Map<number, number | Uint8Array>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, Uint8Array.from(Buffer.from(x, 'base64url'))],
    [-3, Uint8Array.from(Buffer.from(y, 'base64url'))],
  ]);

  function head(rpId: string, flags: number, counter: number): Buffer {
    const bytes = Buffer.alloc(37);
    createHash('sha256').update(rpId).digest().copy(bytes);
    bytes[32] = flags;
    bytes.writeUInt32BE(counter, 33);
    return bytes;
  }

  const passkey: SoftPasskey = {
    id: id.toString('base64url'),
    counter: 0,
    enrol: (options, change = {}) => {
      const asked = JSON.parse(options) as { challenge: string; rp: { id: string } };
      const ways = { origin, rpId: asked.rp.id, challenge: asked.challenge, userVerified: true, ...change };
      passkey.counter += 1;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const authData = Buffer.concat([
        head(ways.rpId, ways.userVerified ? 0x45 : 0x41, passkey.counter),
        Buffer.alloc(16),
        length,
        id,
        isoCBOR.encode(cose),
      ]);
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', Uint8Array.from(authData)],
      ]);
      return JSON.stringify({
        id: passkey.id,
        rawId: passkey.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData(change.type ?? 'webauthn.create', ways),
          attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
          transports: ['usb'],
        },
      });
    },
    answer: (options, change = {}) => {
      const asked = JSON.parse(options) as { challenge: string; rpId: string };
      const ways = { origin, rpId: asked.rpId, challenge: asked.challenge, userVerified: true, ...change };
      passkey.counter += 1;
      const authData = head(ways.rpId, ways.userVerified ? 0x05 : 0x01, passkey.counter);
      const client = clientData(change.type ?? 'webauthn.get', ways);
      const hash = createHash('sha256').update(Buffer.from(client, 'base64url')).digest();
      const key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      return JSON.stringify({
        id: passkey.id,
        rawId: passkey.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: client,
          authenticatorData: authData.toString('base64url'),
          signature: sign('sha256', Buffer.concat([authData, hash]), key).toString('base64url'),
        },
      });
    },
  };
  return passkey;
}

function clientData(type: string, { challenge, origin }: Pick<Ways, 'challenge' | 'origin'>): string {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })).toString('base64url');
}
