import { createHash, type Hash } from 'node:crypto';
import type { ChunkRecord } from '../../rules/record/record.ts';
import type { Clock } from '../clock.ts';
import type { ChannelReport } from '../ipc/channel-body.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from './pcapng-blocks.ts';
import { createFileCipher, fileHeader, type RecordingName } from './sealed-file.ts';
import type { OpenFile } from './stored-files.ts';
import { createTcpPackets, type End } from './tcp-packets.ts';

/** A channel whose bytes are recorded. */
export interface RecordedChannel extends RecordingName {
  readonly person: string;
  /** Id of the vendor's target. */
  readonly target: string;
  readonly client: End;
  readonly server: End;
}

export type BytesReport = Extract<ChannelReport, { readonly what: 'bytes' }>;

/** The recording of one channel while it is made. */
export interface ChannelRecording {
  readonly take: (report: BytesReport) => void;
  /** Writes what is left; resolves with the number of chunks on record when the file is closed. Never rejects. */
  readonly end: () => Promise<number>;
}

export interface ChannelRecordingOptions {
  readonly about: RecordedChannel;
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  readonly file: OpenFile;
  readonly clock: Clock;
  /** Resolves when it is on the medium. */
  readonly record: (chunk: ChunkRecord) => Promise<void>;
  /** On the medium up to this piece. */
  readonly onRecorded: (upTo: number) => void;
  /** So many bytes more lie in the file. */
  readonly onStored: (bytes: number) => void;
  /** Nothing more is recorded. Called once. */
  readonly onFailure: (problem: string) => void;
}

/** Longest time a piece waits for others before it is written, milliseconds. */
export const GatherTime = 100;
/** A chunk is closed after so many milliseconds, or plain bytes of the file. */
export const ChunkTime = 5_000;
export const ChunkBytes = 1024 * 1024;

interface Item {
  readonly bytes: Buffer;
  readonly piece: number;
  readonly payload: number;
  readonly at: number;
}

interface Chunk {
  readonly index: number;
  readonly since: number;
  readonly hash: Hash;
  plain: number;
  payload: number;
  firstAt: number;
  lastAt: number;
}

/** Begins the file. What is written is synced before it is acknowledged. */
export function startChannelRecording(options: ChannelRecordingOptions): ChannelRecording {
  const { about, key, salt, file, clock, record, onRecorded, onStored, onFailure } = options;
  const { grant, channel } = about;
  const cipher = createFileCipher(key, salt, about);
  const packets = createTcpPackets(about.client, about.server);
  const queue: Item[] = [];
  let queued = 0;
  let chunk: Chunk | undefined;
  let chunks = 0;
  let block = 0;
  let hasBegun = false;
  let ending = false;
  let failed = false;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let running: Promise<void> | undefined;

  add(Buffer.concat([sectionHeader(HeadersAreMadeUp), describe(about)]), 0, 0, clock.wall());
  wait();

  function add(bytes: Buffer, piece: number, payload: number, at: number): void {
    queue.push({ bytes, piece, payload, at });
    queued += bytes.length;
  }

  function begin(at: number): void {
    if (hasBegun) return;
    hasBegun = true;
    addPackets(packets.begin(), 0, 0, at);
  }

  function addPackets(all: readonly Buffer[], piece: number, payload: number, at: number): void {
    add(Buffer.concat(all.map((packet) => enhancedPacket(0, at, packet))), piece, payload, at);
  }

  function take({ from, piece, at, data }: BytesReport): void {
    if (failed || ending) return;
    const bytes = Buffer.from(data, 'base64');
    begin(at);
    addPackets(packets.data(from, bytes), piece, bytes.length, at);
    if (queued >= WriteAtOnce) run();
    else wait();
  }

  /** Until the next piece is to be written, or the chunk to be closed. */
  function wait(): void {
    if (failed || running !== undefined) return;
    const now = clock.monotonic();
    const closing = chunk === undefined ? Number.POSITIVE_INFINITY : chunk.since + ChunkTime;
    const next = Math.min(closing, queue.length > 0 ? now + GatherTime : Number.POSITIVE_INFINITY);
    if (next >= timerAt) return;
    clearTimeout(timer);
    timerAt = next;
    timer = setTimeout(run, Math.max(0, next - now));
  }

  function run(): void {
    clearTimeout(timer);
    timerAt = Number.POSITIVE_INFINITY;
    running ??= write()
      .catch((cause: unknown) => fail(cause instanceof Error ? cause.message : String(cause)))
      .finally(() => {
        running = undefined;
        if (queued >= WriteAtOnce) run();
        else wait();
      });
  }

  async function write(): Promise<void> {
    do {
      const current = chunk ?? openChunk();
      const items = takeUpTo(ChunkBytes - current.plain);
      const plain = Buffer.concat(items.map(({ bytes }) => bytes));
      current.plain += plain.length;
      const isOld = clock.monotonic() >= current.since + ChunkTime;
      const isFull = queue.length > 0 || current.plain >= ChunkBytes;
      const last = isOld || isFull || (ending && queue.length === 0);
      for (const { payload, at } of items) {
        if (payload === 0) continue;
        if (current.payload === 0) current.firstAt = Math.round(at);
        current.payload += payload;
        current.lastAt = Math.round(at);
      }
      const sealed = cipher.seal(plain, { block, chunk: current.index, last });
      block += 1;
      await file.write(sealed);
      current.hash.update(sealed);
      onStored(sealed.length);
      const piece = items.reduce((most, one) => Math.max(most, one.piece), 0);
      if (piece > 0) onRecorded(piece);
      if (last) await closeChunk(current);
    } while (queue.length > 0);
  }

  function openChunk(): Chunk {
    const hash = createHash('sha256');
    if (chunks === 0) hash.update(fileHeader(salt));
    const at = clock.wall();
    chunk = { index: chunks, since: clock.monotonic(), hash, plain: 0, payload: 0, firstAt: at, lastAt: at };
    return chunk;
  }

  function takeUpTo(bytes: number): readonly Item[] {
    const items: Item[] = [];
    let left = bytes;
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (items.length > 0 && next.bytes.length > left) break;
      queue.shift();
      items.push(next);
      left -= next.bytes.length;
      queued -= next.bytes.length;
    }
    return items;
  }

  async function closeChunk({ index, firstAt, lastAt, payload, hash }: Chunk): Promise<void> {
    chunk = undefined;
    const digest = Uint8Array.from(hash.digest());
    await record({ kind: 'chunk', grant, channel, index, firstAt, lastAt, bytes: payload, digest });
    chunks = index + 1;
  }

  function fail(problem: string): void {
    if (failed) return;
    failed = true;
    clearTimeout(timer);
    queue.length = 0;
    queued = 0;
    onFailure(problem);
  }

  return {
    take,
    end: async () => {
      while (running !== undefined) await running;
      if (!failed && !ending) {
        ending = true;
        begin(clock.wall());
        addPackets(packets.end(), 0, 0, clock.wall());
        run();
        await running;
      }
      try {
        await file.close(!failed);
      } catch (cause) {
        fail(cause instanceof Error ? cause.message : String(cause));
      }
      return chunks;
    },
  };
}

function describe({ grant, channel, person, target, client }: RecordedChannel): Buffer {
  const from = `${client.address} port ${client.port}`;
  return interfaceDescription(channel, `${person} to ${target}`, [
    `grant ${grant}`,
    `person ${person}, from ${from}`,
    `target ${target}`,
  ]);
}

const HeadersAreMadeUp =
  'Recorded by Penstock where it carried a granted session. Payload bytes, their order and their times are as they ' +
  'were. IP and TCP headers are made up around them, and so are the packets that begin and end each connection.';

/** Plain bytes that are written without waiting for more. */
const WriteAtOnce = 256 * 1024;
