import { BroadcastUnit, mayBroadcast, reads, writes } from '../message/access.ts';
import { firstGroup, groupFile, groupLength, groupRecord, nextGroup } from '../message/file-groups.ts';
import { EncapsulatedTransport } from '../message/function-code.ts';
import type { Request } from '../message/request.ts';
import type { AddressRange, FileRange, ModbusDevice } from '../profile.ts';
import type { Alternative } from './alternative.ts';
import type { Candidate } from './candidate.ts';
import { covers, coversGroup } from './judge-place.ts';
import type { PermissionIndex } from './permission-index.ts';

/** The functions this unit has, where it does not have the request's. */
export function nearestFunctions(index: PermissionIndex, { unit }: Request): Alternative {
  const ofUnit = index.all.filter(({ permission }) => permission.units.includes(unit));
  return { kind: 'functions', functionCodes: ascending(ofUnit.flatMap((each) => each.permission.functions)) };
}

/** The units this function has, where it does not have the request's. */
export function nearestUnits(
  index: PermissionIndex,
  request: Request,
  device: ModbusDevice['kind'],
): Alternative {
  const units = index.forFunction(request.functionCode).flatMap(({ permission }) => permission.units);
  const mayAim = device === 'direct' || mayBroadcast(request);
  return { kind: 'units', units: ascending(units.filter((unit) => mayAim || unit !== BroadcastUnit)) };
}

export function nearestSubFunctions(index: PermissionIndex, request: Request): Alternative {
  const { functionCode: code } = request;
  const all = ofUnit(index, request).flatMap(({ permission }) =>
    code === EncapsulatedTransport ? permission.mei : permission.subFunctions,
  );
  return { kind: 'sub-functions', subFunctions: ascending(all) };
}

/** Of function code 23 the write half first: only where some permission has that does the other one matter. */
export function nearestPlace(index: PermissionIndex, request: Request): Alternative | undefined {
  const all = ofUnit(index, request);
  const { readAddress, readQuantity, writeAddress, writeQuantity } = request;
  if (!writes(request)) return nearestRange('read', all.flatMap(addressesOf), readAddress, readQuantity);
  const writable = all.filter((each) =>
    addressesOf(each).some((range) => covers(range, writeAddress, writeQuantity)),
  );
  if (writable.length === 0 || !reads(request)) {
    return nearestRange('write', all.flatMap(addressesOf), writeAddress, writeQuantity);
  }
  const readable = writable.flatMap(({ permission }) => permission.readAddresses);
  return nearestRange('read', readable, readAddress, readQuantity);
}

/** For the first group that none of the permissions covers. */
export function nearestRecords(index: PermissionIndex, request: Request): Alternative | undefined {
  const ranges = ofUnit(index, request).flatMap(({ permission }) => permission.files);
  for (let group = firstGroup(request); group >= 0; group = nextGroup(request, group)) {
    if (ranges.some((range) => coversGroup(range, request, group))) continue;
    const range = least(ranges, (each) => recordsApart(each, request, group));
    return range && { kind: 'records', range };
  }
  return undefined;
}

export function nearestQuantity({ permission }: Candidate): Alternative {
  return { kind: 'quantity', max: permission.maxQuantity };
}

export function nearestSize(index: PermissionIndex, request: Request): Alternative {
  const choice = index.choice(request);
  const all = choice === undefined ? [] : [choice.first, ...choice.others];
  return { kind: 'bytes', max: Math.max(0, ...all.map(({ permission }) => permission.maxBytes)) };
}

function ofUnit(index: PermissionIndex, { functionCode, unit }: Request): readonly Candidate[] {
  return index.forUnit(functionCode, unit);
}

function addressesOf({ permission }: Candidate): readonly AddressRange[] {
  return permission.addresses;
}

function nearestRange(
  half: 'read' | 'write',
  ranges: readonly AddressRange[],
  address: number,
  quantity: number,
): Alternative | undefined {
  const range = least(ranges, (each) => apart(each.first, each.last, address, quantity));
  return range && { kind: 'addresses', half, range };
}

function recordsApart(range: FileRange, request: Request, group: number): number {
  const files = apart(range.firstFile, range.lastFile, groupFile(request, group), 1);
  const records = apart(
    range.firstRecord,
    range.lastRecord,
    groupRecord(request, group),
    groupLength(request, group),
  );
  return files * 10_000 + records;
}

/** How far a run of places sticks out of a range, on both sides. */
function apart(first: number, last: number, from: number, quantity: number): number {
  return Math.max(0, first - from) + Math.max(0, from + quantity - 1 - last);
}

/** The first of those with the smallest measure. */
function least<Item>(items: readonly Item[], measure: (item: Item) => number): Item | undefined {
  let best: Item | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const size = measure(item);
    if (size >= smallest) continue;
    best = item;
    smallest = size;
  }
  return best;
}

function ascending(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
