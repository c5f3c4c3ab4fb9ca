import { functionCode, isOpaque } from '../../../rules/modbus/message/function-code.ts';
import { aduLength, type Request } from '../../../rules/modbus/message/request.ts';
import type {
  AddressRange,
  ModbusPermission,
  ModbusProfile,
  ValueRule,
} from '../../../rules/modbus/profile.ts';
import type { Reason } from '../../../rules/reason.ts';

/** What a profile says to a request, for all that needs no knowledge of the server. */
export interface NaiveVerdict {
  readonly reason: Reason | 'allow';
  /** Of the permission that allowed or came closest. */
  readonly index: number | undefined;
}

/**
 * The decision written the slow way round to check the quick one: every permission is looked at, address by
 * address and value by value, and nothing is shared with the code that decides.
 */
export function naiveVerdict(profile: ModbusProfile, request: Request): NaiveVerdict {
  const judged = profile.permissions.map((permission, index) => ({
    index,
    reason: judgedBy(permission, request),
  }));
  const best = Order.findLast((reason) => judged.some((each) => each.reason === reason)) ?? Order[0];
  const closest = judged.find((each) => each.reason === best);
  const [reason] = best.split('/') as [Reason | 'allow'];
  return { reason, index: reason === 'fc-not-allowed' ? undefined : closest?.index };
}

/** Furthest first. What begins outside a permission is further from it than what ends outside. */
const Order = [
  'fc-not-allowed',
  'unit-not-allowed',
  'sub-function-not-allowed',
  'address-out-of-range/all',
  'file-out-of-range/all',
  'address-out-of-range',
  'file-out-of-range',
  'quantity-out-of-range',
  'size-out-of-range',
  'torn-write',
  'value-out-of-range',
  'allow',
] as const;

function judgedBy(permission: ModbusPermission, request: Request): (typeof Order)[number] {
  const { functionCode: code, unit, subFunction } = request;
  if (!permission.functions.includes(code)) return 'fc-not-allowed';
  if (!permission.units.includes(unit)) return 'unit-not-allowed';
  if (code === 8 || code === 90) {
    if (!permission.subFunctions.includes(subFunction)) return 'sub-function-not-allowed';
  }
  if (code === 43 && !permission.mei.includes(subFunction)) return 'sub-function-not-allowed';
  if (isOpaque(code) || (code === 43 && subFunction !== 14)) {
    return aduLength(request) <= permission.maxBytes ? 'allow' : 'size-out-of-range';
  }
  if (code === 20 || code === 21) return judgedFiles(permission, request);
  const data = functionCode(code)?.data;
  return data === 'none' ? 'allow' : judgedTable(permission, request);
}

function judgedTable(permission: ModbusPermission, request: Request): (typeof Order)[number] {
  const { readAddress, readQuantity, writeAddress, writeQuantity } = request;
  const most = permission.maxQuantity || 65_536;
  const isWrite = writeQuantity > 0;
  const [address, quantity] = isWrite ? [writeAddress, writeQuantity] : [readAddress, readQuantity];
  if (!permission.addresses.some((each) => has(each, address))) return 'address-out-of-range/all';
  const around = permission.addresses.filter((each) => hasAll(each, address, quantity));
  if (around.length === 0) return 'address-out-of-range';
  if (isWrite && readQuantity > 0) {
    if (!permission.readAddresses.some((each) => hasAll(each, readAddress, readQuantity))) {
      return 'address-out-of-range';
    }
  }
  if (Math.max(readQuantity, writeQuantity) > most) return 'quantity-out-of-range';
  return isWrite ? judgedValues(permission.values, around, request) : 'allow';
}

function judgedValues(
  values: readonly ValueRule[],
  around: readonly AddressRange[],
  request: Request,
): (typeof Order)[number] {
  const { functionCode: code, writeAddress, writeQuantity } = request;
  const isCoils = code === 5 || code === 15;
  const width = Math.max(1, ...values.map(({ type }) => Widths[type]));
  if (width > 1) {
    const isWhole = around.some(
      ({ first }) => (writeAddress - first) % width === 0 && writeQuantity % width === 0,
    );
    if (isCoils || code === 22 || !isWhole) return 'torn-write';
  }
  for (let index = 0; index < writeQuantity; index += width) {
    const lefts = code === 22 ? everyLeft(request) : [wordsAt(request, index, width)];
    const pass = lefts.every((words) => values.every((rule) => permits(rule, words, isCoils)));
    if (!pass) return 'value-out-of-range';
  }
  return 'allow';
}

function permits(rule: ValueRule, words: readonly number[], isCoil: boolean): boolean {
  if (rule.min === undefined && rule.max === undefined && rule.allowed.length === 0) return true;
  const value = valueIn(isCoil ? { ...rule, bytes: 'big' } : rule, words);
  if (typeof value === 'number' && !Number.isFinite(value)) return false;
  const bound = (at: number): number => (rule.type === 'f32' ? Math.fround(at) : at);
  if (rule.min !== undefined && value < bound(rule.min)) return false;
  if (rule.max !== undefined && value > bound(rule.max)) return false;
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number are equal when they are the same number
  return rule.allowed.length === 0 || rule.allowed.some((each) => value == bound(each));
}

function valueIn({ type, words, bytes, bits }: ValueRule, sent: readonly number[]): number | bigint {
  const ordered = words === 'big' ? sent : sent.toReversed();
  const view = new DataView(new ArrayBuffer(8));
  for (const [index, word] of ordered.entries()) view.setUint16(2 * index, word, bytes === 'little');
  if (type === 'u16' || type === 'u32') {
    const whole = type === 'u16' ? view.getUint16(0) : view.getUint32(0);
    if (bits === undefined) return whole;
    return Math.floor(whole / 2 ** bits.first) % 2 ** (bits.last - bits.first + 1);
  }
  if (type === 's16') return view.getInt16(0);
  if (type === 's32') return view.getInt32(0);
  if (type === 'f32') return view.getFloat32(0);
  return type === 'u64' ? view.getBigUint64(0) : view.getFloat64(0);
}

function judgedFiles(permission: ModbusPermission, request: Request): (typeof Order)[number] {
  const groups = groupsOf(request);
  const [begin] = groups;
  const { files, maxQuantity } = permission;
  if (!files.some((each) => begin!.file >= each.firstFile && begin!.file <= each.lastFile)) {
    return 'file-out-of-range/all';
  }
  for (const { file, record, length } of groups) {
    const isInside = files.some(
      (each) =>
        has({ first: each.firstFile, last: each.lastFile }, file) &&
        hasAll({ first: each.firstRecord, last: each.lastRecord }, record, length),
    );
    if (!isInside) return 'file-out-of-range';
  }
  const total = groups.reduce((sum, { length }) => sum + length, 0);
  if (maxQuantity > 0 && total > maxQuantity) return 'quantity-out-of-range';
  return 'allow';
}

function groupsOf({ functionCode: code, bytes, dataStart, dataEnd }: Request) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups: { file: number; record: number; length: number }[] = [];
  for (let at = dataStart; at < dataEnd; ) {
    const length = view.getUint16(at + 5);
    groups.push({ file: view.getUint16(at + 1), record: view.getUint16(at + 3), length });
    at += 7 + (code === 21 ? 2 * length : 0);
  }
  return groups;
}

function wordsAt(request: Request, index: number, width: number): number[] {
  const { functionCode: code, bytes, dataStart } = request;
  if (code === 5) return [bytes[dataStart] === 0xff ? 1 : 0];
  if (code === 15) return [(bytes[dataStart + Math.floor(index / 8)]! >> (index % 8)) & 1];
  return Array.from({ length: width }, (_, part) => {
    const at = dataStart + 2 * (index + part);
    return bytes[at]! * 256 + bytes[at + 1]!;
  });
}

/** Everything the register can be afterwards, by trying everything it can be before. */
function everyLeft({ andMask, orMask }: Request): number[][] {
  const left = new Set<number>();
  for (let held = 0; held < 0x1_0000; held++) left.add((held & andMask) | (orMask & ~andMask & 0xffff));
  return [...left].map((word) => [word]);
}

function has({ first, last }: AddressRange, address: number): boolean {
  return address >= first && address <= last;
}

function hasAll(range: AddressRange, address: number, quantity: number): boolean {
  return Array.from({ length: quantity }, (_, index) => address + index).every((each) => has(range, each));
}

const Widths = { u16: 1, s16: 1, u32: 2, s32: 2, f32: 2, u64: 4, f64: 4 } as const;
