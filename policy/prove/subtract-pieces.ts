import type { AccessPiece, PieceDoubt, Requests } from './access.ts';
import { splitPackets } from './packet-box.ts';
import { type RequestBox, subtractBox } from './requests/request-box.ts';

/**
 * What is left of a piece without all of the others together: never less than that. `modes` are those that
 * both sides know.
 */
export function subtractPieces(
  whole: AccessPiece,
  taken: readonly AccessPiece[],
  modes: ReadonlySet<string>,
): readonly AccessPiece[] {
  const conditions = new Map(taken.map((piece) => [piece, conditionDoubts(whole, piece, modes)]));
  // What takes a part away altogether comes before what only puts it in doubt.
  const inOrder = taken.toSorted(
    (a, b) => (conditions.get(a)?.length ?? 0) - (conditions.get(b)?.length ?? 0) || rank(a) - rank(b),
  );
  let left: readonly AccessPiece[] = [whole];
  for (const piece of inOrder) {
    left = left.flatMap((part) => subtractPiece(part, piece, conditions.get(piece) ?? []));
    if (left.length === 0) break;
  }
  return left;
}

function subtractPiece(
  part: AccessPiece,
  taken: AccessPiece,
  conditions: readonly PieceDoubt[],
): readonly AccessPiece[] {
  const { outside, inside } = splitPackets(part.packets, taken.packets);
  if (inside === undefined) return [part];
  const rest = afterRequests(part, taken.requests, conditions);
  // Nothing was taken: the part stays in one piece.
  if (rest === part) return [part];
  return [
    ...outside.map((packets) => ({ ...part, packets })),
    ...(rest === undefined ? [] : [{ ...rest, packets: inside }]),
  ];
}

/** What may still be said where the packets are the same; undefined for nothing. */
function afterRequests(
  part: AccessPiece,
  taken: Requests,
  conditions: readonly PieceDoubt[],
): AccessPiece | undefined {
  const { requests } = part;
  const doubt = saysLess(taken, requests);
  if (doubt !== undefined) return withDoubts(part, [...conditions, doubt]);
  const left = typeof requests === 'string' || typeof taken === 'string' ? Nothing : rest(requests, taken);
  if (conditions.length > 0) return left === requests ? part : withDoubts(part, conditions);
  if (left === requests) return part;
  return left.length === 0 ? undefined : { ...part, requests: left };
}

/** Why a kind of saying cannot take the other one away, or undefined where it may. */
function saysLess(taken: Requests, whole: Requests): PieceDoubt | undefined {
  if (taken === 'anything' || whole === taken) return undefined;
  if (whole === 'anything') return 'inspection';
  return whole === 'any-request' ? 'profile' : undefined;
}

/** The boxes of a list without those of another: worked out once, since flows share profiles. */
function rest(whole: readonly RequestBox[], taken: readonly RequestBox[]): readonly RequestBox[] {
  if (whole === taken) return Nothing;
  const known = differences.get(whole)?.get(taken);
  if (known !== undefined) return known;
  let left = whole;
  for (const box of taken) {
    const next = left.flatMap((part) => subtractBox(part, box));
    const isSame = next.length === left.length && next.every((each, at) => each === left[at]);
    if (isSame) continue;
    left = next;
    // Cut into more parts than anyone would read, the rest stays as it is: never less than what is left.
    if (left.length > MostParts) {
      left = left.map((each) => ({ ...each, doubts: [...each.doubts, 'parts'] }));
      break;
    }
  }
  const ofWhole = differences.get(whole) ?? new WeakMap<readonly RequestBox[], readonly RequestBox[]>();
  ofWhole.set(taken, left);
  differences.set(whole, ofWhole);
  return left;
}

function conditionDoubts(
  whole: AccessPiece,
  taken: AccessPiece,
  modes: ReadonlySet<string>,
): readonly PieceDoubt[] {
  const isAlways = taken.when.every((condition) => whole.when.includes(condition));
  const isInMode = whole.modes.every((mode) => !modes.has(mode) || taken.modes.includes(mode));
  return [...(isAlways ? [] : (['when'] as const)), ...(isInMode ? [] : (['mode'] as const))];
}

function withDoubts(piece: AccessPiece, doubts: readonly PieceDoubt[]): AccessPiece {
  return { ...piece, doubts: [...new Set([...piece.doubts, ...doubts])] };
}

/** What takes most comes first. */
function rank({ requests }: AccessPiece): number {
  return requests === 'anything' ? 0 : requests === 'any-request' ? 1 : 2;
}

const Nothing: readonly RequestBox[] = [];
const MostParts = 4096;
const differences = new WeakMap<
  readonly RequestBox[],
  WeakMap<readonly RequestBox[], readonly RequestBox[]>
>();
