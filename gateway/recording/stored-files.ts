import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../load/durable-file.ts';
import { countChunks } from './read-recording.ts';
import type { RecordingName } from './sealed-file.ts';

/** A file that is being written. */
export interface OpenFile {
  /** Resolves when the bytes are on the medium. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** `whole`: nothing is missing, and the file gets its name. */
  readonly close: (whole: boolean) => Promise<void>;
}

/** The recordings of one grant, as they lie on the medium. */
export interface StoredGrant {
  readonly grant: string;
  readonly bytes: number;
  /** When it was last written to, milliseconds since the Unix epoch. */
  readonly at: number;
}

/** The recordings of a box: `DIRECTORY/GRANT/CHANNEL.rec`, and `.part` while they are made. */
export interface StoredFiles {
  readonly create: (name: RecordingName, header: Uint8Array) => Promise<OpenFile>;
  readonly grants: () => readonly StoredGrant[];
  /** Files that nobody finished. */
  readonly unfinished: () => readonly RecordingName[];
  /** Chunks that are there of a grant. */
  readonly chunksOf: (grant: string) => number;
  readonly erase: (grant: string) => Promise<void>;
}

export function openStoredFiles(directory: string): StoredFiles {
  return {
    create: async (name, header) => {
      const [part, whole] = [partFile(directory, name), recordingFile(directory, name)];
      const home = join(directory, name.grant);
      await mkdir(home, { recursive: true, mode: 0o700 });
      // One that is there already is another channel's: nothing is ever written over.
      if (existsSync(whole)) throw new Error(`${whole} is there already`);
      const handle = await open(part, 'wx', 0o600);
      const write = async (bytes: Uint8Array): Promise<void> => {
        for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
        await handle.datasync();
      };
      await write(header);
      for (const one of [home, directory]) syncDirectory(one);
      return {
        write,
        close: async (isWhole) => {
          await handle.close();
          if (!isWhole) return;
          await rename(part, whole);
          syncDirectory(home);
        },
      };
    },
    grants: () =>
      namesIn(directory).flatMap((grant) => {
        const files = namesIn(join(directory, grant)).map((file) => statSync(join(directory, grant, file)));
        const bytes = files.reduce((sum, { size }) => sum + size, 0);
        return files.length === 0
          ? []
          : [{ grant, bytes, at: Math.max(...files.map(({ mtimeMs }) => mtimeMs)) }];
      }),
    unfinished: () =>
      namesIn(directory).flatMap((grant) =>
        namesIn(join(directory, grant))
          .filter((file) => file.endsWith(Part))
          .map((file) => ({ grant, channel: file.slice(0, -Part.length) })),
      ),
    chunksOf: (grant) =>
      recordingsOf(directory, grant).reduce(
        (sum, name) => sum + countChunks(recordingFile(directory, name)),
        0,
      ),
    erase: async (grant) => {
      if (!isName(grant)) return;
      await rm(join(directory, grant), { recursive: true, force: true });
      syncDirectory(directory);
    },
  };
}

/** Whether a name can be that of a file and of nothing else. */
export function isName(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(name);
}

/** The whole recordings of a grant, by channel. */
export function recordingsOf(directory: string, grant: string): readonly RecordingName[] {
  if (!isName(grant)) return [];
  return namesIn(join(directory, grant))
    .filter((file) => file.endsWith(Whole))
    .map((file) => ({ grant, channel: file.slice(0, -Whole.length) }))
    .sort((one, other) => (one.channel < other.channel ? -1 : 1));
}

export function recordingFile(directory: string, { grant, channel }: RecordingName): string {
  return join(directory, grant, channel + Whole);
}

export function partFile(directory: string, { grant, channel }: RecordingName): string {
  return join(directory, grant, channel + Part);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => name !== KeyName && isName(name));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw cause;
  }
}

const Part = '.part';
const Whole = '.rec';
/** Beside the grants. */
export const KeyName = 'key';
