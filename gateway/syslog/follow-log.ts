import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeRecord } from '../../rules/record/codec.ts';
import type { EvidenceRecord } from '../../rules/record/record.ts';
import { decodeHeader, HeaderSize, readFrame } from '../../rules/record/segment.ts';
import { segmentName } from '../evidence/segment-files.ts';

/** A record and its place in the log. */
export interface FollowedRecord {
  readonly sequence: number;
  readonly record: EvidenceRecord;
}

/**
 * The records of a log from a sequence number on, and those that come, as long as nobody aborts. It only reads, also
 * while the gateway writes; what was given up for room meanwhile is passed over. A record is there when it is whole.
 * @param from `undefined` begins with the last segment there is
 */
export async function* followLog(
  directory: string,
  from: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<FollowedRecord> {
  let segment = await firstSegment(directory, from, signal);
  let next = from ?? 0;
  let offset = HeaderSize;
  let sequence: number | undefined;
  while (!signal.aborted) {
    const later = (await segmentsOf(directory)).find((one) => one > segment);
    const bytes = await readFrom(join(directory, segmentName(segment)), sequence === undefined ? 0 : offset);
    let at = 0;
    if (sequence === undefined) {
      const start = decodeHeader(bytes);
      if (start.ok) {
        sequence = start.header.firstSequence;
        at = HeaderSize;
      }
    }
    while (sequence !== undefined) {
      const found = readFrame(bytes, at);
      if (!found.ok) break;
      const decoded = decodeRecord(found.frame.type, found.frame.payload);
      if (decoded.ok && sequence >= next) yield { sequence, record: decoded.record };
      next = Math.max(next, sequence + 1);
      sequence += 1;
      offset += found.end - at;
      at = found.end;
      if (signal.aborted) return;
    }
    // A segment is left for good when there is a later one: nothing is added to it any more.
    if (later !== undefined) {
      segment = later;
      offset = HeaderSize;
      sequence = undefined;
    } else await pause(LookInterval, undefined, { signal }).catch(() => undefined);
  }
}

/** The segment that holds the record, or the first that comes to be. */
async function firstSegment(
  directory: string,
  from: number | undefined,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    const segments = await segmentsOf(directory);
    const last = segments.at(-1);
    if (from === undefined && last !== undefined) return last;
    let found = segments[0];
    for (const one of segments) {
      const start = decodeHeader(await readFrom(join(directory, segmentName(one)), 0, HeaderSize));
      if (start.ok && start.header.firstSequence <= (from ?? 0)) found = one;
    }
    if (found !== undefined || signal.aborted) return found ?? 0;
    await pause(LookInterval, undefined, { signal }).catch(() => undefined);
  }
}

async function segmentsOf(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => /^\d{8}\.seg$/.test(name))
    .sort()
    .map((name) => Number.parseInt(name, 10));
}

/** What a file holds from there on, at most so much; nothing where the file is gone. */
async function readFrom(path: string, offset: number, most = MostBytes): Promise<Uint8Array> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return new Uint8Array();
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** How long a record may wait to be seen, milliseconds. */
const LookInterval = 500;

/** More than the longest record, and little to hold. */
const MostBytes = 1024 * 1024;
