import type { AddressRange, Interlock, ModbusPermission, ModbusProfile, ValueRule } from '../policy.ts';
import type { Reason } from '../reason.ts';
import type { Verdict } from '../verdict.ts';
import {
  readSpan,
  type Span,
  type WritingRequest,
  writes,
  writtenQuantity,
  writtenTable,
  writtenWord,
} from './access.ts';
import { bitAt } from './adu.ts';
import type { DeviceState } from './device-state.ts';
import { ExceptionCode } from './exception-code.ts';
import { type NamedPermission, permissionIndex } from './permission-index.ts';
import type { MaskWriteRequest, Request } from './request.ts';
import {
  allows,
  decodeValue,
  exactly,
  isWithinStep,
  maskReach,
  type Reach,
  registersPerValue,
} from './value.ts';
import { interlockTable } from './watch-list.ts';

/**
 * Whether a profile permits a request now. Allow-only: one permission must cover all of the request, and
 * the order of permissions never matters to whether it passes. A refusal names the permission that came
 * closest. Limits on steps, intervals and interlocks are judged on what `device` knows; it must be
 * watching the profile. `now` is on the clock of the device's times, in milliseconds.
 */
export function decide(profile: ModbusProfile, request: Request, device: DeviceState, now: number): Verdict {
  const index = permissionIndex(profile);
  let closest = index.firstFor(request.functionCode);
  let reason: Reason = closest === undefined ? 'fc-not-allowed' : 'unit-not-allowed';
  for (const candidate of index.candidates(request.functionCode, request.unit)) {
    const failure = judge(candidate.permission, request, device, now);
    if (failure === undefined) return afterAliases(profile, request, device, now, candidate);
    if (Closeness.indexOf(failure) > Closeness.indexOf(reason)) {
      reason = failure;
      closest = candidate;
    }
  }
  return refuse(reason, closest);
}

/**
 * The exception a refusal is answered with (MAP V1.1b3 §7): 01 for the function or unit, 02 for the place,
 * 03 for what is written, 06 where the same request may pass later. The true reason is in the record.
 */
export function exceptionFor(reason: Reason): number {
  return ExceptionFor[reason] ?? ExceptionCode.IllegalDataValue;
}

/** Why one permission does not cover a request; `undefined` when it does. */
function judge(
  permission: ModbusPermission,
  request: Request,
  device: DeviceState,
  now: number,
): Reason | undefined {
  const maxQuantity = permission.maxQuantity === 0 ? Number.POSITIVE_INFINITY : permission.maxQuantity;
  if (!writes(request)) {
    if (!permission.addresses.some((range) => covers(range, request.address, request.quantity))) {
      return 'address-out-of-range';
    }
    return request.quantity > maxQuantity ? 'quantity-out-of-range' : undefined;
  }
  const read = readSpan(request);
  if (read && !permission.readAddresses.some((range) => covers(range, read.address, read.quantity))) {
    return 'address-out-of-range';
  }
  const quantity = writtenQuantity(request);
  const ranges = permission.addresses.filter((range) => covers(range, request.address, quantity));
  if (ranges.length === 0) return 'address-out-of-range';
  if (quantity > maxQuantity || (read && read.quantity > maxQuantity)) return 'quantity-out-of-range';
  const span = { table: writtenTable(request), address: request.address, quantity };
  return (
    judgeValues(permission, ranges, request, span, device) ??
    judgeInterval(permission, request.unit, span, device, now) ??
    (permission.interlock && judgeInterlock(permission.interlock, device, now))
  );
}

function covers({ first, last }: AddressRange, address: number, quantity: number): boolean {
  return address >= first && address + quantity - 1 <= last;
}

/** Values that span registers count from the start of the range, so any of the ranges may fit. */
function judgeValues(
  permission: ModbusPermission,
  ranges: readonly AddressRange[],
  request: WritingRequest,
  span: Span,
  device: DeviceState,
): Reason | undefined {
  const { value, maxStep } = permission;
  if (value === undefined && maxStep === undefined) return undefined;
  const rule = value ?? AnyWord;
  const width = registersPerValue(rule.type);
  // Half of a value written is neither the old nor the new one; a coil holds none that has several words.
  const fits = ({ first }: AddressRange): boolean =>
    (span.address - first) % width === 0 && span.quantity % width === 0;
  if (width > 1 && (span.table === 'coils' || !ranges.some(fits))) return 'torn-write';
  for (let index = 0; index < span.quantity; index += width) {
    const reach = reachOf(rule, request, index);
    if (reach === undefined || !allows(rule, reach)) return 'value-out-of-range';
    if (maxStep === undefined) continue;
    const failure = judgeStep(rule, reach, maxStep, request.unit, span, index, device);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** What the value at `index` can be after the write; `undefined` where no sound answer is known. */
function reachOf(rule: ValueRule, request: WritingRequest, index: number): Reach | undefined {
  if (request.functionCode === 22) return reachOfMask(rule, request);
  const words: number[] = [];
  for (let part = 0; part < registersPerValue(rule.type); part++) {
    const word = writtenWord(request, index + part);
    if (word === undefined) return undefined;
    words.push(word);
  }
  return exactly(decodeValue(rule.type, rule.words, words, 0));
}

function reachOfMask({ type }: ValueRule, { and, or }: MaskWriteRequest): Reach | undefined {
  return type === 'u16' || type === 's16' ? maskReach(type, and, or) : undefined;
}

function judgeStep(
  rule: ValueRule,
  reach: Reach,
  maxStep: number,
  unit: number,
  span: Span,
  index: number,
  device: DeviceState,
): Reason | undefined {
  const words: number[] = [];
  for (let part = 0; part < registersPerValue(rule.type); part++) {
    const word = device.lastValue(unit, span.table, span.address + index + part);
    if (word === undefined) return 'state-unknown';
    words.push(word);
  }
  const last = decodeValue(rule.type, rule.words, words, 0);
  return isWithinStep(rule.type, reach, last, maxStep) ? undefined : 'step-too-large';
}

function judgeInterval(
  { minInterval }: ModbusPermission,
  unit: number,
  span: Span,
  device: DeviceState,
  now: number,
): Reason | undefined {
  if (minInterval === 0) return undefined;
  for (let index = 0; index < span.quantity; index++) {
    const last = device.lastWrite(unit, span.table, span.address + index);
    if (last === undefined) return 'state-unknown';
    if (!(now - last >= minInterval)) return 'too-soon';
  }
  return undefined;
}

function judgeInterlock(interlock: Interlock, device: DeviceState, now: number): Reason | undefined {
  const table = interlockTable(interlock.functionCode);
  const reading = device.lastReading(interlock.unit, table, interlock.address);
  if (reading === undefined || !(now - reading.at <= interlock.noOlderThan)) return 'state-unknown';
  return reading.value === interlock.is ? undefined : 'interlock';
}

/**
 * A coil that is a bit of a register is that register's second door (MAP V1.1b3 §4.3 lets tables overlap).
 * It opens only where the mask write that sets or clears the same one bit would pass.
 */
function afterAliases(
  profile: ModbusProfile,
  request: Request,
  device: DeviceState,
  now: number,
  allowedBy: NamedPermission,
): Verdict {
  const allow: Verdict = { kind: 'allow', permission: allowedBy.name };
  if (profile.aliases.length === 0) return allow;
  if (request.functionCode !== 5 && request.functionCode !== 15) return allow;
  const quantity = writtenQuantity(request);
  for (const { coil, register, bit } of profile.aliases) {
    const index = coil - request.address;
    if (index < 0 || index >= quantity) continue;
    const on = request.functionCode === 5 ? request.on : bitAt(request.bits, index) === 1;
    const mask = 1 << bit;
    const equivalent: MaskWriteRequest = {
      functionCode: 22,
      unit: request.unit,
      address: register,
      and: 0xffff & ~mask,
      or: on ? mask : 0,
    };
    if (decide(profile, equivalent, device, now).kind === 'refuse') return refuse('alias-guarded', allowedBy);
  }
  return allow;
}

function refuse(reason: Reason, closest: NamedPermission | undefined): Verdict {
  return { kind: 'refuse', reason, exceptionCode: exceptionFor(reason), permission: closest?.name };
}

/** From furthest to closest: of several permissions that do not cover a request, the last is named. */
const Closeness: readonly Reason[] = [
  'fc-not-allowed',
  'unit-not-allowed',
  'address-out-of-range',
  'quantity-out-of-range',
  'torn-write',
  'value-out-of-range',
  'step-too-large',
  'too-soon',
  'interlock',
  'state-unknown',
];

const ExceptionFor: Partial<Record<Reason, number>> = {
  'fc-not-allowed': ExceptionCode.IllegalFunction,
  'fc-not-supported': ExceptionCode.IllegalFunction,
  'unit-not-allowed': ExceptionCode.IllegalFunction,
  'address-out-of-range': ExceptionCode.IllegalDataAddress,
  'quantity-out-of-range': ExceptionCode.IllegalDataAddress,
  'alias-guarded': ExceptionCode.IllegalDataAddress,
  'too-soon': ExceptionCode.ServerDeviceBusy,
  'rate-exceeded': ExceptionCode.ServerDeviceBusy,
  'too-many-outstanding': ExceptionCode.ServerDeviceBusy,
  'request-timeout': ExceptionCode.GatewayTargetFailedToRespond,
};

/** Steps without a value rule are steps of plain registers. */
const AnyWord: ValueRule = { type: 'u16', words: 'big', min: undefined, max: undefined, allowed: [] };
