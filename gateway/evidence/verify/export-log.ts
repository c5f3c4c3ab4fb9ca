import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTreeHead } from '../../../rules/evidence/checkpoint.ts';
import { parseNote } from '../../../rules/evidence/note.ts';
import { scanSegment } from '../../../rules/record/scan.ts';
import { type LogSource, partName } from './log-source.ts';

/** What became of the files of an export. */
export interface Exported {
  readonly written: readonly string[];
  /** So many were there with the same content. */
  readonly same: number;
  /** Were there with other content, and are left as they are: one of the two is not the evidence. */
  readonly differing: readonly string[];
}

/**
 * Copies a log to storage that is written once, also while the log is written: finished segments, the first bytes of
 * the last one, checkpoints under names of their own, the public key. No file is ever written twice, so that each
 * export only adds. Fails with the system's own errors.
 */
export async function exportLog(source: LogSource, out: string): Promise<Exported> {
  const written: string[] = [];
  const differing: string[] = [];
  let same = 0;

  async function put(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(out, name);
    const there = await readFile(path).catch(() => undefined);
    if (there === undefined) {
      await writeNew(path, bytes);
      written.push(name);
    } else if (Buffer.compare(there, bytes) === 0) same += 1;
    else differing.push(name);
  }

  // The checkpoints were read before the segments, which hold at least what they cover.
  const last = source.segments.at(-1);
  for (const segment of source.segments) {
    const bytes = await source.read(segment);
    const isPart = segment === last;
    const { validBytes } = isPart ? scanSegment(bytes) : { validBytes: bytes.length };
    const name = isPart ? partName(segment, validBytes) : `${String(segment).padStart(8, '0')}.seg`;
    await put(name, bytes.subarray(0, validBytes));
  }
  for (const { text } of source.notes) await put(noteName(text), Buffer.from(text));
  if (source.key !== '') await put('log.pub', Buffer.from(source.key));
  return { written, same, differing };
}

/** `checkpoint.1200.1f2e3d4c`: its size, and its own digest because cosignatures come later. */
function noteName(text: string): string {
  const size = parseTreeHead(parseNote(text)?.text ?? '')?.size ?? 0;
  return `checkpoint.${size}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}.new`;
  const file = await open(unfinished, 'w', 0o444);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}
