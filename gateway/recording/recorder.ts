import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { EvidenceRecord } from '../../rules/record/record.ts';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { createLine } from '../one-at-a-time.ts';
import type { Retention } from '../retention.ts';
import {
  type BytesReport,
  type ChannelRecording,
  type RecordedChannel,
  startChannelRecording,
} from './channel-recording.ts';
import { recoverRecordings } from './recover-recordings.ts';
import { fileHeader, SaltBytes } from './sealed-file.ts';
import { isName, openStoredFiles, type StoredFiles, type StoredGrant } from './stored-files.ts';

/** Records the bytes of granted sessions' channels. */
export interface Recorder {
  /** Before the channel's first byte. Rejects with PST_ERR_RECORDING where nothing can be recorded. */
  readonly begin: (channel: RecordedChannel) => Promise<void>;
  /** Takes bytes; `onRecorded` tells when they are on the medium. Never throws. */
  readonly take: (report: BytesReport) => void;
  /** Writes what is left; resolves with the number of chunks on record. 0 for a channel nobody began. */
  readonly end: (channel: string) => Promise<number>;
  /** What is wrong, as a sentence; empty while sessions can be recorded. */
  readonly trouble: () => string;
  /** What begins from now on is sealed under another key. */
  readonly useKey: (key: Uint8Array) => void;
  /** Ends every channel. */
  readonly close: () => Promise<void>;
}

export interface RecordingLimits {
  /** Of all recordings, as they lie on the medium. The oldest closed grants go first. */
  readonly totalBytes: number;
  /** Of the recordings of one grant. */
  readonly grantBytes: number;
}

export interface RecorderOptions {
  /** `<state>/recordings`. */
  readonly directory: string;
  /** The key in force, and those that unfinished recordings may have been made under. */
  readonly keys: readonly [Uint8Array, ...Uint8Array[]];
  readonly evidence: {
    readonly append: (record: EvidenceRecord) => void;
    readonly appendDurable: (record: EvidenceRecord) => Promise<void>;
  };
  /** How many chunks of these channels the evidence log holds: asked after a sudden stop. */
  readonly chunksOnRecord: (channels: ReadonlySet<string>) => Promise<ReadonlyMap<string, number>>;
  readonly clock: Clock;
  readonly limits: RecordingLimits;
  /** How long a closed grant's recordings are kept; absent where as long as there is room. */
  readonly retention?: Retention | undefined;
  /** Whether a grant may still get channels: its recordings are never erased for room. */
  readonly isOpen: (grant: string) => boolean;
  readonly onRecorded: (channel: string, upTo: number) => void;
  /** Nothing more can be recorded of this grant. */
  readonly onFailure: (grant: string, cause: 'recording-lost' | 'too-much-data', problem: string) => void;
  readonly log: Logger;
  /** Stands for the medium in tests. */
  readonly files?: StoredFiles;
}

interface Live {
  readonly grant: string;
  readonly recording: ChannelRecording;
}

/** Takes up the directory: what a sudden stop left unfinished is cut where it is torn, told and put on record. */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const { directory, evidence, clock, limits, retention, isOpen, onRecorded, onFailure, log } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const files = options.files ?? openStoredFiles(directory);
  await recoverRecordings({ ...options, names: files.unfinished() });
  const stored = new Map(files.grants().map((one): [string, StoredGrant] => [one.grant, one]));
  const live = new Map<string, Live>();
  let [key] = options.keys;
  const inTurn = createLine();
  /** A start has ended every grant, and whoever could tell which are open may not be there before it is done. */
  let hasStarted = false;
  let failing = '';

  function total(): number {
    let sum = 0;
    for (const { bytes } of stored.values()) sum += bytes;
    return sum;
  }

  function fail(grant: string, cause: 'recording-lost' | 'too-much-data', problem: string): void {
    log.error({ grant, cause, problem }, 'a session cannot be recorded any further');
    if (cause === 'recording-lost') failing = problem;
    onFailure(grant, cause, problem);
  }

  function noteStored(grant: string, more: number): void {
    const bytes = (stored.get(grant)?.bytes ?? 0) + more;
    const isOver = bytes > limits.grantBytes;
    const wasOver = bytes - more > limits.grantBytes;
    stored.set(grant, { grant, bytes, at: clock.wall() });
    if (isOver && !wasOver) fail(grant, 'too-much-data', `above ${limits.grantBytes} bytes`);
    if (total() > limits.totalBytes)
      void inTurn(() => makeRoom(0)).then((fits) => (fits ? undefined : full(grant)));
  }

  function full(grant: string): void {
    fail(grant, 'recording-lost', `all recordings together are above ${limits.totalBytes} bytes`);
  }

  /** Erases the oldest closed grants as far as needed. @returns whether so many bytes fit now */
  async function makeRoom(wanted: number): Promise<boolean> {
    const closed = [...stored.values()]
      .filter(({ grant }) => !isBusy(grant))
      .sort((one, other) => one.at - other.at);
    const now = retention?.now();
    const oldest = retention === undefined || now === undefined ? 0 : now - retention.milliseconds;
    for (const one of closed) {
      const isOld = one.at < oldest;
      const isFull = total() + wanted > limits.totalBytes;
      if (!isOld && !isFull) break;
      await erase(one, isOld ? 'kept as long as configured' : 'to make room');
    }
    return total() + wanted <= limits.totalBytes;
  }

  function isBusy(grant: string): boolean {
    return (hasStarted && isOpen(grant)) || [...live.values()].some((one) => one.grant === grant);
  }

  /** On record first, and not done where that fails. */
  async function erase({ grant, bytes }: StoredGrant, why: string): Promise<void> {
    const chunks = files.chunksOf(grant);
    const act = { kind: 'recordingErased', grant, chunks, bytes, why } as const;
    await evidence.appendDurable({ kind: 'act', at: clock.wall(), act });
    await files.erase(grant);
    stored.delete(grant);
  }

  async function begin(about: RecordedChannel): Promise<void> {
    const { grant, channel } = about;
    if (!isName(grant) || !isName(channel) || live.has(channel)) {
      throw new GatewayError('PST_ERR_RECORDING', `${grant}/${channel} is no name for a new recording.`);
    }
    try {
      if (!(await inTurn(() => makeRoom(Reserve)))) {
        throw new GatewayError('PST_ERR_RECORDING', `There is no room within ${limits.totalBytes} bytes.`);
      }
      const salt = randomBytes(SaltBytes);
      const header = fileHeader(salt);
      const file = await files.create(about, header);
      noteStored(grant, header.length);
      const recording = startChannelRecording({
        about,
        key,
        salt,
        file,
        clock,
        record: evidence.appendDurable,
        onRecorded: (upTo) => onRecorded(channel, upTo),
        onStored: (bytes) => noteStored(grant, bytes),
        onFailure: (problem) => fail(grant, 'recording-lost', problem),
      });
      live.set(channel, { grant, recording });
      failing = '';
    } catch (cause) {
      failing = cause instanceof Error ? cause.message : String(cause);
      throw cause instanceof GatewayError ? cause : new GatewayError('PST_ERR_RECORDING', failing, cause);
    }
  }

  async function end(channel: string): Promise<number> {
    const one = live.get(channel);
    if (one === undefined) return 0;
    const chunks = await one.recording.end();
    live.delete(channel);
    return chunks;
  }

  await inTurn(() => makeRoom(0)).catch((cause: unknown) => {
    log.error({ problem: String(cause) }, 'no recording could be erased');
  });
  hasStarted = true;
  return {
    begin,
    take: (report) => live.get(report.channel)?.recording.take(report),
    end,
    trouble: () => (failing === '' ? '' : `Sessions cannot be recorded: ${failing}`),
    useKey: (next) => {
      key = next;
    },
    close: async () => {
      await Promise.all([...live.keys()].map(end));
    },
  };
}

/** A channel is not begun where less than this is left: it would end at once. */
const Reserve = 4 * 1024 * 1024;
