import { utf8 } from '../../rules/evidence/base64.ts';
import { formatTreeHead, isOriginOf, parseTreeHead, sameActs } from '../../rules/evidence/checkpoint.ts';
import { formatNote, isSignedBy, type NoteKey, parseNote } from '../../rules/evidence/note.ts';
import { rangeRoot, sameHash } from '../../rules/evidence/tree.ts';
import type { Clock } from '../clock.ts';
import type { Checkpoint } from './evidence-state.ts';
import { type LogKey, verifyEd25519 } from './log-key.ts';
import type { Leaves } from './log-tree.ts';
import type { SegmentFiles } from './segment-files.ts';
import { sha256 } from './sha256.ts';

/** Signs heads of the log's tree, and keeps the last two on the medium. */
export interface Signer {
  /**
   * Signs a head whose leaves are all on the medium, and the acts among them. It never signs two heads of one origin that cannot both be
   * true: that would be proof of fraud (C2SP tlog-checkpoint). Rejects with the system's error, or when the
   * signature it wrote is not good.
   */
  readonly sign: (origin: string, leaves: Leaves) => Promise<Checkpoint>;
  /** The newest. */
  readonly last: () => Checkpoint | undefined;
}

/** The checkpoints of a log directory as they were left. */
export interface StoredCheckpoints {
  /** The newest that bears our signature. */
  readonly newest: Checkpoint | undefined;
  /** What is wrong with the files, or empty. */
  readonly problem: string;
}

/** @param keys any of them may have signed them */
export async function readCheckpoints(
  files: SegmentFiles,
  keys: readonly NoteKey[],
): Promise<StoredCheckpoints> {
  const found: Checkpoint[] = [];
  let problem = '';
  for (const name of [CheckpointFile, FormerCheckpointFile]) {
    const bytes = await files.readNote(name);
    if (bytes === undefined) continue;
    const checkpoint = openCheckpoint(Buffer.from(bytes).toString('utf8'), ...keys);
    if (checkpoint === undefined) problem = `the file ${name} does not bear this log's signature`;
    else found.push({ ...checkpoint, at: Math.round(await files.noteTime(name)) });
  }
  // The files are replaced one after the other, so the former may be as new as the newest but never newer.
  return { newest: found[0], problem };
}

/** A checkpoint of a log of these keys, or undefined when it is none or bears no good signature; it tells no time. */
export function openCheckpoint(text: string, ...keys: readonly NoteKey[]): Checkpoint | undefined {
  const note = parseNote(text);
  const head = note === undefined ? undefined : parseTreeHead(note.text);
  const key = keys.find(({ name }) => head !== undefined && isOriginOf(head.origin, name));
  if (note === undefined || head === undefined || key === undefined) return undefined;
  return isSignedBy(note, key, verifyEd25519) ? { ...head, note: text, at: 0 } : undefined;
}

export function createSigner(
  files: SegmentFiles,
  key: LogKey,
  stored: Checkpoint | undefined,
  clock: Clock,
): Signer {
  let last = stored;

  async function sign(origin: string, { range, acts: among }: Leaves): Promise<Checkpoint> {
    const [root, actsRoot] = [rangeRoot(range, sha256), rangeRoot(among, sha256)];
    const isWhole = range.begin === 0 && among.begin === 0;
    if (root === undefined || actsRoot === undefined || !isWhole) {
      throw new Error('Only a whole tree has a head to sign.');
    }
    const size = range.end;
    const acts = { count: among.end, root: actsRoot };
    if (last?.origin === origin && last.size >= size) {
      // One that an older release signed stays until there is more to sign.
      const isSame = last.acts === undefined || sameActs(last.acts, acts);
      if (last.size === size && sameHash(last.root, root) && isSame) return last;
      throw new Error('Another head of this origin was signed before.');
    }
    const text = formatTreeHead({ origin, size, root, acts });
    const { name, keyId } = key.key;
    const note = formatNote({ text, signatures: [{ name, keyId, bytes: key.sign(utf8(text)) }] });
    await keep(note, last);
    last = { origin, size, root, acts, note, at: clock.wall() };
    await readBack(note);
    return last;
  }

  /** A file that is there already gets another name: written again it would wear the flash twice as fast. */
  async function keep(note: string, former: Checkpoint | undefined): Promise<void> {
    const bytes = Buffer.from(note);
    // The last one of a key that handed over stands in the record that says so.
    if (former === undefined || !isOriginOf(former.origin, key.key.name)) {
      return files.replaceNote(CheckpointFile, bytes);
    }
    const there = await files.readNote(CheckpointFile);
    if (there !== undefined && Buffer.from(there).toString('utf8') === former.note) {
      return files.turnNote(CheckpointFile, FormerCheckpointFile, bytes);
    }
    await files.replaceNote(FormerCheckpointFile, Buffer.from(former.note));
    await files.replaceNote(CheckpointFile, bytes);
  }

  /** A box that only believes it signs leaves evidence without a signature (CVE-2025-59339). */
  async function readBack(note: string): Promise<void> {
    const written = Buffer.from((await files.readNote(CheckpointFile)) ?? []).toString('utf8');
    if (written !== note || openCheckpoint(written, key.key) === undefined) {
      throw new Error('The checkpoint as written does not bear a good signature.');
    }
  }

  return { sign, last: () => last };
}

export const CheckpointFile = 'checkpoint';
export const FormerCheckpointFile = 'checkpoint.old';
