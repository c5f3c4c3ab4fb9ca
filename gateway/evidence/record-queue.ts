import { encodeRecord } from '../../rules/record/codec.ts';
import { type Act, type EvidenceRecord, isRoutine } from '../../rules/record/record.ts';
import { frameRecord } from '../../rules/record/segment.ts';
import type { Clock } from '../clock.ts';
import { createOverflow } from './overflow.ts';

/**
 * Framed records that wait for the disk, in order, within a bound. Where the disk is behind, what the plant does all
 * day is counted together, exactly; what must stay a record of its own and does not fit is counted as lost.
 */
export interface RecordQueue {
  /** False when there is no room. Without `settle` the record is then counted as lost. */
  readonly push: (record: EvidenceRecord, settle?: Settle) => boolean;
  /** For what the log says of itself: never crowded out by what it speaks about. */
  readonly say: (act: Act) => void;
  /** The records at the front that may be written together; empty when there is nothing to write. */
  readonly nextRun: () => readonly Queued[];
  /** A run of {@link nextRun} is written. */
  readonly done: (run: readonly Queued[]) => void;
  /** The disk failed: what somebody waits for is refused and forgotten, the rest stays. */
  readonly refuseWaiting: (error: unknown) => void;
  readonly isEmpty: () => boolean;
  /** Age of the oldest record, milliseconds. */
  readonly lagMs: () => number;
  /** Records that did not fit, since the start. */
  readonly lost: () => number;
}

/** Told when the record is on the medium, or with the error that kept it from there. */
export type Settle = (error?: unknown) => void;

export interface Queued {
  readonly frame: Uint8Array;
  readonly routine: boolean;
  readonly since: number;
  readonly settle: Settle | undefined;
}

export function createRecordQueue(maxBytes: number, clock: Clock): RecordQueue {
  let queue: Queued[] = [];
  let bytes = 0;
  let lost = 0;
  const overflow = createOverflow();
  let gap: { readonly from: number; readonly to: number; readonly records: number } | undefined;

  function push(record: EvidenceRecord, settle?: Settle): boolean {
    if (settle === undefined && isBehind() && overflow.add(record)) return true;
    const frame = framed(record);
    if (frame === undefined || bytes + frame.length > maxBytes) {
      if (settle === undefined) countLost();
      return false;
    }
    enqueue(frame, isRoutine(record), settle);
    return true;
  }

  /** Until all that waits is written, so that a disk that is merely slow gives few sums, each of much. */
  function isBehind(): boolean {
    return bytes > maxBytes * RoutineShare || !overflow.isEmpty();
  }

  function countLost(): void {
    const now = clock.wall();
    lost += 1;
    gap = { from: gap?.from ?? now, to: now, records: (gap?.records ?? 0) + 1 };
  }

  function say(act: Act): void {
    enqueue(frameRecord(encodeRecord({ kind: 'act', at: clock.wall(), act })), false, undefined);
  }

  function enqueue(frame: Uint8Array, routine: boolean, settle: Settle | undefined): void {
    queue.push({ frame, routine, since: clock.monotonic(), settle });
    bytes += frame.length;
  }

  function nextRun(): readonly Queued[] {
    if (queue.length === 0) for (const sum of overflow.take()) push(sum);
    // Only an empty queue takes the gap, so that a disk that is merely slow gives few of them.
    if (queue.length === 0 && gap !== undefined) {
      const told = gap;
      gap = undefined;
      say({ kind: 'gap', what: 'records the disk could not take', ...told });
    }
    const routine = queue[0]?.routine;
    let length = 0;
    let end = 0;
    for (const { frame, routine: same } of queue) {
      if (same !== routine || length + frame.length > MaxRunBytes) break;
      length += frame.length;
      end += 1;
    }
    return queue.slice(0, end);
  }

  function done(run: readonly Queued[]): void {
    queue = queue.slice(run.length);
    for (const { frame, settle } of run) {
      bytes -= frame.length;
      settle?.();
    }
  }

  function refuseWaiting(error: unknown): void {
    const waiting = queue.filter(({ settle }) => settle !== undefined);
    queue = queue.filter(({ settle }) => settle === undefined);
    for (const { frame, settle } of waiting) {
      bytes -= frame.length;
      settle?.(error);
    }
  }

  return {
    push,
    say,
    nextRun,
    done,
    refuseWaiting,
    isEmpty: () => queue.length === 0 && gap === undefined && overflow.isEmpty(),
    lagMs: () => (queue[0] === undefined ? 0 : Math.max(0, clock.monotonic() - queue[0].since)),
    lost: () => lost,
  };
}

/** A record too long for a segment, or one that is no record, is lost like one that found no room. */
function framed(record: EvidenceRecord): Uint8Array | undefined {
  try {
    return frameRecord(encodeRecord(record));
  } catch {
    return undefined;
  }
}

/** The rest is for what must stay a record of its own. */
const RoutineShare = 0.75;

/** Longer than any record; short enough that a durable act does not wait behind a long write. */
const MaxRunBytes = 1024 * 1024;
