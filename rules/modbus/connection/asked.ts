import type { DeviceState } from '../device/device-state.ts';
import { reads, writes, writtenTable, writtenWord } from '../message/access.ts';
import { firstGroup, groupFile, groupLength, groupRecord, nextGroup } from '../message/file-groups.ts';
import type { Request } from '../message/request.ts';
import type { ModbusProfile } from '../profile.ts';
import { type Refusal, RefusalValues } from './effect.ts';

/** The part of a record that says what was asked for. */
export type Asked = Pick<
  Refusal,
  'unit' | 'functionCode' | 'subFunction' | 'address' | 'quantity' | 'values' | 'read' | 'file' | 'before'
>;

/**
 * What a request asks for, decoded, and what was known to be where it writes. It may be one that breaks a
 * rule of the protocol: then it has the fields that could be read and no values.
 */
export function asked(request: Request, profile: ModbusProfile, device: DeviceState): Asked {
  const { unit, functionCode, subFunction, readAddress, readQuantity, writeAddress, writeQuantity } = request;
  const isWrite = writes(request);
  const isRead = reads(request);
  return {
    unit,
    functionCode,
    subFunction: subFunction < 0 ? undefined : subFunction,
    address: isWrite ? writeAddress : isRead ? readAddress : undefined,
    quantity: isWrite ? writeQuantity : isRead ? readQuantity : undefined,
    values: isWrite ? valuesOf(request) : [],
    read: isWrite && isRead ? { address: readAddress, quantity: readQuantity } : undefined,
    file: fileOf(request, profile),
    before: isWrite ? valuesBefore(request, device) : [],
  };
}

/** What is known of an ADU that is no request, or none that could be parsed. */
export function askedByHeader(unit: number, functionCode: number): Asked {
  return {
    unit,
    functionCode,
    subFunction: undefined,
    address: undefined,
    quantity: undefined,
    values: [],
    read: undefined,
    file: undefined,
    before: [],
  };
}

function valuesOf(request: Request): number[] {
  const { functionCode, dataStart, dataEnd, writeQuantity } = request;
  if (functionCode === 22) return [request.andMask, request.orMask];
  const bytes = dataEnd - dataStart;
  const there = functionCode === 15 ? 8 * bytes : bytes >>> 1;
  const count = Math.min(writeQuantity, there, RefusalValues);
  return Array.from({ length: count }, (_, index) => writtenWord(request, index));
}

function valuesBefore(request: Request, device: DeviceState): number[] {
  const values: number[] = [];
  const table = writtenTable(request);
  for (let index = 0; index < Math.min(request.writeQuantity, RefusalValues); index++) {
    const value = device.lastValue(request.unit, table, request.writeAddress + index);
    if (value < 0) break;
    values.push(value);
  }
  return values;
}

function fileOf(request: Request, profile: ModbusProfile): Refusal['file'] {
  const first = firstGroup(request);
  let group = first;
  while (group >= 0 && isCovered(request, group, profile)) group = nextGroup(request, group);
  const shown = group >= 0 ? group : first;
  if (shown < 0) return undefined;
  return {
    file: groupFile(request, shown),
    record: groupRecord(request, shown),
    length: groupLength(request, shown),
  };
}

function isCovered(request: Request, group: number, { permissions }: ModbusProfile): boolean {
  const file = groupFile(request, group);
  const record = groupRecord(request, group);
  const last = record + groupLength(request, group) - 1;
  return permissions.some(
    ({ functions, units, files }) =>
      functions.includes(request.functionCode) &&
      units.includes(request.unit) &&
      files.some(
        (range) =>
          range.firstFile <= file &&
          file <= range.lastFile &&
          range.firstRecord <= record &&
          last <= range.lastRecord,
      ),
  );
}
