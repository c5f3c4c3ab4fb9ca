import {
  appendLeaf,
  type CompactRange,
  emptyRange,
  leafHash,
  mergeRanges,
} from '../../rules/evidence/tree.ts';
import { sha256 } from './sha256.ts';

/** Records of the tree that lie in one segment, or lay in segments that were given up. */
export interface TreePiece {
  readonly range: CompactRange;
  /** Its acts, as leaves of the tree over the acts alone; none where its records are routine. */
  readonly acts: CompactRange;
  /** 0 where they were given up. */
  readonly segment: number;
  /** Bytes of the segment's file when it was left. */
  readonly size: number;
}

/** One history of the log: its records from sequence `base` on are the leaves of one tree. */
export interface Origin {
  readonly origin: string;
  readonly base: number;
}

/** The tree of the log while it is written: what its writer did is told here, in order. */
export interface LogTree {
  readonly origin: () => Origin;
  readonly add: (frames: readonly Uint8Array[], routine: boolean) => void;
  /** All that was added is on the medium. */
  readonly synced: () => void;
  /** The segment that was written is left, whole and on the medium. */
  readonly leave: (segment: number, size: number) => void;
  /** What was added is in doubt, so that no more can be signed of this origin. */
  readonly lose: (why: string) => void;
  /** Why, or empty. */
  readonly lost: () => string;
  readonly begin: (origin: Origin) => void;
  readonly giveUp: (segment: number) => void;
  readonly size: () => number;
  /** The leaves that are on the medium: all that may be signed. */
  readonly durable: () => Leaves;
  /** Those of segments that were left. */
  readonly pieces: () => readonly TreePiece[];
  /** Bytes of segments that were left since the pieces were saved. */
  readonly unsavedBytes: () => number;
  readonly saved: () => void;
}

/** The first leaves of a history, and the acts among them. */
export type Leaves = Pick<TreePiece, 'range' | 'acts'>;

/** What comes before the first record. */
export const NoLeaves: Leaves = { range: emptyRange(0), acts: emptyRange(0) };

export function joinLeaves(left: Leaves, right: Leaves): Leaves {
  return {
    range: mergeRanges(left.range, right.range, sha256),
    acts: mergeRanges(left.acts, right.acts, sha256),
  };
}

/** No leaves, after these. */
function after({ range, acts }: Leaves): Leaves {
  return { range: emptyRange(range.end), acts: emptyRange(acts.end) };
}

/** These leaves and one more, given by its hash. */
export function withLeaf({ range, acts }: Leaves, hash: Uint8Array, routine: boolean): Leaves {
  return {
    range: appendLeaf(range, hash, sha256),
    acts: routine ? acts : appendLeaf(acts, hash, sha256),
  };
}

export function createLogTree(first: Origin, known: readonly TreePiece[]): LogTree {
  let origin = first;
  let pieces = [...known];
  let before = pieces.reduce(joinLeaves, NoLeaves);
  let open = after(before);
  let durable = before;
  let lost = '';
  let unsaved = 0;

  return {
    origin: () => origin,
    add: (frames, routine) => {
      for (const frame of frames) open = withLeaf(open, frameHash(frame), routine);
    },
    synced: () => {
      durable = joinLeaves(before, open);
    },
    leave: (segment, size) => {
      if (open.range.begin === open.range.end) return;
      pieces.push({ ...open, segment, size });
      unsaved += size;
      before = joinLeaves(before, open);
      open = after(before);
      durable = before;
    },
    lose: (why) => {
      lost = why;
    },
    lost: () => lost,
    begin: (next) => {
      origin = next;
      pieces = [];
      before = NoLeaves;
      open = NoLeaves;
      durable = before;
      lost = '';
    },
    giveUp: (segment) => {
      pieces = pieces.map((piece) => (piece.segment === segment ? { ...piece, segment: 0 } : piece));
    },
    size: () => open.range.end,
    durable: () => durable,
    pieces: () => pieces,
    unsavedBytes: () => unsaved,
    saved: () => {
      unsaved = 0;
    },
  };
}

/** The leaf hash of a framed record: of its type and payload, without length and checksum. */
export function frameHash(frame: Uint8Array): Uint8Array {
  return leafHash(frame.subarray(4, frame.length - 4), sha256);
}
