import { randomInt } from 'node:crypto';
import { type ActsHead, isOriginOf } from '../../rules/evidence/checkpoint.ts';
import type { NoteKey } from '../../rules/evidence/note.ts';
import { rangeRoot, recordHash } from '../../rules/evidence/tree.ts';
import { encodeRecord } from '../../rules/record/codec.ts';
import type { Act } from '../../rules/record/record.ts';
import { scanSegment } from '../../rules/record/scan.ts';
import { frameRecord } from '../../rules/record/segment.ts';
import type { Clock } from '../clock.ts';
import type { Checkpoint } from './evidence-state.ts';
import { firstActs, firstLeaves, leavesFrom, leavesOf } from './gather-tree.ts';
import {
  adoptLogKey,
  adoptNextKey,
  isAdopted,
  type LogKey,
  type LogOwner,
  makeLogKey,
  makeNextKey,
  readLogKey,
  readNextKey,
} from './log-key.ts';
import { createLogTree, type LogTree, NoLeaves, type Origin, type TreePiece } from './log-tree.ts';
import type { CheckpointMark } from './mark-file.ts';
import { encodePending, HandoverFile, makeHandover, readPending } from './pending-handover.ts';
import { actsHeadOf, recover } from './recover.ts';
import type { SegmentFiles } from './segment-files.ts';
import {
  createSegmentWriter,
  type SegmentLimits,
  type SegmentWriter,
  type Victim,
} from './segment-writer.ts';
import { sha256 } from './sha256.ts';
import {
  createSigner,
  FormerCheckpointFile,
  openCheckpoint,
  readCheckpoints,
  type Signer,
} from './signer.ts';
import { writeTreeCache } from './tree-cache.ts';
import { openWitnessBook, type WitnessBook } from './witness-book.ts';

/** The log of a directory, taken up: everything that writes it, in one hand. */
export interface LogInHand {
  readonly writer: SegmentWriter;
  readonly tree: LogTree;
  readonly key: LogKey;
  readonly witnesses: WitnessBook;
  /** What was found when it was taken up, to be told in the log. */
  readonly acts: readonly Act[];
  /** Why it is not the log it was, until somebody accepts that; or empty. */
  readonly broken: () => string;
  readonly accept: () => Promise<void>;
  readonly last: Signer['last'];
  /** Puts all that was written on the medium, and signs it. Rejects with the system's error. */
  readonly sign: () => Promise<Checkpoint>;
  /** Goes on under a new origin; a grave cause stays until somebody accepts it. Rejects with the system's error. */
  readonly beginOrigin: (why: string, grave: boolean) => Promise<void>;
  /** Writes down that the log goes on with a new key, which is so when it is taken up again. Rejects with the system's error. */
  readonly handOver: (why: string) => Promise<LogKey>;
  readonly knows: (origin: string) => boolean;
  /** What the first records of the origin in hand are, as far as it can still be told. */
  readonly headAt: (size: number) => Promise<HeldHead>;
  /** What the segment to give up is in the tree, for the act that tells of it. */
  readonly hashesOf: (victim: Victim) => Promise<readonly Uint8Array[]>;
  /** Writes down what is known of old segments, if the disk lets it. */
  readonly saveTree: () => Promise<void>;
}

/** The root of some first records, and the acts among them; undefined where it cannot be told any more. */
export interface HeldHead {
  readonly root: Uint8Array | undefined;
  readonly acts: ActsHead | undefined;
}

export interface TakeUpOptions {
  readonly owner: LogOwner;
  readonly limits: SegmentLimits;
  readonly witnesses: readonly NoteKey[];
  readonly mark: CheckpointMark | undefined;
  readonly clock: Clock;
}

/** Takes up the log where it ended. Rejects with the system's error, and may then be tried again. */
export async function takeUpLog(files: SegmentFiles, options: TakeUpOptions): Promise<LogInHand> {
  const { owner, limits, clock } = options;
  const told = await readPending(files);
  const next = told === undefined ? undefined : await readNextKey(files, owner, told.next);
  const pending = next === undefined ? undefined : told;
  const key = next ?? (await readLogKey(files, owner)) ?? (await makeLogKey(files, owner));
  const keys = pending === undefined ? [key.key] : [key.key, pending.former];
  const known = await isAdopted(files);
  const stored = await readCheckpoints(files, keys);
  const witnesses = await openWitnessBook(files, key, options.witnesses);
  const marked = openCheckpoint((await options.mark?.read()) ?? '', ...keys);
  const heads = [stored.newest, marked, ...witnesses.heads()].filter((head) => head !== undefined);
  const recovered = await recover(files, { keyName: (pending?.former ?? key.key).name, heads });
  const signer = createSigner(files, key, stored.newest, clock);
  /** As it lies outside the directory: a log in which nothing happens writes nothing. */
  let markedNote = marked?.note ?? '';
  const origins: Origin[] = [...recovered.origins];
  const tree = createLogTree(origins.at(-1) ?? recovered.origins[0], recovered.pieces);
  const writer = createSegmentWriter(files, limits, recovered, tree, clock.wall);
  let broken = Buffer.from((await files.readNote(BrokenFile)) ?? []).toString('utf8');

  async function sign(): Promise<Checkpoint> {
    await writer.sync();
    const checkpoint = await signer.sign(tree.origin().origin, tree.durable());
    if (checkpoint.note !== markedNote) await options.mark?.write(checkpoint.note);
    markedNote = checkpoint.note;
    if (tree.unsavedBytes() > SaveAfter) await saveTree();
    return checkpoint;
  }

  /** It can be made again, so that a disk which does not take it changes nothing. */
  async function saveTree(): Promise<void> {
    await writeTreeCache(files, tree.origin(), tree.pieces()).then(tree.saved, ignore);
  }

  async function beginOrigin(why: string, grave: boolean): Promise<void> {
    if (grave) {
      broken = why;
      await files.replaceNote(BrokenFile, Buffer.from(why));
    }
    const handsOver = pending !== undefined && !isBegun();
    const former = (handsOver ? pending.checkpoint : '') || (signer.last()?.note ?? '');
    // A number never used before, also by a future that a restored backup knows nothing of.
    const origin = handsOver ? key.key.name : `${key.key.name}/${randomInt(1, 1_000_000_000)}`;
    const handover = handsOver ? pending.text : '';
    const act: Act = { kind: 'originStarted', origin, why, former, handover };
    await writer.finish();
    tree.begin({ origin, base: writer.facts().records });
    try {
      const frame = frameRecord(encodeRecord({ kind: 'act', at: clock.wall(), act }));
      await writer.write({ frames: [frame], routine: false, durable: true, pressing: true });
    } catch (error) {
      tree.lose(why);
      throw error;
    }
    origins.push(tree.origin());
    await sign();
  }

  async function hashesOf({ segment, firstSequence, records }: Victim): Promise<readonly Uint8Array[]> {
    const base = Math.max(...origins.map((one) => one.base).filter((one) => one <= firstSequence));
    const found = tree.pieces().filter((piece) => piece.segment === segment);
    const [only] = found;
    const range = found.length === 1 ? only?.range : leavesOf(scanSegment(await files.read(segment)), base);
    const isWhole = range?.begin === firstSequence - base && range.end - range.begin === records;
    return isWhole ? range.hashes : [];
  }

  async function headAt(size: number): Promise<HeldHead> {
    const pieces = tree.pieces();
    const within = pieces.find(({ range }) => range.begin < size && size < range.end);
    const inOpen = size > (pieces.at(-1)?.range.end ?? 0);
    const whole = pieces.filter(({ range }) => range.end <= size);
    const segment = inOpen ? writer.facts().segment : within?.segment;
    if (segment === undefined || segment === 0) return heldHead(pieces, size);
    const { range, acts } = whole.at(-1) ?? NoLeaves;
    const begin = range.end;
    const { header, records } = scanSegment(await files.read(segment));
    const skipped = begin - ((header?.firstSequence ?? 0) - tree.origin().base);
    const hashes = records.slice(skipped, skipped + size - begin).map((one) => recordHash(one, sha256));
    const rest = leavesFrom({ begin, acts: acts.end }, hashes, header?.routine === true);
    return heldHead([...whole, { ...rest, segment, size: 0 }], size);
  }

  /** Whether the log goes on with the key in hand already. */
  function isBegun(): boolean {
    return isOriginOf(tree.origin().origin, key.key.name);
  }

  async function handOver(reason: string): Promise<LogKey> {
    const { note } = await sign();
    await writer.finish();
    await saveTree();
    const made = await makeNextKey(files, owner);
    const handover = makeHandover(key.key, made.key, note, [key, made]);
    await files.replaceNote(HandoverFile, encodePending({ handover, checkpoint: note, why: reason }));
    return made;
  }

  /** Everything that has to be so before the log can be written on. */
  async function settle(): Promise<void> {
    const missing = stored.newest === undefined && known ? 'its checkpoints are gone' : '';
    const why = recovered.lost || stored.problem || missing;
    if (why !== '') {
      await beginOrigin(why, known || pending !== undefined || stored.problem !== '');
      await witnesses.setAside((origin) => !origins.some((one) => one.origin === origin));
    } else if (pending !== undefined && !isBegun()) await beginOrigin(pending.why, false);
    const { origin } = tree.origin();
    if (pending !== undefined) {
      await sign();
      await files.removeNote(FormerCheckpointFile);
      await witnesses.keepFormer(pending.former);
      await adoptNextKey(files);
    } else if (stored.newest === undefined) await sign();
    // Also what a sudden stop left unsigned. A full disk that does not take it now is no reason not to go on.
    else if (stored.newest.origin !== origin || stored.newest.size < tree.size()) await sign().catch(ignore);
    await adoptLogKey(files, key);
    if (pending !== undefined) await files.removeNote(HandoverFile);
    await saveTree();
  }

  await settle().catch(async (error: unknown) => {
    // It is taken up anew; the file it began is left whole.
    await writer.finish().catch(ignore);
    throw error;
  });
  return {
    writer,
    tree,
    key,
    witnesses,
    acts: recovered.acts,
    broken: () => broken,
    accept: async () => {
      await files.removeNote(BrokenFile);
      broken = '';
    },
    last: signer.last,
    sign,
    beginOrigin,
    handOver,
    knows: (origin) => origins.some((one) => one.origin === origin),
    headAt,
    hashesOf,
    saveTree,
  };
}

function heldHead(pieces: readonly TreePiece[], size: number): HeldHead {
  const range = firstLeaves(pieces, size)?.range;
  const acts = firstActs(pieces, size);
  return {
    root: range === undefined ? undefined : rangeRoot(range, sha256),
    acts: acts === undefined ? undefined : actsHeadOf(acts),
  };
}

function ignore(): void {}

const BrokenFile = 'broken';

/** Bytes of segments a start after a sudden stop may have to read again. */
const SaveAfter = 16 * 1024 * 1024;
