import { existsSync } from 'node:fs';
import { decodeEnvelope } from '../../../rules/bundle/envelope.ts';
import { type LogSource, openLogSource } from '../../evidence/verify/log-source.ts';
import { nodeCrypto } from '../../evidence/verify/node-crypto.ts';
import { type FindTerms, termsOf } from '../../evidence/verify/vendor-terms.ts';
import { readTrust, type Trust } from '../../evidence/verify/verify-note.ts';
import { readNamedFile, UsageError } from '../output.ts';
import { readBundle } from '../policy-source.ts';

/** The text a person gave: itself, or that of the file it names. @throws UsageError */
export function givenText(given: string): string {
  return existsSync(given) || !/[+\n]/.test(given) ? readNamedFile(given).toString('utf8') : given;
}

/** Whom a person says to believe. @throws UsageError */
export function givenTrust(key: string, witnesses: readonly string[] = []): Trust {
  const read = readTrust(givenText(key), witnesses.map(givenText), nodeCrypto);
  if (read.ok) return read.trust;
  throw new UsageError(
    `“${read.wrong.trim().slice(0, 120)}” is no public key of a log or a witness.`,
    'Give the line name+id+key of the commissioning sheet, or the file that holds it, such as evidence/log.pub.',
  );
}

/** The evidence directory a person named. @throws UsageError */
export async function givenLog(directory: string): Promise<LogSource> {
  try {
    const source = await openLogSource(directory);
    if (source.segments.length > 0) return source;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
  }
  throw new UsageError(
    `${directory} holds no evidence that can be read.`,
    'Name the directory evidence under the state directory of gateway.yaml, or one it was exported to.',
  );
}

/** What the bundles a person named ask of vendors' grants. @throws UsageError */
export function givenTerms(files: readonly string[] = []): FindTerms {
  const policies = files.map((file) => {
    const payload = decodeEnvelope(readNamedFile(file))?.payload ?? new Uint8Array();
    return { payload, policy: readBundle(file).policy };
  });
  return termsOf(policies, nodeCrypto.sha256);
}
