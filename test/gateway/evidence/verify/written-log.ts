import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEvidenceLog } from '../../../../gateway/evidence/evidence-log.ts';
import { openLogSource } from '../../../../gateway/evidence/verify/log-source.ts';
import { nodeCrypto } from '../../../../gateway/evidence/verify/node-crypto.ts';
import { type LogVerdict, verifyLog } from '../../../../gateway/evidence/verify/verify-log.ts';
import type { Trust } from '../../../../gateway/evidence/verify/verify-note.ts';
import { makeWitnessKey, readWitnessKey } from '../../../../gateway/evidence/verify/witness-key.ts';
import { parseKey } from '../../../../rules/evidence/note.ts';
import { cosign } from '../../../../rules/evidence/witness.ts';
import type { EvidenceRecord } from '../../../../rules/record/record.ts';
import { connectionRecord } from '../samples.ts';
import { beginning, makePasskey, noon, session } from './sessions.ts';

/** A log that the gateway's own writer wrote: sessions with what the plant did between them, witnessed half-way. */
export interface WrittenLog {
  readonly directory: string;
  readonly trust: Trust;
  /** The public key as text. */
  readonly key: string;
  readonly witnessSecret: string;
  /** The checkpoint that the witness cosigned and kept. */
  readonly witnessed: string;
  /** Records it covers. */
  readonly witnessedSize: number;
  readonly grants: readonly string[];
}

export async function writeLog(sessions = 4, segmentBytes = 4096): Promise<WrittenLog> {
  const directory = await mkdtemp(join(tmpdir(), 'penstock-tamper-'));
  const evidence = join(directory, 'evidence');
  const passkey = makePasskey();
  const { secret, key: witness } = makeWitnessKey('auditor-usb-3');
  let now = noon;
  const log = await openEvidenceLog(evidence, {
    maxBytes: 64 * 1024 * 1024,
    segmentBytes,
    owner: { site: 'waterworks', gateway: 'gw-1' },
    witnesses: [witness],
    clock: { wall: () => now, monotonic: () => performance.now() },
  });
  const publicKey = (await readFile(join(evidence, 'log.pub'), 'utf8')).trim();
  const logKey = parseKey(publicKey, nodeCrypto.sha256)!;
  const grants = Array.from(
    { length: sessions },
    (_, index) => `G-${String.fromCharCode(65 + index).repeat(4)}`,
  );
  let witnessed = '';
  let witnessedSize = 0;
  const append = async (records: readonly EvidenceRecord[]): Promise<void> => {
    for (const record of records) {
      if (record.kind === 'act') now = Math.max(now, record.at);
      await log.appendDurable(record);
    }
  };
  await append(beginning(passkey));
  for (const [index, grant] of grants.entries()) {
    const at = 10_000 + index * 100_000;
    const [first, ...rest] = session({ grant, at, passkey, chunks: [Uint8Array.of(index)] });
    await append([first!, connectionRecord(`c-${index}-1`), connectionRecord(`c-${index}-2`), ...rest]);
    if (index !== Math.floor(sessions / 2)) continue;
    const { note, size } = await log.checkpoint();
    const own = readWitnessKey(secret)!;
    const made = cosign(
      { note, logKey, remembered: undefined, proof: [] },
      { witness: own.key, sign: own.sign, verify: nodeCrypto.ed25519, sha256: nodeCrypto.sha256, now },
    );
    if (!made.ok) throw new Error(made.problem);
    witnessed = made.note;
    witnessedSize = size;
    const outcome = await log.addWitness(made.note);
    if (!outcome.ok) throw new Error(outcome.problem);
  }
  await log.close();
  const trust = { key: logKey, witnesses: [witness] };
  return {
    directory: evidence,
    trust,
    key: publicKey,
    witnessSecret: secret,
    witnessed,
    witnessedSize,
    grants,
  };
}

/** A copy that may be changed. */
export async function copyOf({ directory }: WrittenLog): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'penstock-tampered-'));
  await cp(directory, copy, { recursive: true });
  return copy;
}

/** What verifying a directory finds, as the auditor does it who keeps the witness's checkpoint. */
export async function verdictOf(directory: string, log: WrittenLog): Promise<LogVerdict> {
  return verifyLog(await openLogSource(directory), log.trust, [log.witnessed], nodeCrypto);
}

export async function changeFile(
  directory: string,
  name: string,
  change: (bytes: Buffer) => Uint8Array,
): Promise<void> {
  await writeFile(join(directory, name), change(await readFile(join(directory, name))));
}

/** A key of nobody the auditor knows. */
export function strangeKey() {
  return generateKeyPairSync('ed25519').privateKey;
}
