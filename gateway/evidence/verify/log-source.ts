import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MaxPayload } from '../../../rules/record/segment.ts';

/** An evidence directory as it is verified: segments in order, and the small texts that lie beside them. */
export interface LogSource {
  /** Numbers of the segments, ascending. */
  readonly segments: readonly number[];
  readonly read: (segment: number) => Promise<Uint8Array>;
  /** Its header and first record at least. */
  readonly readStart: (segment: number) => Promise<Uint8Array>;
  /** What may be a checkpoint, by the name of its file. */
  readonly notes: readonly { readonly name: string; readonly text: string }[];
}

/** Reads nothing but what verifying asks for. Fails with the system's own errors. */
export async function openLogSource(directory: string): Promise<LogSource> {
  const names = (await readdir(directory)).sort();
  const segments = names.filter((name) => SegmentName.test(name)).map((name) => Number.parseInt(name, 10));
  const path = (segment: number): string => join(directory, `${String(segment).padStart(8, '0')}.seg`);
  const notes: { name: string; text: string }[] = [];
  for (const name of names) {
    if (NoteName.test(name)) notes.push({ name, text: await readFile(join(directory, name), 'utf8') });
  }
  return {
    segments,
    read: (segment) => readFile(path(segment)),
    readStart: async (segment) => {
      const file = await open(path(segment));
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(MaxStart), 0, MaxStart, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    notes,
  };
}

const SegmentName = /^\d{8}\.seg$/;

/** The last two checkpoints, and those that witnesses gave back. */
const NoteName = /^(checkpoint|witness)/;

const MaxStart = MaxPayload + 64;
