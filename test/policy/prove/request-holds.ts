import type { RequestBox } from '../../../policy/prove/requests/request-box.ts';
import type { ValueSet } from '../../../policy/prove/requests/value-set.ts';
import { has, type Spans } from '../../../policy/prove/sets/spans.ts';
import { writtenWord } from '../../../rules/modbus/message/access.ts';
import {
  firstGroup,
  groupFile,
  groupLength,
  groupRecord,
  nextGroup,
} from '../../../rules/modbus/message/file-groups.ts';
import { aduLength, type Request } from '../../../rules/modbus/message/request.ts';

/** Whether a request is in a box, looked up side by side and value by value; terms count as fulfilled. */
export function holds(box: RequestBox, request: Request): boolean {
  const { functionCode: code } = request;
  if (box.functionCode !== code || !has(box.unit, request.unit)) return false;
  if (code === 20 || code === 21) return holdsGroups(box, request);
  const writes = request.writeQuantity > 0;
  const address = writes ? request.writeAddress : request.readAddress;
  const quantity = writes ? request.writeQuantity : request.readQuantity;
  if (quantity > 0) {
    if (!isWithin(box.first, box.last, box.quantity, address, quantity)) return false;
    if ((address - box.phase) % box.width !== 0 || quantity % box.width !== 0) return false;
  } else if (!has(box.sub, Math.max(0, request.subFunction))) return false;
  if (
    code === 23 &&
    !isWithin(box.readFirst, box.readLast, box.readQuantity, request.readAddress, request.readQuantity)
  )
    return false;
  const isSized = !has(box.size, 0);
  if (isSized && !has(box.size, aduLength(request))) return false;
  return !writes || (all(box, box.every, request) && box.notEvery.every((set) => !all(box, set, request)));
}

function isWithin(first: Spans, last: Spans, quantities: Spans, address: number, quantity: number): boolean {
  return has(first, address) && has(last, address + quantity - 1) && has(quantities, quantity);
}

function holdsGroups({ files, quantity }: RequestBox, request: Request): boolean {
  let sum = 0;
  for (let group = firstGroup(request); group >= 0; group = nextGroup(request, group)) {
    const [file, record, length] = [
      groupFile(request, group),
      groupRecord(request, group),
      groupLength(request, group),
    ];
    sum += length;
    const isIn = files.some(
      (each) =>
        each.firstFile <= file &&
        file <= each.lastFile &&
        each.firstRecord <= record &&
        record + length - 1 <= each.lastRecord,
    );
    if (!isIn) return false;
  }
  return has(quantity, sum);
}

function all(box: RequestBox, set: ValueSet | undefined, request: Request): boolean {
  if (set === undefined) return true;
  if (request.functionCode === 22) return left(request).every((word) => has(set.patterns, BigInt(word)));
  for (let at = 0; at < request.writeQuantity; at += box.width) {
    const words = Array.from({ length: box.width }, (_, part) => writtenWord(request, at + part));
    if (!has(set.patterns, patternOf(set, words))) return false;
  }
  return true;
}

/** Everything a mask write can leave. */
function left({ andMask, orMask }: Request): number[] {
  const results = new Set<number>();
  for (let free = andMask; ; free = (free - 1) & andMask) {
    results.add(free | (orMask & ~andMask & 0xffff));
    if (free === 0) return [...results];
  }
}

export function patternOf(
  { wordsLittle, bytesLittle }: Pick<ValueSet, 'wordsLittle' | 'bytesLittle'>,
  sent: readonly number[],
): bigint {
  const words = wordsLittle ? sent.toReversed() : sent;
  return words.reduce((value, word) => {
    const ordered = bytesLittle ? ((word & 0xff) << 8) | (word >>> 8) : word;
    return (value << 16n) | BigInt(ordered);
  }, 0n);
}
