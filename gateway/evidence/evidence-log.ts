import type { Act, EvidenceRecord } from '../../rules/record/record.ts';
import { GatewayError } from '../errors.ts';
import { checkLater } from './check-later.ts';
import type { EvidenceOptions } from './evidence-options.ts';
import type {
  Checkpoint,
  EvidenceState,
  EvidenceStats,
  KeyTexts,
  Wanted,
  WitnessOutcome,
} from './evidence-state.ts';
import { failure } from './failure.ts';
import { FirstDelay } from './fold.ts';
import { acceptance, createLogHealth, createQuotaWatch } from './log-health.ts';
import { stateOf } from './log-state.ts';
import {
  GroupInterval,
  MaxQueuedBytes,
  RestInterval,
  RetryInterval,
  SessionInterval,
  SyncInterval,
} from './log-times.ts';
import { makeRoom } from './make-room.ts';
import { createRecordFold } from './record-fold.ts';
import { createRecordQueue } from './record-queue.ts';
import { openSegmentFiles } from './segment-files.ts';
import { type LogInHand, takeUpLog } from './take-up.ts';
import { takeWitnessed } from './take-witnessed.ts';

/** The box's evidence: append-only, written by one process, within a budget, and proved by its checkpoints. */
export interface EvidenceLog {
  /**
   * Takes a record and returns at once; it is in the file within {@link GroupInterval}. Refusals and drops
   * that repeat are counted together first. Never throws: what a full or broken disk keeps from being
   * written is counted, and told in the log itself later.
   */
  readonly append: (record: EvidenceRecord) => void;
  /** Resolves when the record is on the medium. Rejects with PST_ERR_EVIDENCE; it is then not in the log. */
  readonly appendDurable: (record: EvidenceRecord) => Promise<void>;
  /** Signs everything that was appended until now, which is then on the medium. Rejects with PST_ERR_EVIDENCE. */
  readonly checkpoint: () => Promise<Checkpoint>;
  /** While somebody is let in, a checkpoint is made each {@link SessionInterval} instead of {@link RestInterval}. */
  readonly keepSigning: (sessionOpen: boolean) => void;
  readonly stats: () => EvidenceStats;
  readonly state: () => EvidenceState;
  /** Called with what {@link EvidenceState.broken} says, whenever that changes. */
  readonly onHealth: (listener: (broken: string) => void) => void;
  /** A checkpoint brought back with the cosignature of a trusted witness. Rejects with PST_ERR_EVIDENCE. */
  readonly addWitness: (note: string) => Promise<WitnessOutcome>;
  /** A person answers for going on with a log that is not what it was. Rejects with PST_ERR_EVIDENCE. */
  readonly accept: (by: string, why: string) => Promise<void>;
  /** Goes on with a new key, which the former one hands over to. `why` is a clause. Rejects with PST_ERR_EVIDENCE. */
  readonly rotateKey: (why: string) => Promise<KeyTexts>;
  /** Writes what is queued, as far as the disk lets it, signs it and gives the directory free. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the log of a directory and takes up where it ended. A disk that fails is no reason not to start:
 * the log then alarms and tries again. Throws PST_ERR_EVIDENCE when another process writes the directory.
 */
export async function openEvidenceLog(directory: string, options: EvidenceOptions): Promise<EvidenceLog> {
  const { maxBytes, clock, owner, witnesses = [], mark, files = openSegmentFiles(directory) } = options;
  const limits = { maxBytes, segmentBytes: Math.min(options.segmentBytes, maxBytes / 4) };
  const queue = createRecordQueue(MaxQueuedBytes, clock);
  const fold = createRecordFold();
  const health = createLogHealth();
  const quota = createQuotaWatch();
  let hand: LogInHand | undefined;
  let draining: Promise<void> | undefined;
  let writeTimer: NodeJS.Timeout | undefined;
  let syncTimer: NodeJS.Timeout | undefined;
  let foldTimer: NodeJS.Timeout | undefined;
  let signTimer: NodeJS.Timeout | undefined;
  let signInterval = 0;
  let syncWanted = false;
  const wantCheckpoint: Wanted<Checkpoint>[] = [];
  const wantKey: (Wanted<KeyTexts> & { readonly why: string })[] = [];
  let contradicted = '';
  let awaited = false;
  let closed = false;
  let failing = '';

  async function takeUp(): Promise<LogInHand> {
    await files.lock();
    const taken = await takeUpLog(files, { owner, limits, witnesses, mark, clock });
    for (const act of taken.acts) queue.say(act);
    return taken;
  }

  function append(record: EvidenceRecord): void {
    for (const due of fold.add(record, clock.monotonic())) queue.push(due);
    writeSoon();
    foldLater();
  }

  function foldLater(): void {
    if (closed || foldTimer !== undefined || !fold.holds()) return;
    foldTimer = setTimeout(() => {
      foldTimer = undefined;
      for (const due of fold.flush(clock.monotonic())) queue.push(due);
      writeSoon();
      foldLater();
    }, FirstDelay);
  }

  function appendDurable(record: EvidenceRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => (error === undefined ? resolve() : reject(failure(error)));
      if (closed) return settle(new Error('The log is closed.'));
      if (!queue.push(record, settle)) return settle(new Error('Too much waits for the disk.'));
      awaited = true;
      drain();
    });
  }

  /** Puts a wish in its list, to be met with what is written next. */
  function want<T, More>(list: (Wanted<T> & More)[], more: More): Promise<T> {
    return new Promise((resolve, reject) => {
      if (closed) return reject(failure(new Error('The log is closed.')));
      list.push({ ...more, resolve, reject: (error: unknown) => reject(failure(error)) });
      awaited = true;
      drain();
    });
  }

  function checkpoint(): Promise<Checkpoint> {
    return want(wantCheckpoint, {});
  }

  /** As a restart would, so that there is one way to take up a log. */
  async function changeKey(from: LogInHand, why: string): Promise<KeyTexts> {
    const { text } = await from.handOver(why);
    hand = undefined;
    hand = await takeUp();
    return { former: from.key.text, now: text };
  }

  /** Told the same again, it goes on as it was: else who says it often would put every checkpoint off. */
  function keepSigning(sessionOpen: boolean): void {
    const interval = sessionOpen ? SessionInterval : RestInterval;
    if (closed || interval === signInterval) return;
    clearInterval(signTimer);
    signInterval = interval;
    signTimer = setInterval(() => checkpoint().catch(ignore), interval).unref();
  }

  function writeSoon(): void {
    if (draining !== undefined || closed || (queue.isEmpty() && failing === '')) return;
    writeTimer ??= setTimeout(drain, failing === '' ? GroupInterval : RetryInterval);
  }

  function syncLater(): void {
    if (closed) return;
    syncTimer ??= setTimeout(() => {
      syncTimer = undefined;
      syncWanted = true;
      drain();
    }, SyncInterval);
  }

  /** Begins to write unless that is going on already; what came meanwhile is then written with it. */
  function drain(): void {
    if (draining !== undefined || closed) return;
    clearTimeout(writeTimer);
    writeTimer = undefined;
    awaited = false;
    draining = tryWriting().finally(() => {
      draining = undefined;
      if (awaited) return drain();
      writeSoon();
      if (syncWanted || hand?.writer.hasUnsynced() === true) syncLater();
    });
  }

  async function tryWriting(): Promise<void> {
    // Whoever asks later may have appended what this head does not cover.
    const wanted = wantCheckpoint.splice(0);
    const rotations = wantKey.splice(0);
    try {
      hand ??= await takeUp();
      const why = contradicted || hand.tree.lost();
      if (why !== '') await hand.beginOrigin(why, contradicted !== '');
      contradicted = '';
      await writeAll(hand);
      if (wanted.length > 0) {
        const signed = await hand.sign();
        for (const { resolve } of wanted) resolve(signed);
      }
      for (const { why, resolve } of rotations) resolve(await changeKey(hand, why));
      failing = '';
    } catch (error) {
      failing = error instanceof Error ? error.message : String(error);
      queue.refuseWaiting(error);
      for (const { reject } of [...wanted, ...rotations]) reject(error);
      for (const act of hand?.writer.takeFaults() ?? []) queue.say(act);
    }
    health.look({ failing, broken: hand?.broken() ?? '', lost: queue.lost() });
  }

  async function writeAll(open: LogInHand): Promise<void> {
    for (;;) {
      await makeRoom(open, clock, oldest());
      const run = queue.nextRun();
      const [first] = run;
      if (first === undefined) break;
      const durable = run.some(({ settle }) => settle !== undefined);
      await open.writer.write({ frames: run.map(({ frame }) => frame), routine: first.routine, durable });
      queue.done(run);
    }
    if (syncWanted) await open.writer.sync();
    syncWanted = false;
    const warning = quota.take(open.writer.facts().keptBytes, maxBytes);
    if (warning !== undefined) queue.say(warning);
  }

  /** Routine records that were written before it are too old to keep. */
  function oldest(): number {
    const { retention } = options;
    const now = retention?.now();
    if (retention === undefined || now === undefined) return Number.NEGATIVE_INFINITY;
    return now - retention.milliseconds;
  }

  async function addWitness(note: string): Promise<WitnessOutcome> {
    if (hand === undefined) throw failure(failing);
    const tell = (act: Act): void => append({ kind: 'act', at: clock.wall(), act });
    const outcome = await takeWitnessed(note, hand, tell).catch((error: unknown) => {
      throw failure(error);
    });
    if (outcome.ok || outcome.problem !== 'ahead') return outcome;
    contradicted = 'a witness has seen another history of this log than it holds';
    await checkpoint();
    return outcome;
  }

  async function accept(by: string, why: string): Promise<void> {
    const was = hand?.broken() ?? '';
    if (was === '') return;
    await appendDurable({ kind: 'act', at: clock.wall(), act: acceptance(by, why, was) });
    await hand?.accept().catch((error: unknown) => {
      throw failure(error);
    });
    health.note(hand?.broken() ?? '');
  }

  async function close(): Promise<void> {
    closed = true;
    for (const timer of [writeTimer, syncTimer, foldTimer, signTimer]) clearTimeout(timer);
    for (const held of fold.end()) queue.push(held);
    checking.stop();
    await draining;
    wantCheckpoint.push({ resolve: ignore, reject: ignore });
    await tryWriting();
    try {
      await hand?.writer.finish();
      await hand?.saveTree();
    } catch (error) {
      failing = failure(error).message;
    }
    await files.unlock();
  }

  await files.lock().catch((error: unknown) => {
    if (error instanceof GatewayError) throw error;
    failing = failure(error).message;
  });
  await tryWriting();
  if (failing !== '') writeSoon();
  keepSigning(false);
  const checking = checkLater(
    () => (closed ? undefined : hand),
    files,
    (problem) => {
      contradicted = problem;
      checkpoint().catch(ignore);
    },
  );
  return {
    append,
    appendDurable,
    checkpoint,
    keepSigning,
    stats: () => {
      const { segment, records, bytes } = hand?.writer.facts() ?? { segment: 0, records: 0, bytes: 0 };
      return { segment, records, bytes, lagMs: queue.lagMs(), lost: queue.lost(), failing };
    },
    state: () => stateOf(hand, health.broken(), maxBytes),
    onHealth: health.onChange,
    addWitness,
    accept,
    rotateKey: (why) => want(wantKey, { why }),
    close,
  };
}

function ignore(): void {}
