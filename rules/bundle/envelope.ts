import protobuf from 'protobufjs/light.js';
import { messageType } from './descriptor.ts';

/** A DSSE envelope: payload bytes as they were signed, and one or more signatures over them. */
export interface Envelope {
  readonly payload: Uint8Array;
  readonly payloadType: string;
  readonly signatures: readonly Signature[];
}

export interface Signature {
  /** Ed25519, 64 bytes. */
  readonly sig: Uint8Array;
  /** SHA-256 of the raw public key, hexadecimal. A hint only. */
  readonly keyid: string;
}

/** The payload type of a policy; it is signed too, so no other document passes for a policy. */
export const PolicyPayloadType = 'application/vnd.penstock.policy+protobuf';

/** Largest envelope, bytes: base64 of it still fits one local message of 4 MiB. */
export const MaxEnvelopeBytes = 3_000_000;

/** Most signatures looked at: each costs a verification per trusted key. */
export const MaxSignatures = 8;

/**
 * What is signed: DSSE v1.0.0 pre-authentication encoding, `DSSEv1 SP LEN(type) SP type SP LEN(body) SP
 * body`. The lengths keep type and body from being shifted into one another.
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const { utf8 } = protobuf.util;
  const typeLength = utf8.length(payloadType);
  const head = `DSSEv1 ${typeLength} ${payloadType} ${payload.length} `;
  const encoded = new Uint8Array(utf8.length(head) + payload.length);
  encoded.set(payload, utf8.write(head, encoded, 0));
  return encoded;
}

export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return Uint8Array.from(EnvelopeType.encode(envelope).finish());
}

/** The envelope, or undefined when the bytes are none. Nothing is verified here. */
export function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (bytes.length > MaxEnvelopeBytes) return undefined;
  let fields: Record<string, unknown>;
  try {
    fields = EnvelopeType.toObject(EnvelopeType.decode(bytes), { arrays: true });
  } catch {
    return undefined;
  }
  const { payload, payloadType, signatures } = fields as unknown as Envelope;
  if (signatures.length > MaxSignatures) return undefined;
  return {
    payload: Uint8Array.from(payload),
    payloadType,
    signatures: signatures.map(({ sig, keyid }) => ({ sig: Uint8Array.from(sig), keyid })),
  };
}

const EnvelopeType = messageType('Envelope');
