import type { Reason } from '../../reason.ts';
import { reads, writes } from '../message/access.ts';
import { firstGroup, groupFile, groupLength, groupRecord, nextGroup } from '../message/file-groups.ts';
import { aduLength, isOpaqueRequest, type Request } from '../message/request.ts';
import type { AddressRange, FileRange } from '../profile.ts';
import type { Candidate } from './candidate.ts';

/**
 * Why a permission that has the request's function, unit, sub-function and MEI type does not cover where it
 * reaches and how much; `undefined` when it does.
 */
export function judgePlace(candidate: Candidate, request: Request): Reason | undefined {
  if (writes(request)) return judgeWritten(candidate, request);
  if (reads(request)) {
    const { readAddress, readQuantity } = request;
    if (!isAddressed(candidate, readAddress, readQuantity)) return 'address-out-of-range';
    return readQuantity > candidate.maxQuantity ? 'quantity-out-of-range' : undefined;
  }
  if (firstGroup(request) >= 0) return judgeGroups(candidate, request);
  if (!isOpaqueRequest(request)) return undefined;
  return aduLength(request) > candidate.permission.maxBytes ? 'size-out-of-range' : undefined;
}

/** Whether a range covers all of what is read or written. Ranges that touch do not add up to one. */
export function covers({ first, last }: AddressRange, address: number, quantity: number): boolean {
  return address >= first && address + quantity - 1 <= last;
}

/** Whether a range of file records covers all of a group. */
export function coversGroup(range: FileRange, request: Request, group: number): boolean {
  const file = groupFile(request, group);
  const record = groupRecord(request, group);
  return (
    file >= range.firstFile &&
    file <= range.lastFile &&
    record >= range.firstRecord &&
    record + groupLength(request, group) - 1 <= range.lastRecord
  );
}

/** Of function code 23 both halves are judged, each against ranges of its own. */
function judgeWritten(candidate: Candidate, request: Request): Reason | undefined {
  const { writeAddress, writeQuantity, readAddress, readQuantity } = request;
  if (reads(request) && !isInside(candidate.permission.readAddresses, readAddress, readQuantity)) {
    return 'address-out-of-range';
  }
  if (!isAddressed(candidate, writeAddress, writeQuantity)) return 'address-out-of-range';
  const { maxQuantity } = candidate;
  return writeQuantity > maxQuantity || readQuantity > maxQuantity ? 'quantity-out-of-range' : undefined;
}

/** Every group lies inside some range; the quantity is that of all groups together. */
function judgeGroups({ permission, maxQuantity }: Candidate, request: Request): Reason | undefined {
  let quantity = 0;
  for (let group = firstGroup(request); group >= 0; group = nextGroup(request, group)) {
    if (!isGroupInside(permission.files, request, group)) return 'file-out-of-range';
    quantity += groupLength(request, group);
  }
  return quantity > maxQuantity ? 'quantity-out-of-range' : undefined;
}

function isAddressed(candidate: Candidate, address: number, quantity: number): boolean {
  const { firstAddress, lastAddress } = candidate;
  if (lastAddress < 0) return isInside(candidate.permission.addresses, address, quantity);
  return address >= firstAddress && address + quantity - 1 <= lastAddress;
}

function isInside(ranges: readonly AddressRange[], address: number, quantity: number): boolean {
  for (let index = 0; index < ranges.length; index++) {
    const range = ranges[index];
    if (range !== undefined && covers(range, address, quantity)) return true;
  }
  return false;
}

function isGroupInside(ranges: readonly FileRange[], request: Request, group: number): boolean {
  for (let index = 0; index < ranges.length; index++) {
    const range = ranges[index];
    if (range !== undefined && coversGroup(range, request, group)) return true;
  }
  return false;
}
