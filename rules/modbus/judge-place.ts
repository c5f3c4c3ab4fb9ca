import type { AddressRange, FileRange, ModbusPermission } from '../policy.ts';
import type { Reason } from '../reason.ts';
import { reads, writes } from './access.ts';
import { firstGroup, groupFile, groupLength, groupRecord, nextGroup } from './file-groups.ts';
import { aduLength, isOpaqueRequest, type Request } from './request.ts';

/**
 * Why a permission that has the request's function, unit, sub-function and MEI type does not cover where it
 * reaches and how much; `undefined` when it does.
 */
export function judgePlace(permission: ModbusPermission, request: Request): Reason | undefined {
  if (writes(request)) return judgeWritten(permission, request);
  if (reads(request)) {
    const { readAddress, readQuantity } = request;
    if (!isInside(permission.addresses, readAddress, readQuantity)) return 'address-out-of-range';
    return readQuantity > quantityLimit(permission) ? 'quantity-out-of-range' : undefined;
  }
  if (firstGroup(request) >= 0) return judgeGroups(permission, request);
  if (!isOpaqueRequest(request)) return undefined;
  return aduLength(request) > permission.maxBytes ? 'size-out-of-range' : undefined;
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

/** Most of a quantity a permission permits. */
export function quantityLimit({ maxQuantity }: ModbusPermission): number {
  return maxQuantity === 0 ? Number.POSITIVE_INFINITY : maxQuantity;
}

/** Of function code 23 both halves are judged, each against ranges of its own. */
function judgeWritten(permission: ModbusPermission, request: Request): Reason | undefined {
  const { writeAddress, writeQuantity, readAddress, readQuantity } = request;
  if (reads(request) && !isInside(permission.readAddresses, readAddress, readQuantity)) {
    return 'address-out-of-range';
  }
  if (!isInside(permission.addresses, writeAddress, writeQuantity)) return 'address-out-of-range';
  const limit = quantityLimit(permission);
  return writeQuantity > limit || readQuantity > limit ? 'quantity-out-of-range' : undefined;
}

/** Every group lies inside some range; the quantity is that of all groups together. */
function judgeGroups(permission: ModbusPermission, request: Request): Reason | undefined {
  let quantity = 0;
  for (let group = firstGroup(request); group >= 0; group = nextGroup(request, group)) {
    if (!isGroupInside(permission.files, request, group)) return 'file-out-of-range';
    quantity += groupLength(request, group);
  }
  return quantity > quantityLimit(permission) ? 'quantity-out-of-range' : undefined;
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
