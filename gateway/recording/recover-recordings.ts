import { renameSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ChunkRecord } from '../../rules/record/record.ts';
import type { Clock } from '../clock.ts';
import { syncDirectory } from '../load/durable-file.ts';
import type { Logger } from '../log.ts';
import { isPacket, packetBytes, packetTime, splitBlocks } from './pcapng-blocks.ts';
import { openRecording, soundEnd, storedChunks } from './read-recording.ts';
import type { RecorderOptions } from './recorder.ts';
import type { RecordingName } from './sealed-file.ts';
import { partFile, recordingFile } from './stored-files.ts';
import { payloadBytes } from './tcp-packets.ts';

export interface RecoverOptions
  extends Pick<RecorderOptions, 'directory' | 'keys' | 'evidence' | 'chunksOnRecord'> {
  /** Files that nobody finished. */
  readonly names: readonly RecordingName[];
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * After a sudden stop: cuts what is torn, tells it, and puts the chunks on record that are not yet. Nothing is ever
 * added to such a file.
 */
export async function recoverRecordings(options: RecoverOptions): Promise<void> {
  const { names, chunksOnRecord, log } = options;
  if (names.length === 0) return;
  const known = await chunksOnRecord(new Set(names.map(({ channel }) => channel)));
  for (const name of names) {
    try {
      await recover(name, known.get(name.channel) ?? 0, options);
    } catch (cause) {
      // One file that cannot be read must not keep the engine from starting. It stays as it is.
      log.error({ ...name, problem: String(cause) }, 'a recording that was broken off cannot be read');
    }
  }
}

async function recover(name: RecordingName, onRecord: number, options: RecoverOptions): Promise<void> {
  const { directory, keys, evidence, clock, log } = options;
  const file = partFile(directory, name);
  const { size, mtimeMs } = statSync(file);
  const end = soundEnd(file, name, ...keys);
  if (end < size) {
    truncateSync(file, end);
    const { grant, channel } = name;
    const [from, to] = [Math.round(mtimeMs), clock.wall()];
    const what = `${size - end} torn bytes cut from the recording of grant ${grant}, channel ${channel}`;
    log.warn({ ...name, bytes: size - end }, 'the end of a recording was torn and is cut');
    evidence.append({ kind: 'act', at: to, act: { kind: 'gap', what, from, to, records: 0 } });
  }
  const contents = contentsOf(file, name, keys, Math.round(mtimeMs));
  for (const { index, digest } of storedChunks(file)) {
    if (index < onRecord) continue;
    const content = contents.get(index) ?? { firstAt: mtimeMs, lastAt: mtimeMs, bytes: 0 };
    await evidence.appendDurable({ kind: 'chunk', ...name, index, ...content, digest });
  }
  const whole = recordingFile(directory, name);
  renameSync(file, whole);
  syncDirectory(dirname(whole));
}

type Content = Pick<ChunkRecord, 'firstAt' | 'lastAt' | 'bytes'>;

/** What a chunk's record says of it, found again in what it holds. */
function contentsOf(
  file: string,
  name: RecordingName,
  keys: readonly Uint8Array[],
  otherwise: number,
): ReadonlyMap<number, Content> {
  const contents = new Map<number, Content>();
  for (const { plain, chunk } of openRecording(file, name, ...keys)) {
    let { firstAt, lastAt, bytes } = contents.get(chunk) ?? {
      firstAt: otherwise,
      lastAt: otherwise,
      bytes: 0,
    };
    for (const block of splitBlocks(plain)) {
      const payload = isPacket(block) ? payloadBytes(packetBytes(block)) : 0;
      if (payload === 0) continue;
      lastAt = Math.round(packetTime(block) / 1000);
      if (bytes === 0) firstAt = lastAt;
      bytes += payload;
    }
    contents.set(chunk, { firstAt, lastAt, bytes });
  }
  return contents;
}
