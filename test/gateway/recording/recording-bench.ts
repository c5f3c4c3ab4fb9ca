import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { bytesInMemory } from '../../../gateway/capture/byte-source.ts';
import { readConnections } from '../../../gateway/capture/read-connections.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { createLog } from '../../../gateway/log.ts';
import type { RecordedChannel } from '../../../gateway/recording/channel-recording.ts';
import { exportRecording } from '../../../gateway/recording/export-recording.ts';
import { openRecorder, type Recorder, type RecorderOptions } from '../../../gateway/recording/recorder.ts';
import type { Act, ChunkRecord, EvidenceRecord } from '../../../rules/record/record.ts';

/** A recorder in a directory of its own, its evidence log a list. */
export interface RecordingBench {
  readonly directory: string;
  readonly key: Uint8Array;
  readonly records: EvidenceRecord[];
  readonly acknowledged: Map<string, number>;
  readonly failures: { grant: string; cause: string; problem: string }[];
  readonly open: (change?: Partial<RecorderOptions>) => Promise<Recorder>;
  readonly chunks: () => readonly ChunkRecord[];
  readonly acts: () => readonly Act[];
  readonly close: () => void;
}

export function makeRecordingBench(): RecordingBench {
  const directory = mkdtempSync(join(tmpdir(), 'pst-rec-'));
  const key = randomBytes(32);
  const records: EvidenceRecord[] = [];
  const acknowledged = new Map<string, number>();
  const failures: RecordingBench['failures'] = [];
  const chunks = () => records.filter((one): one is ChunkRecord => one.kind === 'chunk');
  return {
    directory,
    key,
    records,
    acknowledged,
    failures,
    open: (change = {}) =>
      openRecorder({
        directory,
        keys: [key],
        evidence: {
          append: (record) => void records.push(record),
          appendDurable: async (record) => void records.push(record),
        },
        chunksOnRecord: async () => {
          const counts = new Map<string, number>();
          for (const { channel, index } of chunks()) counts.set(channel, index + 1);
          return counts;
        },
        clock: systemClock,
        limits: { totalBytes: 2 ** 30, grantBytes: 2 ** 29 },
        isOpen: () => false,
        onRecorded: (channel, upTo) => void acknowledged.set(channel, upTo),
        onFailure: (grant, cause, problem) => void failures.push({ grant, cause, problem }),
        log: createLog('engine', new Writable({ write: (_chunk, _encoding, done) => done() })),
        ...change,
      }),
    chunks,
    acts: () => records.flatMap((one) => (one.kind === 'act' ? [one.act] : [])),
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export function channelOf(change: Partial<RecordedChannel> = {}): RecordedChannel {
  return {
    grant: 'G-1',
    channel: 'C-1',
    person: 'anna',
    target: 'pumpco/plc-1.502',
    client: { address: '198.51.100.7', port: 40_312 },
    server: { address: '10.20.0.20', port: 502 },
    ...change,
  };
}

/** One piece as an inspector hands it over. */
export function piece(channel: string, number: number, from: 'client' | 'server', bytes: Uint8Array) {
  const data = Buffer.from(bytes).toString('base64');
  return { what: 'bytes', channel, piece: number, from, at: Date.now(), data } as const;
}

/** Both streams of each connection, by the client's port, put together again by our own reader of captures. */
export function streamsIn(pcapng: Uint8Array): {
  readonly streams: Map<number, { client: Buffer; server: Buffer }>;
  readonly flaws: readonly string[];
} {
  const streams = new Map<number, { client: Buffer; server: Buffer }>();
  const flaws: string[] = [];
  const flaw = (text: string) => void flaws.push(text);
  readConnections(bytesInMemory(pcapng), () => false, {
    opened: ({ client, isMidstream }) => {
      if (isMidstream) flaw('midstream');
      streams.set(client.port, { client: Buffer.alloc(0), server: Buffer.alloc(0) });
    },
    data: ({ client }, from, bytes) => {
      const known = streams.get(client.port)!;
      known[from] = Buffer.concat([known[from], bytes]);
    },
    lost: () => flaw('lost'),
    differs: () => flaw('differs'),
    stray: () => flaw('stray'),
    ended: (_connection, how) => {
      if (how !== 'closed') flaw(how);
    },
    datagram: () => flaw('datagram'),
    flaw,
  });
  return { streams, flaws };
}

export function exported(bench: RecordingBench, grant = 'G-1'): Buffer {
  return Buffer.concat(
    [...exportRecording(bench.directory, grant, bench.key)].map((one) => Buffer.from(one)),
  );
}
