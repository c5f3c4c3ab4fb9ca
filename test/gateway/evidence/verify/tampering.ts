import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogSource, openLogSource } from '../../../../gateway/evidence/verify/log-source.ts';
import { nodeCrypto } from '../../../../gateway/evidence/verify/node-crypto.ts';
import { verifyLog } from '../../../../gateway/evidence/verify/verify-log.ts';
import { utf8 } from '../../../../rules/evidence/base64.ts';
import { formatTreeHead } from '../../../../rules/evidence/checkpoint.ts';
import { formatNote } from '../../../../rules/evidence/note.ts';
import { appendLeaf, emptyRange, rangeRoot, recordHash } from '../../../../rules/evidence/tree.ts';
import type { EncodedRecord } from '../../../../rules/record/codec.ts';
import { scanSegment } from '../../../../rules/record/scan.ts';
import { encodeHeader, frameRecord } from '../../../../rules/record/segment.ts';
import type { WrittenLog } from './written-log.ts';

/** A log taken apart in memory, to be put together in another way. */
export interface Parts {
  /** Segments as bytes, by number. */
  readonly files: Map<number, Buffer>;
  notes: { name: string; text: string }[];
}

export async function takeApart({ directory }: WrittenLog): Promise<Parts> {
  const source = await openLogSource(directory);
  const files = new Map<number, Buffer>();
  for (const segment of source.segments) files.set(segment, Buffer.from(await source.read(segment)));
  return { files, notes: [...source.notes] };
}

export function sourceOf({ files, notes }: Parts): LogSource {
  const read = async (segment: number): Promise<Uint8Array> => files.get(segment) ?? new Uint8Array();
  const segments = [...files.keys()].sort((one, other) => one - other);
  return { segments, read, readStart: read, notes, key: '' };
}

/** What the auditor finds who keeps the checkpoint that was cosigned. */
export async function found(parts: Parts, log: WrittenLog, since = [log.witnessed]) {
  return verifyLog(sourceOf(parts), log.trust, since, nodeCrypto);
}

/** A record with the class of the segment it lies in. */
export interface Lying extends EncodedRecord {
  readonly routine: boolean;
}

export function recordsOf({ files }: Parts): Lying[] {
  return [...files.values()].flatMap((bytes) => {
    const { header, records } = scanSegment(bytes);
    return records.map(({ type, payload }) => ({ type, payload, routine: header?.routine === true }));
  });
}

/** Segments of these records, as a gateway would have written them: a new one at each change of the class. */
export function segmentsOf(records: readonly Lying[]): Map<number, Buffer> {
  const files = new Map<number, Buffer>();
  let open: { number: number; parts: Uint8Array[]; routine: boolean } | undefined;
  for (const [sequence, record] of records.entries()) {
    if (open?.routine !== record.routine) {
      const number: number = (open?.number ?? 0) + 1;
      const header = encodeHeader({ number, firstSequence: sequence, routine: record.routine });
      open = { number, parts: [header], routine: record.routine };
    }
    open.parts.push(frameRecord(record));
    files.set(open.number, Buffer.concat(open.parts));
  }
  return files;
}

/** The log written anew by somebody who holds the box and its key: checkpoints of it and all. */
export async function rewritten(log: WrittenLog, records: readonly Lying[]): Promise<Parts> {
  const note = await signedBy(log, records);
  return { files: segmentsOf(records), notes: [{ name: 'checkpoint', text: note }] };
}

/** A checkpoint of these records with the box's own key. */
export async function signedBy(log: WrittenLog, records: readonly EncodedRecord[]): Promise<string> {
  const key = createPrivateKey(await readFile(join(log.directory, 'log.key')));
  let range = emptyRange(0);
  for (const record of records) {
    range = appendLeaf(range, recordHash(record, nodeCrypto.sha256), nodeCrypto.sha256);
  }
  const root = rangeRoot(range, nodeCrypto.sha256) ?? new Uint8Array();
  const { name, keyId } = log.trust.key;
  const text = formatTreeHead({ origin: name, size: records.length, root });
  return formatNote({ text, signatures: [{ name, keyId, bytes: sign(null, utf8(text), key) }] });
}
