import type { Random } from '../../rules/modbus/fuzz/random.ts';

/** A part of a stream, bytes. */
export interface Piece {
  readonly at: number;
  readonly length: number;
}

/** A stream of so many bytes cut into segments of very different lengths, some of them out of order. */
export function piecesOf(random: Random, total: number): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < total; ) {
    const length = Math.min(total - at, random.between(1, random.pick([1, 20, 400])));
    pieces.push({ at, length });
    at += length;
  }
  for (let swap = 0; swap + 1 < pieces.length; swap++) {
    if (random.once(4)) pieces.splice(swap, 2, pieces[swap + 1]!, pieces[swap]!);
  }
  return pieces;
}
