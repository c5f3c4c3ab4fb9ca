import type { ActsHead } from '../../../rules/evidence/checkpoint.ts';
import {
  appendLeaf,
  type CompactRange,
  emptyRange,
  mergeRanges,
  rangeRoot,
  type Sha256,
} from '../../../rules/evidence/tree.ts';

/** One history of a log: the records from sequence `base` on are the leaves of one tree. */
export interface History {
  readonly origin: string;
  readonly base: number;
  /** The next leaf, if it comes next; what is left out before it is a hole. What is not routine is an act. */
  readonly add: (index: number, leaf: Uint8Array, routine: boolean) => void;
  /** Leaves that were given up, by the subtrees they were. */
  readonly fill: (range: CompactRange) => void;
  /** Leaves that are in no segment, as far as they were not filled. */
  readonly holes: () => readonly { readonly begin: number; readonly end: number }[];
  /** One more than the last leaf. */
  readonly size: () => number;
  /** The root of the first `size` leaves; undefined where a hole is in the way, or nobody said it would be asked for. */
  readonly root: (size: number) => Uint8Array | undefined;
  /** The acts that are there among the first `size` leaves. */
  readonly acts: (size: number) => ActsHead | undefined;
}

export interface HistorySpan {
  readonly origin: string;
  readonly base: number;
  /** Sequence at which the next history begins. */
  readonly next: number | undefined;
}

/** @param wanted sizes whose roots will be asked for */
export function createHistory(
  { origin, base, next }: HistorySpan,
  wanted: ReadonlySet<number>,
  sha256: Sha256,
): History {
  /** Leaves without a hole between them, with the ranges up to each size that is wanted. */
  const runs: { range: CompactRange; readonly marks: Map<number, CompactRange> }[] = [];
  let sorted = true;
  /** The acts so far, and those before each size that is wanted and reached. */
  let among = emptyRange(0);
  const reached = new Map<number, CompactRange>();
  const waiting = [...wanted].sort((one, other) => other - one);

  function add(index: number, leaf: Uint8Array, routine: boolean): void {
    for (let size = waiting.at(-1); size !== undefined && size <= index; size = waiting.at(-1)) {
      reached.set(size, among);
      waiting.pop();
    }
    if (!routine) among = appendLeaf(among, leaf, sha256);
    let run = runs.at(-1);
    if (run === undefined || run.range.end !== index) {
      run = { range: emptyRange(index), marks: new Map() };
      runs.push(run);
    }
    run.range = appendLeaf(run.range, leaf, sha256);
    if (wanted.has(index + 1)) run.marks.set(index + 1, run.range);
  }

  function fill(range: CompactRange): void {
    runs.push({ range, marks: new Map() });
    sorted = false;
  }

  function inOrder() {
    if (!sorted) runs.sort((one, other) => one.range.begin - other.range.begin);
    sorted = true;
    return runs;
  }

  function holes() {
    let end = 0;
    const found: { begin: number; end: number }[] = [];
    for (const { range } of inOrder()) {
      if (end < range.begin) found.push({ begin: end, end: range.begin });
      end = range.end;
    }
    if (next !== undefined && end < next - base) found.push({ begin: end, end: next - base });
    return found;
  }

  function root(size: number): Uint8Array | undefined {
    let known = emptyRange(0);
    for (const { range, marks } of inOrder()) {
      if (known.end >= size || range.begin !== known.end) break;
      const part = range.end <= size ? range : marks.get(size);
      if (part === undefined) return undefined;
      known = mergeRanges(known, part, sha256);
    }
    return known.end === size ? rangeRoot(known, sha256) : undefined;
  }

  function acts(size: number): ActsHead | undefined {
    const range = reached.get(size) ?? among;
    const root = rangeRoot(range, sha256);
    return root === undefined ? undefined : { count: range.end, root };
  }

  return { origin, base, acts, add, fill, holes, size: () => inOrder().at(-1)?.range.end ?? 0, root };
}
