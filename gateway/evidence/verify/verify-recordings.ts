import { existsSync } from 'node:fs';
import { sameHash } from '../../../rules/evidence/tree.ts';
import { storedChunks } from '../../recording/read-recording.ts';
import { recordingFile } from '../../recording/stored-files.ts';
import type { Finding } from './finding.ts';
import type { ChunkClaim, RecordingClaim } from './told.ts';

/**
 * Holds the recordings that are still there against what is on record of them; it wants no key for that. One that was
 * erased on record is not missed. Fails with the system's own errors.
 * @param directory `<state>/recordings`
 */
export function verifyRecordings(
  directory: string,
  recordings: ReadonlyMap<string, RecordingClaim>,
): readonly Finding[] {
  const findings: Finding[] = [];
  let elsewhere = 0;
  for (const [grant, { erased, chunks }] of recordings) {
    if (erased) continue;
    if (!existsSync(directory)) {
      elsewhere += chunks.length;
      continue;
    }
    for (const [channel, claims] of Map.groupBy(chunks, (one) => one.channel)) {
      findings.push(...verifyChannel(recordingFile(directory, { grant, channel }), grant, channel, claims));
    }
  }
  if (elsewhere > 0) {
    const sentence = `${elsewhere} recorded pieces are on record, and the recordings are not here.`;
    findings.push({ code: 'recording-elsewhere', sequence: undefined, sentence });
  }
  return findings;
}

function verifyChannel(
  file: string,
  grant: string,
  channel: string,
  claims: readonly ChunkClaim[],
): readonly Finding[] {
  const named = `The recording of channel ${channel} of grant ${grant}`;
  const sequence = claims[0]?.sequence;
  if (!existsSync(file)) {
    return [{ code: 'recording-missing', sequence, sentence: `${named} is not here, and nothing says why.` }];
  }
  const stored = new Map([...storedChunks(file)].map((chunk) => [chunk.index, chunk.digest]));
  const findings: Finding[] = [];
  for (const claim of claims) {
    const digest = stored.get(claim.index);
    stored.delete(claim.index);
    if (digest === undefined) {
      const sentence = `${named} lacks piece ${claim.index}.`;
      findings.push({ code: 'recording-missing', sequence: claim.sequence, sentence });
    } else if (!sameHash(digest, claim.digest)) {
      const sentence = `${named}: piece ${claim.index} is not the one on record.`;
      findings.push({ code: 'recording-differs', sequence: claim.sequence, sentence });
    }
  }
  if (stored.size > 0) {
    const sentence = `${named} has ${stored.size} pieces that are not on record.`;
    findings.push({ code: 'recording-unknown', sequence, sentence });
  }
  return findings;
}
