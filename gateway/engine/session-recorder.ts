import { join } from 'node:path';
import type { RecorderPort } from '../broker/parts.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { GatewayError } from '../errors.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import { readLog } from '../evidence/read-log.ts';
import type { Logger } from '../log.ts';
import { openRecorder } from '../recording/recorder.ts';
import { openRecordingKey, readRecordingKeys } from '../recording/recording-key.ts';
import { KeyName } from '../recording/stored-files.ts';
import type { Retention } from '../retention.ts';

/** The recorder of granted sessions as the engine runs it. */
export interface SessionRecorder extends RecorderPort {
  /** What is wrong, as a sentence; empty while sessions can be recorded. */
  readonly trouble: () => string;
  /** What begins from now on is sealed under another key. */
  readonly useKey: (key: Uint8Array) => void;
  readonly close: () => Promise<void>;
}

export interface SessionRecorderOptions {
  readonly config: Pick<Config, 'state'>;
  readonly evidence: Pick<EvidenceLog, 'append' | 'appendDurable'>;
  readonly evidenceDirectory: string;
  readonly clock: Clock;
  /** Bytes of one grant, and of all recordings, as they lie on the medium. */
  readonly limits: { readonly grantBytes: number; readonly totalBytes: number };
  /** How long recordings of closed grants are kept; absent where as long as there is room. */
  readonly retention?: Retention | undefined;
  readonly isOpen: (grant: string) => boolean;
  readonly onRecorded: (channel: string, upTo: number) => void;
  readonly onFailure: (grant: string, cause: 'recording-lost' | 'too-much-data', problem: string) => void;
  readonly log: Logger;
}

/** A box that cannot record starts all the same and lets nobody in whose bytes are to be kept (62443-3-3 SR 2.10). */
export async function openSessionRecorder(options: SessionRecorderOptions): Promise<SessionRecorder> {
  const { config, evidence, evidenceDirectory, clock, limits, log } = options;
  const directory = join(config.state, 'recordings');
  try {
    return await openRecorder({
      ...options,
      directory,
      keys: openKeys(join(directory, KeyName)),
      evidence,
      chunksOnRecord: (channels) => chunksOnRecord(evidenceDirectory, channels),
      clock,
      limits,
    });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    log.error({ problem }, 'no session can be recorded');
    return {
      begin: async () => {
        throw new GatewayError('PST_ERR_RECORDING', problem);
      },
      take: () => undefined,
      end: async () => 0,
      trouble: () => `Sessions cannot be recorded: ${problem}`,
      useKey: () => undefined,
      close: async () => undefined,
    };
  }
}

function openKeys(file: string): readonly [Uint8Array, ...Uint8Array[]] {
  const key = openRecordingKey(file);
  return [key, ...readRecordingKeys(file).slice(1)];
}

async function chunksOnRecord(
  directory: string,
  channels: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const entry of readLog(directory)) {
    if (entry.kind !== 'record' || entry.record.kind !== 'chunk') continue;
    const { channel } = entry.record;
    if (channels.has(channel)) counts.set(channel, (counts.get(channel) ?? 0) + 1);
  }
  return counts;
}
