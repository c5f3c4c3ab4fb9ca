import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogSource, openLogSource } from '../../../../gateway/evidence/verify/log-source.ts';
import { nodeCrypto } from '../../../../gateway/evidence/verify/node-crypto.ts';
import { verifyLog } from '../../../../gateway/evidence/verify/verify-log.ts';
import { utf8 } from '../../../../rules/evidence/base64.ts';
import { formatTreeHead } from '../../../../rules/evidence/checkpoint.ts';
import { formatNote } from '../../../../rules/evidence/note.ts';
import {
  appendLeaf,
  type CompactRange,
  emptyRange,
  rangeRoot,
  recordHash,
} from '../../../../rules/evidence/tree.ts';
import { type EncodedRecord, encodeRecord } from '../../../../rules/record/codec.ts';
import { scanSegment } from '../../../../rules/record/scan.ts';
import { encodeHeader, frameRecord } from '../../../../rules/record/segment.ts';
import { noon } from './sessions.ts';
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

/**
 * Segments of these records, as a gateway would have written them: a new one at each change of the class, and behind
 * what is not left.
 */
export function segmentsOf(
  records: readonly Lying[],
  isLeft: (one: Lying, sequence: number) => boolean = () => true,
): Map<number, Buffer> {
  const files = new Map<number, Buffer>();
  let number = 0;
  let open: { number: number; parts: Uint8Array[]; routine: boolean } | undefined;
  for (const [sequence, record] of records.entries()) {
    if (!isLeft(record, sequence)) {
      open = undefined;
      continue;
    }
    if (open?.routine !== record.routine) {
      number += 1;
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

/**
 * A checkpoint of these records with the box's own key.
 * @param told the records whose acts it commits to; nothing, as an older release did
 */
export async function signedBy(
  log: WrittenLog,
  records: readonly Lying[],
  told: readonly Lying[] | 'nothing' = records,
): Promise<string> {
  const key = createPrivateKey(await readFile(join(log.directory, 'log.key')));
  const { name, keyId } = log.trust.key;
  const head = { origin: name, size: records.length, root: rootOf(records) };
  const acts = told === 'nothing' ? undefined : told.filter(({ routine }) => !routine);
  const committed = acts === undefined ? {} : { acts: { count: acts.length, root: rootOf(acts) } };
  const text = formatTreeHead({ ...head, ...committed });
  return formatNote({ text, signatures: [{ name, keyId, bytes: sign(null, utf8(text), key) }] });
}

/**
 * The log without some records, and with acts that give them up as if they had been routine: `all` is what is signed
 * of it, `left` is what is there.
 */
export function givenUp(
  records: readonly Lying[],
  isGone: (one: Lying, sequence: number) => boolean,
): { readonly files: Map<number, Buffer>; readonly all: readonly Lying[]; readonly left: readonly Lying[] } {
  const all = [...records];
  let gone: { readonly begin: number; readonly lying: Lying[] } | undefined;
  for (const [sequence, one] of [...records, undefined].entries()) {
    if (one !== undefined && isGone(one, sequence)) {
      gone ??= { begin: sequence, lying: [] };
      gone.lying.push(one);
    } else if (gone !== undefined) {
      const { hashes } = rangeOf(gone.lying, gone.begin);
      const counts = { segment: 1, firstSequence: gone.begin, records: gone.lying.length, bytes: 4096 };
      const act = encodeRecord({ kind: 'act', at: noon, act: { kind: 'removed', ...counts, hashes } });
      all.push({ ...act, routine: false });
      gone = undefined;
    }
  }
  const isLeft = (one: Lying, sequence: number): boolean =>
    sequence >= records.length || !isGone(one, sequence);
  return { files: segmentsOf(all, isLeft), all, left: all.filter(isLeft) };
}

function rootOf(records: readonly EncodedRecord[]): Uint8Array {
  return rangeRoot(rangeOf(records), nodeCrypto.sha256) ?? new Uint8Array();
}

function rangeOf(records: readonly EncodedRecord[], begin = 0): CompactRange {
  const { sha256 } = nodeCrypto;
  return records.reduce(
    (range, one) => appendLeaf(range, recordHash(one, sha256), sha256),
    emptyRange(begin),
  );
}
