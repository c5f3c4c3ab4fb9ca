import type { Act } from '../../rules/record/record.ts';
import { encodeHeader, HeaderSize } from '../../rules/record/segment.ts';
import type { LogTree } from './log-tree.ts';
import { blocks, type HeldSegment, type Recovered } from './recover.ts';
import type { SegmentFile, SegmentFiles } from './segment-files.ts';

/** Records of one class that are written together or not at all. */
export interface Run {
  readonly frames: readonly Uint8Array[];
  readonly routine: boolean;
  /** On the medium before `write` resolves. */
  readonly durable: boolean;
  /** Also above the budget: for what makes room in it, or is needed to go on at all. */
  readonly pressing?: boolean;
}

/** Writes runs into segments one after the other. Never called again before the last call has ended. */
export interface SegmentWriter {
  /**
   * Rejects with the system's error. The run is then not in the log and may be given again; what could
   * not be undone is returned by `takeFaults`.
   */
  readonly write: (run: Run) => Promise<void>;
  readonly sync: () => Promise<void>;
  /** The oldest routine segment, when the log is above its budget, or it was last written to before `oldest`. */
  readonly victim: (oldest: number) => Victim | undefined;
  readonly remove: (segment: number) => Promise<void>;
  /** Leaves the segment that is written, whole and on the medium; what comes next begins another. */
  readonly finish: () => Promise<void>;
  readonly takeFaults: () => readonly Act[];
  readonly facts: () => SegmentFacts;
  readonly hasUnsynced: () => boolean;
}

export interface SegmentFacts {
  readonly segment: number;
  readonly records: number;
  readonly bytes: number;
  /** Bytes of what is never given up for room. */
  readonly keptBytes: number;
}

/** A segment to give up. */
export interface Victim {
  readonly segment: number;
  readonly firstSequence: number;
  readonly records: number;
  readonly bytes: number;
}

export interface SegmentLimits {
  /** Of the whole log. */
  readonly maxBytes: number;
  /** Of one segment; a run that is longer gets a segment of its own. */
  readonly segmentBytes: number;
}

export function createSegmentWriter(
  files: SegmentFiles,
  { maxBytes, segmentBytes }: SegmentLimits,
  recovered: Pick<Recovered, 'held' | 'nextSegment' | 'nextSequence'>,
  tree: LogTree,
  wall: () => number,
): SegmentWriter {
  const held: HeldSegment[] = [...recovered.held];
  let nextSegment = recovered.nextSegment;
  let nextSequence = recovered.nextSequence;
  let current: OpenSegment | undefined;
  let faults: Act[] = [];

  async function write(run: Run): Promise<void> {
    const bytes = joined(run.frames);
    const segment = await segmentFor(run, bytes.length);
    let appended = false;
    try {
      await segment.file.append(bytes);
      appended = true;
      if (run.durable) await segment.file.sync();
    } catch (error) {
      await undo(segment, run.frames.length, error, appended);
      throw error;
    }
    segment.size += bytes.length;
    segment.modifiedAt = wall();
    nextSequence += run.frames.length;
    tree.add(run.frames, run.routine);
    if (run.durable) markSynced(segment);
  }

  /** Back to before the run, so that what was not acknowledged is not in the log either. */
  async function undo(
    segment: OpenSegment,
    records: number,
    cause: unknown,
    syncFailed: boolean,
  ): Promise<void> {
    const cut = await segment.file.cut(segment.size).then(
      () => true,
      () => false,
    );
    if (!cut) nextSequence += records;
    if (!cut || syncFailed) await abandon(segment, cause);
  }

  async function segmentFor({ routine, pressing }: Run, length: number): Promise<OpenSegment> {
    if (current?.routine === routine && current.size + length <= segmentBytes) return current;
    await finish();
    if (pressing !== true && total() + length > maxBytes) {
      throw new Error(`acts alone take up the budget of ${maxBytes} bytes`);
    }
    const segment = nextSegment;
    const file = await files.create(segment).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') nextSegment += 1;
      throw error;
    });
    try {
      await file.append(encodeHeader({ number: segment, firstSequence: nextSequence, routine }));
    } catch (error) {
      // Left behind, the file would be taken for a torn segment.
      await file.close().catch(ignore);
      await files.remove(segment).catch(ignore);
      throw error;
    }
    nextSegment += 1;
    current = {
      segment,
      file,
      routine,
      size: HeaderSize,
      synced: 0,
      firstSequence: nextSequence,
      modifiedAt: wall(),
    };
    return current;
  }

  async function sync(): Promise<void> {
    if (current === undefined || current.synced === current.size) return;
    const segment = current;
    try {
      await segment.file.sync();
      markSynced(segment);
    } catch (error) {
      await abandon(segment, error);
      throw error;
    }
  }

  function markSynced(segment: OpenSegment): void {
    segment.synced = segment.size;
    tree.synced();
  }

  async function finish(): Promise<void> {
    if (current === undefined) return;
    await sync();
    const { file, segment, size } = current;
    leave(current);
    tree.leave(segment, size);
    await file.close();
  }

  /**
   * After a failed sync the kernel forgets what it could not write and calls its pages clean, so that a
   * second sync of the same file proves nothing. The segment is left, and what may be missing is named.
   */
  async function abandon(segment: OpenSegment, cause: unknown): Promise<void> {
    const problem = cause instanceof Error ? cause.message : String(cause);
    faults.push({ kind: 'damage', segment: segment.segment, offset: segment.synced, problem });
    tree.lose(`what segment ${segment.segment} holds is in doubt: ${problem}`);
    leave(segment);
    await segment.file.close().catch(ignore);
  }

  function leave(open: OpenSegment): void {
    const { segment, routine, firstSequence, modifiedAt } = open;
    held.push({ segment, size: blocks(open.size), routine, firstSequence, modifiedAt });
    if (current === open) current = undefined;
  }

  function victim(oldest: number): Victim | undefined {
    const index = held.findIndex((segment) => segment.routine);
    const first = held[index];
    const isWanted = total() + segmentBytes > maxBytes || (first?.modifiedAt ?? oldest) < oldest;
    if (first === undefined || !isWanted) return undefined;
    const after = held[index + 1]?.firstSequence ?? current?.firstSequence ?? nextSequence;
    const { segment, firstSequence, size } = first;
    return { segment, firstSequence, records: after - firstSequence, bytes: size };
  }

  async function remove(segment: number): Promise<void> {
    await files.remove(segment);
    const index = held.findIndex((one) => one.segment === segment);
    if (index >= 0) held.splice(index, 1);
    tree.giveUp(segment);
  }

  function total(): number {
    return held.reduce((sum, segment) => sum + segment.size, 0) + (current?.size ?? 0);
  }

  function routineBytes(): number {
    const left = held.reduce((sum, segment) => sum + (segment.routine ? segment.size : 0), 0);
    return left + (current?.routine === true ? current.size : 0);
  }

  function takeFaults(): readonly Act[] {
    const taken = faults;
    faults = [];
    return taken;
  }

  return {
    write,
    sync,
    victim,
    remove,
    finish,
    takeFaults,
    facts: () => ({
      segment: current?.segment ?? nextSegment - 1,
      records: nextSequence,
      bytes: total(),
      keptBytes: total() - routineBytes(),
    }),
    hasUnsynced: () => current !== undefined && current.synced < current.size,
  };
}

interface OpenSegment {
  readonly segment: number;
  readonly file: SegmentFile;
  readonly routine: boolean;
  readonly firstSequence: number;
  size: number;
  modifiedAt: number;
  /** Bytes known to be on the medium. */
  synced: number;
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.length;
  }
  return bytes;
}

function ignore(): void {}
