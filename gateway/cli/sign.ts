import { createPublicKey, sign as signBytes, verify } from 'node:crypto';
import { decodePolicy } from '../../rules/bundle/codec.ts';
import {
  decodeEnvelope,
  encodeEnvelope,
  MaxSignatures,
  PolicyPayloadType,
  preAuthenticationEncoding,
} from '../../rules/bundle/envelope.ts';
import { keyId } from '../load/trusted-keys.ts';
import { ExitStatus, readNamedFile, UsageError, writeNamedFile } from './output.ts';
import { readSigningKey } from './seal.ts';

export interface SignOptions {
  readonly key: string;
  /** Where the bundle goes; in its own place where it is not given. */
  readonly out?: string;
}

/**
 * `penstock sign BUNDLE --key K`: adds a signature; what is signed stays byte for byte as it was compiled. It says
 * what is signed, because a second person's signature is worth what they looked at.
 * @throws UsageError for a file that is no bundle of this release, and for a key that signed it already
 */
export async function sign(file: string, options: SignOptions): Promise<number> {
  const key = readSigningKey(options.key);
  const envelope = decodeEnvelope(readNamedFile(file));
  const remedy = 'Name a bundle that penstock compile of this release wrote.';
  if (envelope === undefined || envelope.payloadType !== PolicyPayloadType)
    throw new UsageError(`${file} is not a bundle.`, remedy);
  const decoded = decodePolicy(envelope.payload);
  if (!decoded.ok) throw new UsageError(`${file} cannot be read: ${decoded.message}`, remedy);
  const message = preAuthenticationEncoding(envelope.payloadType, envelope.payload);
  const publicKey = createPublicKey(key);
  if (envelope.signatures.some(({ sig }) => verify(null, message, publicKey, sig))) {
    throw new UsageError(`${file} is signed with this key already.`, 'Let another person sign with theirs.');
  }
  if (envelope.signatures.length >= MaxSignatures) {
    throw new UsageError(
      `${file} has ${MaxSignatures} signatures, which is all it can carry.`,
      'Compile it again.',
    );
  }
  const signature = { sig: signBytes(null, message, key), keyid: keyId(publicKey) };
  const signatures = [...envelope.signatures, signature];
  const out = options.out ?? file;
  writeNamedFile(out, encodeEnvelope({ ...envelope, signatures }));
  const { site, gateway, version, flows } = decoded.policy;
  const count = `${signatures.length} signature${signatures.length === 1 ? '' : 's'}`;
  console.log(`${out}: ${site} ${gateway} policy version ${version}, ${flows.length} flows, now ${count}`);
  return ExitStatus.good;
}
