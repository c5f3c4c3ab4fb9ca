import type { Reason } from '../../reason.ts';
import type { DeviceState } from '../device/device-state.ts';
import { isMinuteKnown, sumMinute } from '../device/minute-window.ts';
import { interlockTable } from '../device/watch-plan.ts';
import { writtenTable } from '../message/access.ts';
import type { Request } from '../message/request.ts';
import type { Interlock, ModbusPermission } from '../profile.ts';
import { type Candidate, formFor } from './candidate.ts';
import { createWrittenValue, isMeasurable, isMinuteWithin, isStepWithin, takeWritten } from './value-form.ts';

/**
 * What a permission says about steps, intervals and budgets, for everything a request writes. What is not even
 * kept, because too much is, passes under no permission: writes that leave no trace know no limit.
 */
export function judgeWriteState(
  candidate: Candidate,
  request: Request,
  device: DeviceState,
  now: number,
): Reason | undefined {
  const { step, minInterval, writesPerMinute } = candidate.permission;
  if (step !== undefined) {
    const { width } = formFor(candidate, writtenTable(request));
    for (let index = 0; index < request.writeQuantity; index += width) {
      const failure = judgeStep(candidate, request, index, device, now);
      if (failure !== undefined) return failure;
    }
  }
  if (minInterval === 0 && writesPerMinute === 0) return undefined;
  for (let index = 0; index < request.writeQuantity; index++) {
    const failure =
      judgeInterval(candidate.permission, request, index, device, now) ??
      judgeBudget(candidate.permission, request, index, device, now);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** The value at `writeAddress + index`, against the last known one and every one under way. */
export function judgeStep(
  candidate: Candidate,
  request: Request,
  index: number,
  device: DeviceState,
  now: number,
): Reason | undefined {
  const { permission } = candidate;
  if (permission.step === undefined) return undefined;
  const { step } = permission;
  const { unit } = request;
  const table = writtenTable(request);
  const form = formFor(candidate, table);
  const address = request.writeAddress + index;
  takeWritten(request, index, form.width, Written);
  // Whatever is known, NaN is no step away: where it stood, nothing written next could be measured.
  if (!isMeasurable(form, Written.words)) return 'step-too-large';
  if (!device.stepFromPending(form, Written, unit, table, address)) return 'state-unknown';
  const isKnown = device.stepFromKnown(form, Written, unit, table, address, step.noOlderThan, now);
  if (!isKnown && permission.unknown === 'refuse') return 'state-unknown';
  // Two writes at once leave unknown which one was last; that must not open the way to any third one.
  if (!isKnown) device.stepFromSent(form, Written, unit, table, address, step.noOlderThan, now);
  if (!isStepWithin(form, Written, step)) return 'step-too-large';
  if (step.maxPerMinute === undefined) return undefined;
  const drift = device.driftOf(form, unit, table, address);
  if (drift === undefined) return 'state-unknown';
  if (!isMinuteKnown(drift, now) && permission.unknown === 'refuse') return 'state-unknown';
  sumMinute(drift, now);
  return isMinuteWithin(form, Written, drift, step) ? undefined : 'drift-too-large';
}

/** Counted from when the last write was sent, whatever became of it. */
export function judgeInterval(
  { minInterval, unknown }: ModbusPermission,
  request: Request,
  index: number,
  device: DeviceState,
  now: number,
): Reason | undefined {
  if (minInterval === 0) return undefined;
  const cell = device.known(request.unit, writtenTable(request), request.writeAddress + index);
  if (cell === undefined) return 'state-unknown';
  if (!(now - cell.writtenAt >= minInterval)) return 'too-soon';
  const isKnown = now - Math.max(cell.since, cell.writtenAt) >= minInterval;
  return isKnown || unknown === 'allow' ? undefined : 'state-unknown';
}

export function judgeBudget(
  { writesPerMinute, unknown }: ModbusPermission,
  request: Request,
  index: number,
  device: DeviceState,
  now: number,
): Reason | undefined {
  if (writesPerMinute === 0) return undefined;
  const window = device.writesOf(request.unit, writtenTable(request), request.writeAddress + index);
  if (window === undefined) return 'state-unknown';
  sumMinute(window, now);
  if (window.sum >= writesPerMinute) return 'budget-spent';
  return isMinuteKnown(window, now) || unknown === 'allow' ? undefined : 'state-unknown';
}

/** Everything that has to be so before a permission lets something be changed. */
export function judgeInterlocks(
  permission: ModbusPermission,
  device: DeviceState,
  now: number,
): Reason | undefined {
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
export function judgeInterlock(
  { functionCode, unit, address, is, noOlderThan }: Interlock,
  unknown: ModbusPermission['unknown'],
  device: DeviceState,
  now: number,
): Reason | undefined {
  const cell = device.known(unit, interlockTable(functionCode), address);
  // A write takes its value away, but no one may make unknown what speaks against him.
  if (cell === undefined || cell.writing > 0) return 'state-unknown';
  if (cell.value < 0 && now - Math.max(cell.writtenAt, cell.unreadAt) <= noOlderThan) return 'state-unknown';
  const isFresh = cell.value >= 0 && now - cell.knownAt <= noOlderThan;
  if (isFresh && cell.value !== is) return 'interlock';
  const isRead = isFresh && cell.readAt === cell.knownAt;
  return isRead || unknown === 'allow' ? undefined : 'state-unknown';
}

/** Never holds anything from one call to the next. */
const Written = createWrittenValue();
