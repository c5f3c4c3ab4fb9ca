import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, isBroken } from '../../../gateway/evidence/verify/finding.ts';
import { openLogSource } from '../../../gateway/evidence/verify/log-source.ts';
import { nodeCrypto } from '../../../gateway/evidence/verify/node-crypto.ts';
import { verifyLog } from '../../../gateway/evidence/verify/verify-log.ts';
import { readTrust } from '../../../gateway/evidence/verify/verify-note.ts';

/** Holds an evidence directory to everything it can be held to, with the public key beside it. */
export async function verifyDirectory(directory: string) {
  const read = readTrust(readFileSync(join(directory, 'log.pub'), 'utf8'), [], nodeCrypto);
  if (!read.ok) throw new Error(`no key: ${read.wrong}`);
  const verdict = await verifyLog(await openLogSource(directory), read.trust, [], nodeCrypto);
  const { publicKey } = read.trust.key;
  const isSigned = (message: Uint8Array, signature: Uint8Array): boolean =>
    nodeCrypto.ed25519(publicKey, message, signature);
  return { broken: verdict.findings.filter((one: Finding) => isBroken(one)), verdict, isSigned };
}
