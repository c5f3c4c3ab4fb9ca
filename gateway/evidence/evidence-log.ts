import { encodeRecord } from '../../rules/record/codec.ts';
import type { EvidenceRecord } from '../../rules/record/record.ts';
import { frameRecord } from '../../rules/record/segment.ts';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { FirstDelay } from './fold.ts';
import { createRecordFold } from './record-fold.ts';
import { createRecordQueue } from './record-queue.ts';
import { recover } from './recover.ts';
import { openSegmentFiles, type SegmentFiles } from './segment-files.ts';
import { createSegmentWriter, type SegmentWriter } from './segment-writer.ts';

/** The box's evidence: append-only, written by one process, within a budget. */
export interface EvidenceLog {
  /**
   * Takes a record and returns at once; it is in the file within {@link GroupInterval}. Refusals and drops
   * that repeat are counted together first. Never throws: what a full or broken disk keeps from being
   * written is counted, and told in the log itself later.
   */
  readonly append: (record: EvidenceRecord) => void;
  /** Resolves when the record is on the medium. Rejects with PST_ERR_EVIDENCE; it is then not in the log. */
  readonly appendDurable: (record: EvidenceRecord) => Promise<void>;
  readonly stats: () => EvidenceStats;
  /** Writes what is queued, as far as the disk lets it, and gives the directory free. */
  readonly close: () => Promise<void>;
}

export interface EvidenceStats {
  readonly segment: number;
  /** Records the log has ever held; also the sequence number of the next. */
  readonly records: number;
  readonly bytes: number;
  /** Age of the oldest record that is not yet in a file. */
  readonly lagMs: number;
  /** Records that could not be written since the start. */
  readonly lost: number;
  /** What is wrong, or empty. */
  readonly failing: string;
}

export interface EvidenceOptions {
  /** Budget of the whole log; at least four segments. */
  readonly maxBytes: number;
  readonly segmentBytes: number;
  readonly clock: Clock;
  /** Stands for the directory in tests. */
  readonly files?: SegmentFiles;
}

/** Longest time a record waits for others before it is written, milliseconds. */
export const GroupInterval = 100;

/** Longest time a routine record in a file waits for the medium, milliseconds. Power loss may cost this much. */
export const SyncInterval = 5_000;

/** Time between two tries on a failing disk, milliseconds. */
export const RetryInterval = 1_000;

/** Bytes that may wait for the disk: half a minute of 500 records a second. */
export const MaxQueuedBytes = 4 * 1024 * 1024;

/**
 * Opens the log of a directory and takes up where it ended. A disk that fails is no reason not to start:
 * the log then alarms and tries again. Throws PST_ERR_EVIDENCE when another process writes the directory.
 */
export async function openEvidenceLog(directory: string, options: EvidenceOptions): Promise<EvidenceLog> {
  const { maxBytes, clock, files = openSegmentFiles(directory) } = options;
  const limits = { maxBytes, segmentBytes: Math.min(options.segmentBytes, maxBytes / 4) };
  const queue = createRecordQueue(MaxQueuedBytes, clock);
  const fold = createRecordFold();
  let writer: SegmentWriter | undefined;
  let draining: Promise<void> | undefined;
  let writeTimer: NodeJS.Timeout | undefined;
  let syncTimer: NodeJS.Timeout | undefined;
  let foldTimer: NodeJS.Timeout | undefined;
  let syncWanted = false;
  let awaited = false;
  let closed = false;
  let failing = '';

  async function takeUp(): Promise<SegmentWriter> {
    await files.lock();
    const recovered = await recover(files);
    for (const act of recovered.acts) queue.say(act);
    return createSegmentWriter(files, limits, recovered);
  }

  function append(record: EvidenceRecord): void {
    for (const due of fold.add(record, clock.monotonic())) queue.push(due);
    writeSoon();
    foldLater();
  }

  function foldLater(): void {
    if (closed || !fold.holds()) return;
    foldTimer ??= setTimeout(() => {
      foldTimer = undefined;
      for (const due of fold.flush(clock.monotonic())) queue.push(due);
      writeSoon();
      foldLater();
    }, FirstDelay);
  }

  function appendDurable(record: EvidenceRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => (error === undefined ? resolve() : reject(failure(error)));
      if (!queue.push(record, settle)) return settle(new Error('Too much waits for the disk.'));
      awaited = true;
      drain();
    });
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
      if (syncWanted || writer?.hasUnsynced() === true) syncLater();
    });
  }

  async function tryWriting(): Promise<void> {
    try {
      writer ??= await takeUp();
      await writeAll(writer);
      failing = '';
    } catch (error) {
      failing = error instanceof Error ? error.message : String(error);
      queue.refuseWaiting(error);
      for (const act of writer?.takeFaults() ?? []) queue.say(act);
    }
  }

  async function writeAll(open: SegmentWriter): Promise<void> {
    for (;;) {
      await makeRoom(open);
      const run = queue.nextRun();
      const [first] = run;
      if (first === undefined) break;
      const durable = run.some(({ settle }) => settle !== undefined);
      await open.write({ frames: run.map(({ frame }) => frame), routine: first.routine, durable });
      queue.done(run);
    }
    if (syncWanted) await open.sync();
    syncWanted = false;
  }

  /** Gives up the oldest routine segments when the budget wants it. The act is on the medium first. */
  async function makeRoom(open: SegmentWriter): Promise<void> {
    for (let victim = open.victim(); victim !== undefined; victim = open.victim()) {
      const act = frameRecord(encodeRecord({ kind: 'act', at: clock.wall(), act: victim }));
      await open.write({ frames: [act], routine: false, durable: true });
      await open.remove(victim.segment);
    }
  }

  async function close(): Promise<void> {
    closed = true;
    clearTimeout(writeTimer);
    clearTimeout(syncTimer);
    clearTimeout(foldTimer);
    for (const held of fold.end()) queue.push(held);
    await draining;
    await tryWriting();
    await writer?.close().catch((error: unknown) => {
      failing = failure(error).message;
    });
    await files.unlock();
  }

  await files.lock().catch((error: unknown) => {
    if (error instanceof GatewayError) throw error;
    failing = failure(error).message;
  });
  await tryWriting();
  if (failing !== '') writeSoon();
  return {
    append,
    appendDurable,
    stats: () => ({
      ...(writer?.facts() ?? { segment: 0, records: 0, bytes: 0 }),
      lagMs: queue.lagMs(),
      lost: queue.lost(),
      failing,
    }),
    close,
  };
}

function failure(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('PST_ERR_EVIDENCE', error instanceof Error ? error.message : String(error), error);
}
