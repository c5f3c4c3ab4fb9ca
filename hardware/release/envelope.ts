import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** A key that releases are accepted from, and whose it is. */
export interface ReleaseKey {
  readonly name: string;
  readonly key: KeyObject;
}

/** The payload type of a signed release; it is signed too, so that no bundle passes for a release. */
export const ReleasePayloadType = 'application/vnd.penstock.release+json';

/** Largest envelope read, bytes. */
export const MaxEnvelopeBytes = 65_536;

/** A DSSE v1.0.0 envelope in its JSON form around the payload, with one Ed25519 signature. */
export function sealEnvelope(payload: Uint8Array, key: KeyObject): string {
  const sig = sign(null, preAuthenticationEncoding(payload), key).toString('base64');
  const signatures = [{ keyid: keyId(createPublicKey(key)), sig }];
  return `${JSON.stringify({ payloadType: ReleasePayloadType, payload: Buffer.from(payload).toString('base64'), signatures })}\n`;
}

/** The payload, when one of the keys signed it, and whose key that is. */
export function openEnvelope(
  text: string,
  keys: readonly ReleaseKey[],
):
  | { readonly ok: true; readonly payload: Uint8Array; readonly signer: string }
  | { readonly ok: false; readonly problem: string } {
  const envelope = readEnvelope(text);
  if (envelope === undefined) return { ok: false, problem: 'The signature file is none of a release.' };
  const message = preAuthenticationEncoding(envelope.payload);
  const signer = keys.find(({ key }) => envelope.signatures.some((sig) => verify(null, message, key, sig)));
  if (signer === undefined) return { ok: false, problem: 'No key this box trusts for releases signed it.' };
  return { ok: true, payload: envelope.payload, signer: signer.name };
}

/** SHA-256 of the raw public key, hexadecimal. A hint only. */
export function keyId(key: KeyObject): string {
  const raw = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  return createHash('sha256').update(raw).digest('hex');
}

/** `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`: the lengths keep the two from being shifted into one another. */
function preAuthenticationEncoding(payload: Uint8Array): Uint8Array {
  const type = ReleasePayloadType;
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
}

function readEnvelope(
  text: string,
): { readonly payload: Uint8Array; readonly signatures: readonly Uint8Array[] } | undefined {
  if (text.length > MaxEnvelopeBytes) return undefined;
  let value: { payloadType?: unknown; payload?: unknown; signatures?: unknown } | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || value.payloadType !== ReleasePayloadType)
    return undefined;
  const { payload, signatures } = value;
  if (typeof payload !== 'string' || !Array.isArray(signatures) || signatures.length > MaxSignatures)
    return undefined;
  const sigs = signatures.map((one: { sig?: unknown } | null) => one?.sig);
  if (!sigs.every((sig) => typeof sig === 'string')) return undefined;
  return {
    payload: Buffer.from(payload, 'base64'),
    signatures: sigs.map((sig) => Buffer.from(sig, 'base64')),
  };
}

/** Each costs a verification per key. */
const MaxSignatures = 8;
