import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { statSync } from 'node:fs';
import { encodeEnvelope, PolicyPayloadType, preAuthenticationEncoding } from '../../rules/bundle/envelope.ts';
import { encodePolicy } from '../../rules/bundle/payload.ts';
import type { Policy } from '../../rules/policy.ts';
import { keyId } from '../load/trusted-keys.ts';
import { readNamedFile, UsageError } from './output.ts';

/** Reads an Ed25519 signing key in PEM form. @throws UsageError */
export function readSigningKey(file: string): KeyObject {
  const remedy = 'Name the site.key.pem that penstock keygen wrote.';
  const pem = readNamedFile(file);
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new UsageError(`${file} holds no signing key.`, remedy);
  } finally {
    // The text of the key has no business in memory once it is read.
    pem.fill(0);
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    const message = `${file} may be read by others than you, so it is nobody's signature.`;
    throw new UsageError(message, `chmod 600 ${file}, and make a new pair if it was read.`);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new UsageError(`${file} is not an Ed25519 key.`, remedy);
  return key;
}

/** The signed bundle of a policy. Ed25519 is deterministic: same policy and key, same bytes. */
export function sealPolicy(policy: Policy, key: KeyObject): Uint8Array {
  const payload = encodePolicy(policy);
  const message = preAuthenticationEncoding(PolicyPayloadType, payload);
  return encodeEnvelope({
    payload,
    payloadType: PolicyPayloadType,
    signatures: [{ sig: sign(null, message, key), keyid: keyId(createPublicKey(key)) }],
  });
}
