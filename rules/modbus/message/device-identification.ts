import { byteAt } from './adu.ts';
import type { Request } from './request.ts';

/** Where, behind the MEI type of a response, the number of objects is (MAP V1.1b3 §6.21). */
export const ObjectCount = 4;

/**
 * What is wrong with the answer in `bytes[start, end)`, from the code on, to a Read Device Identification:
 * `count` where nothing but the number of objects is, as in the specification's own example.
 */
export function deviceIdProblem(
  bytes: Uint8Array,
  start: number,
  end: number,
  request: Request,
): 'none' | 'count' | 'form' {
  const code = byteAt(request.bytes, request.dataStart);
  const objects = listedObjects(bytes, start, end);
  if (objects < 0 || byteAt(bytes, start) !== code) return 'form';
  if (!isConformity(byteAt(bytes, start + 1))) return 'form';
  const more = byteAt(bytes, start + 2);
  const next = byteAt(bytes, start + 3);
  if (more === 0 ? next !== 0 : more !== MoreFollows) return 'form';
  if (code === OneObject) {
    const asked = byteAt(request.bytes, request.dataStart + 1);
    if (more !== 0 || objects !== 1 || byteAt(bytes, start + Objects) !== asked) return 'form';
  }
  return byteAt(bytes, start + ObjectCount) === objects ? 'none' : 'count';
}

/** How many objects tile the bytes behind the count, or -1 where they do not. */
export function listedObjects(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start + Objects;
  // An object is an identifier, a length, and as many bytes.
  for (; at + 2 <= end; at += 2 + byteAt(bytes, at + 1)) count++;
  return at === end ? count : -1;
}

/** Basic, regular or extended; with the top bit, single objects can be asked for as well. */
function isConformity(level: number): boolean {
  return (level & 0x7f) >= 1 && (level & 0x7f) <= 3;
}

const Objects = 5;
const OneObject = 4;
const MoreFollows = 0xff;
