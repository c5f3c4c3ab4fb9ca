import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { decodeRecord } from '../../../rules/record/codec.ts';
import { type Finding, isBroken } from '../../evidence/verify/finding.ts';
import { nodeCrypto, withNodeCrypto } from '../../evidence/verify/node-crypto.ts';
import { parseSessionFile } from '../../evidence/verify/session-file.ts';
import { type HistoryVerdict, type LogVerdict, verifyLog } from '../../evidence/verify/verify-log.ts';
import type { Trust } from '../../evidence/verify/verify-note.ts';
import { verifyRecordings } from '../../evidence/verify/verify-recordings.ts';
import { type SessionVerdict, verifySession } from '../../evidence/verify/verify-session.ts';
import { ExitStatus, readNamedFile, UsageError } from '../output.ts';
import { givenLog, givenTerms, givenText, givenTrust } from './named.ts';

export interface VerifyOptions {
  readonly key: string;
  readonly witness?: readonly string[];
  readonly since?: readonly string[];
  /** Where the recordings are; beside the log if not given. */
  readonly recordings?: string;
  /** Bundles that were in force: what they ask of vendors' grants is held against the records. */
  readonly bundle?: readonly string[];
  readonly json?: boolean;
}

/**
 * `penstock evidence verify DIR|FILE --key KEY`: everything a log or a session's evidence can be held to, without a
 * network and without trust in what lies there.
 * @returns 0 when nothing is wrong, 1 when something is
 * @throws UsageError
 */
export async function verifyEvidence(path: string, options: VerifyOptions): Promise<number> {
  const trust = givenTrust(options.key, options.witness);
  const told = isFile(path) ? await sessionTold(path, trust, options) : await logTold(path, trust, options);
  console.log(told.text);
  return told.findings.some(isBroken) ? ExitStatus.refused : ExitStatus.good;
}

interface Told {
  readonly findings: readonly Finding[];
  readonly text: string;
}

async function logTold(
  path: string,
  trust: Trust,
  { since = [], recordings, bundle, json }: VerifyOptions,
): Promise<Told> {
  const verdict = await verifyLog(
    await givenLog(path),
    trust,
    since.map(givenText),
    nodeCrypto,
    givenTerms(bundle),
  );
  const { histories, records, sessions } = verdict;
  const recorded = verifyRecordings(
    recordings ?? join(dirname(resolve(path)), 'recordings'),
    verdict.recordings,
  );
  const findings = [...verdict.findings, ...recorded];
  const whole = !findings.some(isBroken);
  if (json === true)
    return { findings, text: JSON.stringify({ whole, records, sessions, histories, findings }) };
  return {
    findings,
    text: [...logLines(verdict), ...findingLines(findings), conclusion(findings)].join('\n'),
  };
}

async function sessionTold(path: string, trust: Trust, { bundle, json }: VerifyOptions): Promise<Told> {
  const file = parseSessionFile(readNamedFile(path).toString('utf8'));
  if (file === undefined) {
    throw new UsageError(
      `${path} is no session evidence.`,
      'It is made with penstock evidence export --grant.',
    );
  }
  const verdict = await verifySession(file, trust, decodeRecord, withNodeCrypto, givenTerms(bundle));
  const { findings, checkpoint, pieces } = verdict;
  const whole = !findings.some(isBroken);
  const records = verdict.records.length;
  const { grant } = file;
  if (json === true) {
    const { origin = '', size = 0 } = checkpoint?.head ?? {};
    const witnesses = checkpoint?.cosigned ?? [];
    return {
      findings,
      text: JSON.stringify({ whole, grant, origin, size, witnesses, records, pieces, findings }),
    };
  }
  const lines = [
    `Grant ${grant}: ${records} of ${file.records.length} records are in the log.`,
    sessionLine(verdict),
  ];
  return { findings, text: [...lines, ...findingLines(findings), conclusion(findings)].join('\n') };
}

function sessionLine({ checkpoint, pieces }: SessionVerdict): string {
  if (checkpoint === undefined) return 'Nothing of it is signed with the key given.';
  const names = checkpoint.cosigned.map(({ witness }) => witness);
  const who =
    names.length === 0
      ? 'no witness named has signed it, so the box alone vouches'
      : `cosigned by ${names.join(' and ')}, so it needs no trust in the box`;
  const recorded = pieces.told === 0 ? '' : ` ${pieces.proved} of ${pieces.told} recorded pieces are here.`;
  return `Signed by ${checkpoint.head.origin} at ${checkpoint.head.size} records; ${who}.${recorded}`;
}

function logLines({ records, sessions, histories }: LogVerdict): readonly string[] {
  return [
    `${records} records, ${sessions} vendor session${sessions === 1 ? '' : 's'}.`,
    ...histories.flatMap(historyLines),
  ];
}

/** What must be believed of whom, up to which record. */
function historyLines({
  origin,
  base,
  size,
  signedSize,
  witnessedSize,
  witnesses,
}: HistoryVerdict): readonly string[] {
  if (size === 0) return [];
  const last = (count: number): number => base + count - 1;
  const by = witnesses.length === 0 ? 'a checkpoint that was kept' : witnesses.join(', ');
  return [
    `${origin}, records ${base} to ${last(size)}:`,
    witnessedSize === 0
      ? '  No part of it was seen by a witness named here.'
      : `  Up to record ${last(witnessedSize)} this needs no trust in the box (${by}).`,
    ...(signedSize > witnessedSize
      ? [
          `  From record ${base + witnessedSize} to ${last(signedSize)} the box alone vouches, with its signature.`,
        ]
      : []),
    ...(size > signedSize ? [`  From record ${base + signedSize} on nothing is signed yet.`] : []),
  ];
}

/** What is wrong first; of many alike the first few. */
function findingLines(findings: readonly Finding[]): readonly string[] {
  const lines: string[] = [];
  for (const [mark, wanted] of [
    ['!!', true],
    ['  ', false],
  ] as const) {
    const told = Map.groupBy(
      findings.filter((finding) => isBroken(finding) === wanted),
      ({ code }) => code,
    );
    for (const [code, alike] of told) {
      const shown = alike.slice(0, wanted ? MostBroken : MostNotes);
      lines.push(...shown.map(({ sequence, sentence }) => `${mark} ${sentence}${place(sequence)} [${code}]`));
      if (alike.length > shown.length)
        lines.push(`${mark} and ${alike.length - shown.length} more [${code}]`);
    }
  }
  return lines;
}

function place(sequence: number | undefined): string {
  return sequence === undefined ? '' : ` (record ${sequence})`;
}

function conclusion(findings: readonly Finding[]): string {
  const broken = findings.filter(isBroken).length;
  if (broken === 0) return 'Nothing is wrong.';
  return broken === 1 ? 'One thing is wrong.' : `${broken} things are wrong.`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

const MostBroken = 20;
const MostNotes = 3;
