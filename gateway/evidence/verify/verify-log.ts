import type { NoteKey } from '../../../rules/evidence/note.ts';
import { readRange, recordHash, sameHash } from '../../../rules/evidence/tree.ts';
import { assertionProblem } from './assertion.ts';
import type { CryptoTools } from './crypto-tools.ts';
import type { Find, Finding } from './finding.ts';
import { gatherCheckpoints, type HeldCheckpoint } from './held-checkpoints.ts';
import { createHistory, type History } from './history.ts';
import { type GivenUp, holdActs, tellGivenUp, tellUncommitted } from './hold-acts.ts';
import type { LogSource } from './log-source.ts';
import { isRoutineType, readSegments } from './read-segments.ts';
import { createReplay } from './replay.ts';
import { surveyOrigins } from './survey-origins.ts';
import type { ActOf, RecordingClaim } from './told.ts';
import { type FindTerms, NoTerms } from './vendor-terms.ts';
import type { Trust } from './verify-note.ts';

/** What became of verifying a log. */
export interface LogVerdict {
  readonly findings: readonly Finding[];
  /** In order; the last is the one that goes on. */
  readonly histories: readonly HistoryVerdict[];
  /** The key the last of them is signed with, as far as the trusted key leads. */
  readonly key: NoteKey;
  /** Records in the segments. */
  readonly records: number;
  /** Grants that were opened. */
  readonly sessions: number;
  /** What has to be in the recordings, by grant. */
  readonly recordings: ReadonlyMap<string, RecordingClaim>;
}

/** How far one history is proved, in records from its first on. */
export interface HistoryVerdict {
  readonly origin: string;
  /** Sequence number of its first record. */
  readonly base: number;
  readonly size: number;
  /** The newest good checkpoint covers so many. */
  readonly signedSize: number;
  /** Somebody else has seen so many: a witness that is believed, or whoever kept a checkpoint. */
  readonly witnessedSize: number;
  readonly witnesses: readonly string[];
}

/**
 * Verifies a whole log without a network: that the files are whole and in order, that they are the tree that was
 * signed and cosigned, that nothing is gone which a kept checkpoint covers, and that the records tell of sessions that
 * went as they should. Fails with the system's own errors, and with nothing that the files hold.
 * @param since texts of checkpoints kept from earlier visits
 */
export async function verifyLog(
  source: LogSource,
  trust: Trust,
  since: readonly string[],
  tools: CryptoTools,
  findTerms: FindTerms = NoTerms,
): Promise<LogVerdict> {
  const findings: Finding[] = [];
  const find: Find = (code, sequence, sentence) => findings.push({ code, sequence, sentence });
  const { origins, keys } = await surveyOrigins(source, trust, tools, find);
  const checkpoints = gatherCheckpoints(source, origins, since, { ...trust, keys }, tools, find);
  const histories = origins.map(({ origin, base }, at) => {
    const sizes = checkpoints.filter(({ head }) => head.origin === origin).map(({ head }) => head.size);
    return createHistory({ origin, base, next: origins[at + 1]?.base }, new Set(sizes), tools.sha256);
  });
  const replay = createReplay(tools.sha256, findTerms);
  const { records, removed } = await readSegments(source, find, (sequence, { type, payload }, record) => {
    const history = histories.findLast(({ base }) => base <= sequence);
    const leaf = recordHash({ type, payload }, tools.sha256);
    history?.add(sequence - history.base, leaf, isRoutineType(type));
    if (record !== undefined) replay.take(sequence, record);
  });
  const givenUp = fillHoles(histories, removed);
  for (const history of histories) tellHoles(history, find);
  const verdicts = histories.map((history) => {
    const own = checkpoints.filter(({ head }) => head.origin === history.origin);
    tellUncommitted(own, find);
    const isFollowed = origins.some(({ origin, base }) => origin !== history.origin && base === history.base);
    const { provedActs, ...verdict } = judge(history, isFollowed, own, find);
    for (const one of givenUp) if (one.history === history) tellGivenUp(one, provedActs, find);
    return verdict;
  });
  if (records > 0 && checkpoints.length === 0) {
    find(
      'checkpoint-missing',
      undefined,
      'There is no checkpoint with a good signature, so nothing is proved.',
    );
  }
  for (const { head, name } of checkpoints) {
    if (origins.some(({ origin }) => origin === head.origin)) continue;
    find(
      'origin-unsaid',
      undefined,
      `No record of the log begins the history ${head.origin}, of which ${name} is.`,
    );
  }
  const outcome = replay.end();
  findings.push(...outcome.findings);
  for (const claim of outcome.claims) {
    const problem = assertionProblem(claim, tools);
    if (problem === '') continue;
    find(
      'approval-forged',
      claim.sequence,
      `The passkey of ${claim.account} does not prove the approval: ${problem}.`,
    );
  }
  return {
    findings,
    histories: verdicts,
    key: keys.at(-1) ?? trust.key,
    records,
    sessions: outcome.sessions,
    recordings: outcome.recordings,
  };
}

/** What was given up, by the acts that say so and as far as it is missing. */
function fillHoles(histories: readonly History[], removed: readonly ActOf<'removed'>[]): readonly GivenUp[] {
  const found: GivenUp[] = [];
  for (const { firstSequence, records, hashes } of removed) {
    const history = histories.findLast(({ base }) => base <= firstSequence);
    const begin = firstSequence - (history?.base ?? 0);
    const hole = history?.holes().find((one) => one.begin <= begin && begin + records <= one.end);
    const range = readRange({ begin, end: begin + records }, hashes);
    if (history === undefined || hole === undefined || range === undefined) continue;
    history.fill(range);
    found.push({ history, range });
  }
  return found;
}

function tellHoles(history: History, find: Find): void {
  for (const { begin, end } of history.holes()) {
    const from = history.base + begin;
    find(
      'records-missing',
      from,
      `Records ${from} to ${history.base + end - 1} are not here, and nothing says why.`,
    );
  }
}

/** Holds every checkpoint of a history against its records and against the acts among them. */
function judge(
  history: History,
  /** Another history begins where this one would, because the log before it was another box's. */
  isFollowed: boolean,
  checkpoints: readonly HeldCheckpoint[],
  find: Find,
): HistoryVerdict & { readonly provedActs: number } {
  const { origin, base } = history;
  const size = history.size();
  let signedSize = 0;
  let witnessedSize = 0;
  let provedActs = 0;
  const witnesses = new Set<string>();
  for (const checkpoint of checkpoints) {
    const { head, cosigned, name, kept } = checkpoint;
    if (head.size > size && size === 0 && isFollowed && !kept) {
      const sentence = `The ${head.size} records of ${origin} that ${name} covers were on another box, and are not here.`;
      find('former-elsewhere', undefined, sentence);
      continue;
    }
    if (head.size > size) {
      const gone = `${head.size - size} records are gone that`;
      find(
        kept ? 'former-missing' : 'checkpoint-beyond',
        undefined,
        `${gone} ${name} covers: ${head.size} were signed.`,
      );
      continue;
    }
    const root = history.root(head.size);
    if (root === undefined) {
      // An old one in the middle of records that were given up; whoever kept it asked, and gets no proof.
      const givenUp = !kept && history.holes().length === 0;
      const sentence = `Whether ${name} is of this log cannot be told: the records before it are not all here.`;
      find(givenUp ? 'root-given-up' : 'root-unknown', undefined, sentence);
      // Where nothing else is missing than what was given up, its acts can still be told.
      if (history.holes().length === 0) holdActs(history, checkpoint, find);
      continue;
    }
    if (!sameHash(root, head.root)) {
      find(
        kept ? 'former-missing' : 'root-differs',
        undefined,
        `The first ${head.size} records are not those that ${name} was made of.`,
      );
      continue;
    }
    if (!holdActs(history, checkpoint, find)) continue;
    signedSize = Math.max(signedSize, head.size);
    if (kept || cosigned.length > 0) {
      witnessedSize = Math.max(witnessedSize, head.size);
      if (head.acts !== undefined) provedActs = Math.max(provedActs, head.size);
    }
    for (const { witness } of cosigned) witnesses.add(witness);
  }
  return { origin, base, size, signedSize, witnessedSize, witnesses: [...witnesses], provedActs };
}
