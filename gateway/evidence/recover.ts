import { type ActsHead, sameActs, type TreeHead } from '../../rules/evidence/checkpoint.ts';
import { type CompactRange, rangeRoot, sameHash } from '../../rules/evidence/tree.ts';
import type { Act } from '../../rules/record/record.ts';
import { scanSegment } from '../../rules/record/scan.ts';
import { firstActs, firstLeaves, type Gathering, gatherTree } from './gather-tree.ts';
import type { Origin, TreePiece } from './log-tree.ts';
import type { SegmentFiles } from './segment-files.ts';
import { sha256 } from './sha256.ts';
import { originsOf, type SurveyedSegment, surveyLog } from './survey.ts';
import { EmptyCache, readTreeCache, type TreeCache } from './tree-cache.ts';

/** A segment the log holds. `size` counts what it takes on the medium, in whole blocks. */
export interface HeldSegment {
  readonly segment: number;
  readonly size: number;
  /** Whether it may be given up for room; a segment that cannot be read may not. */
  readonly routine: boolean;
  readonly firstSequence: number;
  /** When it was last written to, milliseconds since the Unix epoch. */
  readonly modifiedAt: number;
}

/** Where the log goes on, and what was found to be wrong. */
export interface Recovered {
  readonly held: readonly HeldSegment[];
  readonly nextSegment: number;
  readonly nextSequence: number;
  readonly acts: readonly Act[];
  /** Every history of the log; the last one goes on, unless {@link Recovered.lost} says why it cannot. */
  readonly origins: readonly [Origin, ...Origin[]];
  readonly pieces: readonly TreePiece[];
  readonly lost: string;
}

/** What somebody remembers of the log besides its segments. */
export interface Remembered {
  readonly keyName: string;
  /** Heads that were signed or cosigned. The log must still hold what they cover. */
  readonly heads: readonly TreeHead[];
}

/**
 * Takes up the log after any kind of end. A torn tail is cut where it lies behind everything that was ever signed:
 * a power cut may leave any part of what was not yet on the medium. All else that is wrong stays as it is, and ends
 * the history: what follows can then only be proved under an origin of its own.
 */
export async function recover(files: SegmentFiles, remembered: Remembered): Promise<Recovered> {
  const surveyed = await surveyLog(files);
  const origins = originsOf(surveyed, remembered.keyName);
  const origin = origins.at(-1) ?? origins[0];
  const heads = remembered.heads.filter((head) => head.origin === origin.origin);
  const tail = await readTail(files, surveyed);
  const own = tail.segments.filter(({ segment }) => segment >= firstOf(surveyed, origin));

  async function gather(cache: TreeCache): Promise<Pick<Recovered, 'pieces' | 'lost'>> {
    const boundary = heads[0]?.size ?? 0;
    const from = { files, base: origin.base, segments: own, cache, boundary, tail: tail.scanned };
    const { pieces, problem } = await gatherTree(from);
    return { pieces, lost: problem || contradiction(pieces, heads) };
  }
  let { pieces, lost } = await gather(await readTreeCache(files, origin));
  if (lost !== '') ({ pieces, lost } = await gather(EmptyCache));
  const unknown = remembered.heads.find((head) => !origins.some((one) => one.origin === head.origin));
  if (unknown !== undefined) lost = `the history ${unknown.origin}, which was signed, is not in the log`;

  const nextSegment = (surveyed.at(-1)?.segment ?? 0) + 1;
  const end = origin.base + (pieces.at(-1)?.range.end ?? 0);
  if (lost === '') {
    await tail.cut();
    const held = tail.segments.map((one) => heldSegment(one, end));
    return { held, nextSegment, nextSequence: end, acts: tail.acts, origins, pieces, lost };
  }
  const signed = Math.max(0, ...heads.map(({ size }) => size));
  const nextSequence = await beyond(files, surveyed, origin.base + signed);
  const held = surveyed.map((one) => heldSegment(one, nextSequence));
  return { held, nextSegment, nextSequence, acts: await damages(files, own), origins, pieces, lost };
}

/** What of the heads the log does not bear out, or empty. */
function contradiction(pieces: readonly TreePiece[], heads: readonly TreeHead[]): string {
  const end = pieces.at(-1)?.range.end ?? 0;
  for (const { size, root, acts } of heads) {
    if (size > end) return `${size} records were signed and only ${end} are there`;
    const leaves = firstLeaves(pieces, size);
    // A head that no piece ends at is an older one; the newest is a boundary of the pieces.
    const found = leaves === undefined ? undefined : rangeRoot(leaves.range, sha256);
    if (found !== undefined && !sameHash(found, root)) {
      return `the first ${size} records are not those that were signed`;
    }
    const among = firstActs(pieces, size);
    if (acts !== undefined && among !== undefined && !sameActs(acts, actsHeadOf(among))) {
      return `the acts among the first ${size} records are not those that were signed`;
    }
  }
  return '';
}

/** What a checkpoint says of these acts. */
export function actsHeadOf(acts: CompactRange): ActsHead | undefined {
  const root = rangeRoot(acts, sha256);
  return root === undefined ? undefined : { count: acts.end, root };
}

interface Tail {
  /** The segments as they are after {@link Tail.cut}. */
  readonly segments: readonly SurveyedSegment[];
  readonly acts: readonly Act[];
  readonly scanned: Gathering['tail'];
  readonly cut: () => Promise<void>;
}

/**
 * The last segment up to its first bad byte; without a whole record it has nothing to keep. Readable records behind
 * a bad byte were never acknowledged, yet cutting keeps them aside: nothing is destroyed here.
 */
async function readTail(files: SegmentFiles, surveyed: readonly SurveyedSegment[]): Promise<Tail> {
  const last = surveyed.at(-1);
  const bytes = last === undefined ? undefined : await files.read(last.segment);
  if (last === undefined || bytes === undefined) {
    return { segments: [], acts: [], scanned: undefined, cut: async () => undefined };
  }
  const scan = scanSegment(bytes);
  const { records, validBytes, fault } = scan;
  const { segment } = last;
  const isEmpty = records.length === 0;
  const kept = isEmpty ? [] : [{ ...last, size: validBytes }];
  const torn: Act = { kind: 'tornTail', segment, bytes: bytes.length - validBytes };
  return {
    segments: [...surveyed.slice(0, -1), ...kept],
    acts: fault === undefined ? [] : [torn],
    scanned: { segment, scan: { ...scan, fault: undefined } },
    cut: async () => {
      if (fault?.kind === 'damage') {
        await files.replaceNote(CutFile, bytes.subarray(validBytes));
      }
      if (isEmpty) await files.remove(segment);
      // Also of a whole one: a killed process may have left it to the kernel, and it is about to be signed.
      else await files.cut(segment, validBytes);
    },
  };
}

/** Names the bad places of a log that cannot be proved on. */
async function damages(files: SegmentFiles, segments: readonly SurveyedSegment[]): Promise<Act[]> {
  const acts: Act[] = [];
  for (const { segment } of segments) {
    const { fault } = scanSegment(await files.read(segment));
    if (fault !== undefined) {
      acts.push({ kind: 'damage', segment, offset: fault.offset, problem: fault.problem });
    }
  }
  return acts;
}

/** Behind damage the records cannot be counted, so numbers go on above any that may have been used. */
async function beyond(
  files: SegmentFiles,
  segments: readonly SurveyedSegment[],
  signed: number,
): Promise<number> {
  const last = segments.at(-1);
  const first = Math.max(0, ...segments.map(({ header }) => header?.firstSequence ?? 0));
  if (last === undefined) return signed;
  const { records, fault } = scanSegment(await files.read(last.segment));
  const most = fault === undefined ? records.length : Math.ceil(last.size / SmallestRecord);
  return Math.max(signed, first + most);
}

function firstOf(segments: readonly SurveyedSegment[], { base }: Origin): number {
  return segments.find(({ begins }) => begins?.base === base)?.segment ?? 0;
}

function heldSegment({ segment, size, header, modifiedAt }: SurveyedSegment, end: number): HeldSegment {
  const firstSequence = header?.firstSequence ?? end;
  return { segment, size: blocks(size), routine: header?.routine === true, firstSequence, modifiedAt };
}

/** Bytes on the medium: files take whole blocks there, and many small ones would slip past a budget. */
export function blocks(bytes: number): number {
  return Math.ceil(bytes / BlockSize) * BlockSize;
}

/** What was readable behind the last torn place; only the last, so that power cuts cannot fill the disk. */
const CutFile = 'last.cut';

const BlockSize = 4096;
const SmallestRecord = 9;
