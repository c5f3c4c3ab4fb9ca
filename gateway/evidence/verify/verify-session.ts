import { followKeys, parseHandover, sameKey } from '../../../rules/evidence/handover.ts';
import { provesInclusion } from '../../../rules/evidence/inclusion.ts';
import { formatKey } from '../../../rules/evidence/note.ts';
import { parseTlogProof } from '../../../rules/evidence/tlog-proof.ts';
import { recordHash, sameHash } from '../../../rules/evidence/tree.ts';
import { type EvidenceRecord, isRoutine } from '../../../rules/record/record.ts';
import { assertionProblem } from './assertion.ts';
import type { WithCrypto } from './crypto-tools.ts';
import type { Find, Finding } from './finding.ts';
import { createReplay } from './replay.ts';
import type { SessionFile, SessionPiece } from './session-file.ts';
import type { RecordingClaim } from './told.ts';
import { type FindTerms, NoTerms } from './vendor-terms.ts';
import { type GoodCheckpoint, type Trust, trustFor, verifyNote } from './verify-note.ts';

/** What became of verifying a session file. */
export interface SessionVerdict {
  readonly findings: readonly Finding[];
  /** Absent when its signature is not good; nothing else is worth anything then. */
  readonly checkpoint: GoodCheckpoint | undefined;
  /** The records that are proved to be in the log, in order. */
  readonly records: readonly { readonly sequence: number; readonly record: EvidenceRecord }[];
  /** Pieces of recordings that are the ones on record, and all that are on record. */
  readonly pieces: { readonly proved: number; readonly told: number };
}

/** Reads a stored record, as `rules/record/codec.ts` does. */
export type Decode = (
  type: number,
  payload: Uint8Array,
) =>
  | { readonly ok: true; readonly record: EvidenceRecord }
  | { readonly ok: false; readonly problem: string };

/**
 * Verifies the evidence of one session: the checkpoint's signatures, that every record is in the log, that together
 * they tell a session that was approved, opened and closed as it should be, and that the recordings are the ones on
 * record. Never throws, whatever the file holds.
 */
export async function verifySession(
  file: SessionFile,
  trust: Trust,
  decode: Decode,
  withCrypto: WithCrypto,
  findTerms: FindTerms = NoTerms,
): Promise<SessionVerdict> {
  const noted = await withCrypto((tools) => {
    const { findings, find } = collector();
    const changes = file.handovers.flatMap((text) => parseHandover(text, tools.sha256) ?? []);
    const own = trustFor(file.checkpoint, { ...trust, keys: followKeys(changes, trust.key, tools.ed25519) });
    const checkpoint = verifyNote(file.checkpoint, 'the checkpoint of the session', own, tools, find);
    if (checkpoint !== undefined && !sameKey(own.key, trust.key)) {
      find('key-followed', undefined, `The key given leads to ${formatKey(own.key)}, which signed it.`);
    }
    return { findings, checkpoint };
  });
  const { findings, find } = collector(noted.findings);
  const { checkpoint } = noted;
  const records: { sequence: number; record: EvidenceRecord }[] = [];
  if (checkpoint === undefined) return { findings, checkpoint, records, pieces: { proved: 0, told: 0 } };
  if (trust.witnesses.length > 0 && checkpoint.cosigned.length === 0) {
    find(
      'witness-missing',
      undefined,
      'None of the witnesses named has cosigned the checkpoint of the session.',
    );
  }
  let before = -1;
  for (const { type, payload, proof } of file.records) {
    const index = await withCrypto((tools) => {
      const claim = parseTlogProof(`${proof}\n${file.checkpoint}`);
      if (claim === undefined || claim.checkpoint !== file.checkpoint) return undefined;
      const leaf = recordHash({ type, payload }, tools.sha256);
      const { size, root } = checkpoint.head;
      return provesInclusion({ ...claim, leaf, size, root }, tools.sha256) ? claim.index : undefined;
    });
    if (index === undefined) {
      find('record-forged', undefined, `A record of type ${type} is not in the log that was signed.`);
      continue;
    }
    if (index <= before)
      find('records-twice', index, `Record ${index} stands in another order than in the log.`);
    before = index;
    const decoded = decode(type, payload);
    if (decoded.ok) records.push({ sequence: index, record: decoded.record });
    else find('record-unknown', index, `Record ${index} cannot be read here: ${decoded.problem}.`);
  }
  const acts = records.filter(({ record }) => !isRoutine(record)).length;
  const committed = checkpoint.head.acts?.count ?? acts;
  if (committed < acts) {
    const fewer = `The checkpoint of the session commits to ${committed} acts, and ${acts} are in the file.`;
    find('acts-missing', undefined, fewer);
  }
  const outcome = await withCrypto((tools) => {
    const replay = createReplay(tools.sha256, findTerms);
    for (const { sequence, record } of records) replay.take(sequence, record);
    return replay.end();
  });
  findings.push(...outcome.findings);
  for (const claim of outcome.claims) {
    const problem = await withCrypto((tools) => assertionProblem(claim, tools));
    if (problem === '') continue;
    find(
      'approval-forged',
      claim.sequence,
      `The passkey of ${claim.account} does not prove the approval: ${problem}.`,
    );
  }
  if (!records.some(({ record }) => isAskingFor(record, file.grant))) {
    find('grant-unasked', undefined, `The file holds no request of grant ${file.grant}.`);
  }
  const recording = outcome.recordings.get(file.grant);
  const pieces = await provePieces(file.recordings, recording, withCrypto, find);
  return { findings, checkpoint, records, pieces };
}

async function provePieces(
  pieces: readonly SessionPiece[],
  recording: RecordingClaim | undefined,
  withCrypto: WithCrypto,
  find: Find,
): Promise<SessionVerdict['pieces']> {
  const told = recording?.chunks ?? [];
  let proved = 0;
  for (const { channel, index, bytes } of pieces) {
    const claim = told.find((one) => one.channel === channel && one.index === index);
    const digest = await withCrypto(({ sha256 }) => sha256(bytes));
    if (claim === undefined) {
      find('recording-unknown', undefined, `Piece ${index} of channel ${channel} is not on record.`);
    } else if (!sameHash(digest, claim.digest)) {
      find(
        'recording-differs',
        claim.sequence,
        `Piece ${index} of channel ${channel} is not the one on record.`,
      );
    } else proved += 1;
  }
  if (told.length > proved && recording?.erased !== true) {
    find('recording-elsewhere', undefined, `Of ${told.length} recorded pieces ${proved} are in the file.`);
  }
  return { proved, told: told.length };
}

function isAskingFor(record: EvidenceRecord, grant: string): boolean {
  return record.kind === 'act' && record.act.kind === 'grantRequested' && record.act.grant === grant;
}

function collector(findings: Finding[] = []): { readonly findings: Finding[]; readonly find: Find } {
  return { findings, find: (code, sequence, sentence) => findings.push({ code, sequence, sentence }) };
}
