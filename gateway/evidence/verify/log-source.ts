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
  /** The log's public key as the directory tells it, or empty. */
  readonly key: string;
}

/**
 * The directory of a gateway's log, or what was exported of one: there, of a segment that was still written, the
 * longest part counts. Reads nothing but what is asked for. Fails with the system's own errors.
 */
export async function openLogSource(directory: string): Promise<LogSource> {
  const names = (await readdir(directory)).sort();
  const files = segmentFiles(names);
  const path = (segment: number): string => join(directory, files.get(segment)?.name ?? '');
  const notes: { name: string; text: string }[] = [];
  for (const name of names) {
    if (NoteName.test(name)) notes.push({ name, text: await readFile(join(directory, name), 'utf8') });
  }
  return {
    segments: [...files.keys()],
    read: (segment) => readFile(path(segment)),
    readStart: (segment) => readStart(path(segment)),
    notes,
    key: names.includes(PublicKeyName) ? await readFile(join(directory, PublicKeyName), 'utf8') : '',
  };
}

/** File of each segment by its number, ascending. */
function segmentFiles(
  names: readonly string[],
): ReadonlyMap<number, { readonly name: string; readonly size: number }> {
  const files = new Map<number, { readonly name: string; readonly size: number }>();
  for (const name of names) {
    const [, digits = '', length] = SegmentName.exec(name) ?? [];
    if (digits === '') continue;
    const size = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    if (size > (files.get(Number(digits))?.size ?? -1)) files.set(Number(digits), { name, size });
  }
  return files;
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MaxStart), 0, MaxStart, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** File name of the first bytes of a segment that was still written when it was exported. */
export function partName(segment: number, bytes: number): string {
  return `${String(segment).padStart(8, '0')}.${bytes}.part`;
}

const SegmentName = /^(\d{8})\.(?:seg|(\d{1,12})\.part)$/;

/** The last two checkpoints, and those that witnesses gave back. */
const NoteName = /^(checkpoint|witness\.)/;

const PublicKeyName = 'log.pub';

const MaxStart = MaxPayload + 64;
