import type { Interlock, ModbusPermission, StepRule } from '../policy.ts';
import type { Reason } from '../reason.ts';
import { mayChange, writes, writtenTable } from './access.ts';
import type { DeviceState } from './device-state.ts';
import { covers } from './judge-place.ts';
import { isMinuteKnown, minuteSum } from './minute-window.ts';
import type { Candidate } from './permission-index.ts';
import type { Request } from './request.ts';
import { allowsValue, createWrittenValue, isWithin, takeWritten, type ValueForm } from './value-form.ts';
import { interlockTable } from './watch-plan.ts';

/**
 * Why a permission that covers the place of a request does not permit what it changes there; `undefined`
 * when it does, or when the request only reads. What cannot be judged is refused, unless the permission
 * says otherwise; a write under way is never a thing unknown, so that does not excuse it.
 */
export function judgeChange(
  candidate: Candidate,
  request: Request,
  device: DeviceState,
  now: number,
): Reason | undefined {
  const { permission } = candidate;
  if (!writes(request)) {
    if (!mayChange(request)) return undefined;
    // A limit on values and writes means something, but not here: better refused than ignored.
    return hasWriteLimits(permission) ? 'state-unknown' : judgeInterlocks(permission, device, now);
  }
  return (
    judgeValues(candidate, request) ??
    judgeSteps(candidate, request, device, now) ??
    judgeInterval(permission, request, device, now) ??
    judgeBudget(permission, request, device, now) ??
    judgeInterlocks(permission, device, now)
  );
}

/** Half of a value written is neither the old nor the new one; a coil holds none that has several words. */
function judgeValues({ permission, forms }: Candidate, request: Request): Reason | undefined {
  const table = writtenTable(request);
  const form = forms[table];
  if (form.width > 1 && (table === 'coils' || !isWhole(permission, form, request))) return 'torn-write';
  if (!form.isBounded) return undefined;
  for (let index = 0; index < request.writeQuantity; index += form.width) {
    takeWritten(request, index, form.width, Written);
    if (!allowsValue(form, Written)) return 'value-out-of-range';
  }
  return undefined;
}

/** Values count from the start of their range, so any of the ranges may fit. */
function isWhole({ addresses }: ModbusPermission, { width }: ValueForm, request: Request): boolean {
  const { writeAddress, writeQuantity } = request;
  if (writeQuantity % width !== 0 || request.functionCode === 22) return false;
  for (let index = 0; index < addresses.length; index++) {
    const range = addresses[index];
    if (range === undefined || !covers(range, writeAddress, writeQuantity)) continue;
    if ((writeAddress - range.first) % width === 0) return true;
  }
  return false;
}

function judgeSteps(
  candidate: Candidate,
  request: Request,
  device: DeviceState,
  now: number,
): Reason | undefined {
  const { permission } = candidate;
  if (permission.step === undefined) return undefined;
  const { width } = candidate.forms[writtenTable(request)];
  for (let index = 0; index < request.writeQuantity; index += width) {
    const failure = judgeStep(candidate, permission.step, request, index, device, now);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function judgeStep(
  { permission, forms }: Candidate,
  { max, maxPerMinute, noOlderThan }: StepRule,
  request: Request,
  index: number,
  device: DeviceState,
  now: number,
): Reason | undefined {
  const { unit } = request;
  const table = writtenTable(request);
  const form = forms[table];
  const address = request.writeAddress + index;
  const oldest = noOlderThan === 0 ? Number.NEGATIVE_INFINITY : now - noOlderThan;
  takeWritten(request, index, form.width, Written);
  const pending = device.stepFromPending(form, Written, unit, table, address);
  if (pending < 0) return 'state-unknown';
  const known = device.stepFromKnown(form, Written, unit, table, address, oldest);
  if (known < 0 && permission.unknown === 'refuse') return 'state-unknown';
  const step = Math.max(known, pending);
  if (max !== undefined && !isWithin(form, step, max)) return 'step-too-large';
  if (maxPerMinute === undefined) return undefined;
  const drift = device.driftOf(form, unit, table, address);
  const isKnown = drift !== undefined && isMinuteKnown(drift, now);
  if (!isKnown && permission.unknown === 'refuse') return 'state-unknown';
  const sum = drift === undefined ? 0 : minuteSum(drift, now);
  return isWithin(form, sum + step, maxPerMinute) ? undefined : 'drift-too-large';
}

/** From when the last write was sent, whatever became of it. */
function judgeInterval(
  { minInterval, unknown }: ModbusPermission,
  request: Request,
  device: DeviceState,
  now: number,
): Reason | undefined {
  if (minInterval === 0) return undefined;
  const table = writtenTable(request);
  for (let index = 0; index < request.writeQuantity; index++) {
    const cell = device.known(request.unit, table, request.writeAddress + index);
    if (cell !== undefined && !(now - cell.writtenAt >= minInterval)) return 'too-soon';
    const isKnown = cell !== undefined && now - Math.max(cell.since, cell.writtenAt) >= minInterval;
    if (!isKnown && unknown === 'refuse') return 'state-unknown';
  }
  return undefined;
}

function judgeBudget(
  { writesPerMinute, unknown }: ModbusPermission,
  request: Request,
  device: DeviceState,
  now: number,
): Reason | undefined {
  if (writesPerMinute === 0) return undefined;
  const table = writtenTable(request);
  for (let index = 0; index < request.writeQuantity; index++) {
    const window = device.writesOf(request.unit, table, request.writeAddress + index);
    if (window !== undefined && minuteSum(window, now) >= writesPerMinute) return 'budget-spent';
    const isKnown = window !== undefined && isMinuteKnown(window, now);
    if (!isKnown && unknown === 'refuse') return 'state-unknown';
  }
  return undefined;
}

function judgeInterlocks(permission: ModbusPermission, device: DeviceState, now: number): Reason | undefined {
  const { interlocks, unknown } = permission;
  for (let index = 0; index < interlocks.length; index++) {
    const interlock = interlocks[index];
    if (interlock === undefined) continue;
    const failure = judgeInterlock(interlock, unknown, device, now);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/**
 * A reading counts as old from when its read was sent. A value written by a client is no reading, so it
 * satisfies nothing; but as long as it would be fresh it can tell that the interlock is not satisfied.
 */
function judgeInterlock(
  { functionCode, unit, address, is, noOlderThan }: Interlock,
  unknown: ModbusPermission['unknown'],
  device: DeviceState,
  now: number,
): Reason | undefined {
  const cell = device.known(unit, interlockTable(functionCode), address);
  if (cell === undefined) return unknown === 'refuse' ? 'state-unknown' : undefined;
  if (cell.writing > 0) return 'state-unknown';
  const isFresh = cell.value >= 0 && now - cell.knownAt <= noOlderThan;
  if (isFresh && cell.value !== is) return 'interlock';
  const isRead = isFresh && cell.readAt === cell.knownAt;
  return isRead || unknown === 'allow' ? undefined : 'state-unknown';
}

function hasWriteLimits({ values, step, minInterval, writesPerMinute }: ModbusPermission): boolean {
  return values.length > 0 || step !== undefined || minInterval > 0 || writesPerMinute > 0;
}

/** Never holds anything from one call to the next. */
const Written = createWrittenValue();
