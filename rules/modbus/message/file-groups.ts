import { byteAt, wordAt } from './adu.ts';
import type { Request } from './request.ts';

/**
 * The groups of Read and Write File Record (MAP V1.1b3 §6.14 and §6.15), without an object for any:
 *
 *     for (let group = firstGroup(request); group >= 0; group = nextGroup(request, group)) {
 *       … groupFile(request, group) …
 *     }
 *
 * A group is known by its place in the request's bytes; -1 is none.
 */
export function firstGroup(request: Request): number {
  return hasGroups(request.functionCode) && request.dataStart < request.dataEnd ? request.dataStart : -1;
}

/** The group behind this one, or -1. */
export function nextGroup(request: Request, group: number): number {
  const next = group + groupBytes(request.bytes, group, request.functionCode);
  return next < request.dataEnd ? next : -1;
}

/** 1 to 65535. */
export function groupFile(request: Request, group: number): number {
  return wordAt(request.bytes, group + 1);
}

/** First record, 0 to 9999. */
export function groupRecord(request: Request, group: number): number {
  return wordAt(request.bytes, group + 3);
}

/** Number of records, at least 1; the last one is at most 9999. */
export function groupLength(request: Request, group: number): number {
  return wordAt(request.bytes, group + 5);
}

/**
 * What is wrong with the groups in `bytes[start, end)` by the protocol. They must tile those bytes: a
 * length that reaches beyond is found before anything behind it is looked at, in arithmetic that does not
 * wrap (CVE-2022-20685 was a record length times two in 16 bits). Every group is looked at.
 */
export function groupsProblem(
  bytes: Uint8Array,
  start: number,
  end: number,
  functionCode: number,
): 'illegal-value' | 'illegal-address' | 'none' {
  let outside = false;
  let answerBytes = 0;
  for (let group = start; group < end; group += groupBytes(bytes, group, functionCode)) {
    const records = wordAt(bytes, group + 5);
    if (records === 0 || groupBytes(bytes, group, functionCode) > end - group) return 'illegal-value';
    outside ||= isOutside(bytes, group, records);
    answerBytes += 2 + 2 * records;
  }
  // What was asked for must fit an answer: function code, byte count, and a length and type in each group.
  if (functionCode === ReadFileRecord && answerBytes > MaxAnswerBytes) return 'illegal-value';
  return outside ? 'illegal-address' : 'none';
}

/**
 * Whether the groups in `bytes[start, end)` of a response are those that were asked for, in their order: a
 * length, the reference type, and the records (MAP V1.1b3 §6.14; its table has 7 as the smallest length, its
 * own example 5, and one record makes 3).
 */
export function groupsAnswered(bytes: Uint8Array, start: number, end: number, request: Request): boolean {
  let at = start;
  for (let group = firstGroup(request); group >= 0; group = nextGroup(request, group)) {
    const size = 1 + 2 * groupLength(request, group);
    if (byteAt(bytes, at) !== size || byteAt(bytes, at + 1) !== ReferenceType) return false;
    at += 1 + size;
  }
  return at === end;
}

function isOutside(bytes: Uint8Array, group: number, records: number): boolean {
  const record = wordAt(bytes, group + 3);
  return (
    byteAt(bytes, group) !== ReferenceType ||
    wordAt(bytes, group + 1) === 0 ||
    record + records > LastRecord + 1
  );
}

/** Of a read: reference type, file, record and length. A written group has its records behind that. */
function groupBytes(bytes: Uint8Array, group: number, functionCode: number): number {
  return functionCode === WriteFileRecord ? GroupHeader + 2 * wordAt(bytes, group + 5) : GroupHeader;
}

function hasGroups(functionCode: number): boolean {
  return functionCode === ReadFileRecord || functionCode === WriteFileRecord;
}

/** The only one there is. */
const ReferenceType = 6;
const ReadFileRecord = 20;
const WriteFileRecord = 21;
const GroupHeader = 7;
const LastRecord = 9999;
const MaxAnswerBytes = 251;
