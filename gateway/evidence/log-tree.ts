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
  readonly add: (frames: readonly Uint8Array[]) => void;
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
  readonly durable: () => CompactRange;
  /** Those of segments that were left. */
  readonly pieces: () => readonly TreePiece[];
  /** Bytes of segments that were left since the pieces were saved. */
  readonly unsavedBytes: () => number;
  readonly saved: () => void;
}

export function createLogTree(first: Origin, known: readonly TreePiece[]): LogTree {
  let origin = first;
  let pieces = [...known];
  let before = pieces.reduce((range, piece) => mergeRanges(range, piece.range, sha256), emptyRange(0));
  let open = emptyRange(before.end);
  let durable = before;
  let lost = '';
  let unsaved = 0;

  return {
    origin: () => origin,
    add: (frames) => {
      for (const frame of frames) open = appendLeaf(open, frameHash(frame), sha256);
    },
    synced: () => {
      durable = mergeRanges(before, open, sha256);
    },
    leave: (segment, size) => {
      if (open.begin === open.end) return;
      pieces.push({ range: open, segment, size });
      unsaved += size;
      before = mergeRanges(before, open, sha256);
      open = emptyRange(before.end);
      durable = before;
    },
    lose: (why) => {
      lost = why;
    },
    lost: () => lost,
    begin: (next) => {
      origin = next;
      pieces = [];
      before = emptyRange(0);
      open = emptyRange(0);
      durable = before;
      lost = '';
    },
    giveUp: (segment) => {
      pieces = pieces.map((piece) => (piece.segment === segment ? { ...piece, segment: 0 } : piece));
    },
    size: () => open.end,
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
