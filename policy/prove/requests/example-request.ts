import { createRequest, type Request } from '../../../rules/modbus/message/request.ts';
import { fromRanges, least, meet, type Spans, without } from '../sets/spans.ts';
import { rangeIn } from './range-in.ts';
import { hasAddress, type RequestBox } from './request-box.ts';
import type { ValueSet } from './value-set.ts';

/**
 * One request of a box, the smallest at the lowest address; undefined where none was found, which of a box
 * without terms and doubts means that it is empty.
 */
export function exampleRequest(box: RequestBox): Request | undefined {
  const unit = least(box.unit);
  const sub = least(box.sub);
  if (unit === undefined || sub === undefined) return undefined;
  const request: Request = { ...createRequest(), unit, functionCode: box.functionCode };
  if (hasAddress(box)) return withAddresses(request, box);
  const data = dataOf(box, sub);
  if (data === undefined) return undefined;
  if (hasSub(box.functionCode)) request.subFunction = sub;
  return withData(request, data);
}

/** A request with the words it carries, in the order they are sent. */
export function withWords(request: Request, words: readonly number[]): Request {
  return withData(
    request,
    words.flatMap((word) => [word >>> 8, word & 0xff]),
  );
}

/** The registers of a value, in the order they are sent. */
export function wordsOf({ width, wordsLittle, bytesLittle }: ValueSet, pattern: bigint): readonly number[] {
  const words = Array.from({ length: width }, (_, at) => {
    const word = Number((pattern >> BigInt(16 * (width - 1 - at))) & 0xffffn);
    return bytesLittle ? ((word & 0xff) << 8) | (word >>> 8) : word;
  });
  return wordsLittle ? words.reverse() : words;
}

function withAddresses(request: Request, box: RequestBox): Request | undefined {
  // Each of them needs a value of its own where none breaks all.
  const most = box.notEvery.length < 2 || commonValues(box).length > 0 ? 1 : box.notEvery.length;
  const quantity = meet(box.quantity, fromRanges([{ first: most * box.width, last: 0xffff }]));
  const range = rangeIn({ ...box, quantity }, box.width, box.phase);
  if (range === undefined) return undefined;
  if (isRead(box.functionCode))
    return { ...request, readAddress: range.address, readQuantity: range.quantity };
  const read = rangeIn({ first: box.readFirst, last: box.readLast, quantity: box.readQuantity }, 1, 0);
  if (box.functionCode === ReadWrite && read === undefined) return undefined;
  const values = valuesFor(box, range.quantity / box.width);
  if (values === undefined) return undefined;
  const into: Request = { ...request, writeAddress: range.address, writeQuantity: range.quantity };
  if (box.functionCode === ReadWrite && read !== undefined) {
    into.readAddress = read.address;
    into.readQuantity = read.quantity;
  }
  return withValues(into, values);
}

function withValues(request: Request, words: readonly number[]): Request {
  const [first = 0] = words;
  switch (request.functionCode) {
    case 5:
      return withWords(request, [first === 0 ? 0 : 0xff00]);
    case 15: {
      const bytes = new Array<number>(Math.ceil(words.length / 8)).fill(0);
      for (const [at, word] of words.entries())
        if (word !== 0) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
      return withData(request, bytes);
    }
    case MaskWrite:
      return { ...request, andMask: 0, orMask: first };
    default:
      return withWords(request, words);
  }
}

/** The words of so many values; the first ones are those that break what not every value may be. */
function valuesFor(box: RequestBox, count: number): readonly number[] | undefined {
  const { every, notEvery } = box;
  if (every === undefined) return new Array<number>(count * box.width).fill(0);
  const common = least(commonValues(box));
  const plain = common ?? least(every.patterns);
  if (plain === undefined) return undefined;
  const breaking =
    common === undefined ? notEvery.map((set) => least(without(every.patterns, set.patterns))) : [];
  if (breaking.length > count || breaking.includes(undefined)) return undefined;
  return Array.from({ length: count }, (_, at) => wordsOf(every, breaking[at] ?? plain)).flat();
}

/** Values that are in none of those that not every value may be in. */
function commonValues({ every, notEvery }: RequestBox): Spans<bigint> {
  return notEvery.reduce((left, set) => without(left, set.patterns), every?.patterns ?? []);
}

/** What follows the fields of a function that has no address. */
function dataOf(
  { functionCode, files, quantity, size }: RequestBox,
  sub: number,
): readonly number[] | undefined {
  switch (functionCode) {
    case 7:
    case 11:
    case 12:
    case 17:
      return [];
    case 8:
      return [0, 0];
    case 20:
    case 21:
      return groupsOf(functionCode, files, least(quantity) ?? 1);
    case 43:
      // Basic device identification from the first object on (MAP V1.1b3 §6.21).
      return sub === 14 ? [1, 0] : zeroes((least(size) ?? 0) - 9);
    case 90:
      return [0, sub, ...zeroes((least(size) ?? 0) - 10)];
    default:
      return zeroes((least(size) ?? 0) - 8);
  }
}

/** So many records of the first file there is, in groups as long as its range. */
function groupsOf(
  functionCode: number,
  [range]: RequestBox['files'],
  records: number,
): readonly number[] | undefined {
  if (range === undefined) return undefined;
  const { firstFile, firstRecord, lastRecord } = range;
  const data: number[] = [];
  for (let left = records; left > 0; ) {
    const length = Math.min(left, lastRecord - firstRecord + 1);
    const header = [firstFile, firstRecord, length].flatMap((word) => [word >> 8, word & 0xff]);
    data.push(6, ...header, ...(functionCode === 20 ? [] : zeroes(2 * length)));
    left -= length;
  }
  return data;
}

function zeroes(count: number): readonly number[] {
  return new Array<number>(Math.max(0, count)).fill(0);
}

function withData(request: Request, data: readonly number[]): Request {
  const bytes = Uint8Array.from(data);
  return { ...request, bytes, dataStart: 0, dataEnd: bytes.length };
}

function isRead(code: number): boolean {
  return code <= 4 || code === 24;
}

function hasSub(code: number): boolean {
  return code === 8 || code === 43 || code === 90;
}

const MaskWrite = 22;
const ReadWrite = 23;
