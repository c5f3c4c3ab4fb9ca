import type { Reason } from '../../reason.ts';
import type { DeviceState } from '../device/device-state.ts';
import { mayChange, writes, writtenTable } from '../message/access.ts';
import type { Request } from '../message/request.ts';
import type { ModbusPermission } from '../profile.ts';
import { type Candidate, formFor } from './candidate.ts';
import { covers } from './judge-place.ts';
import { judgeInterlocks, judgeWriteState } from './judge-state.ts';
import { allowsValue, createWrittenValue, takeWritten, type ValueForm } from './value-form.ts';

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
  if (!writes(request)) {
    if (!mayChange(request)) return undefined;
    const { permission } = candidate;
    // A limit on values and writes means something, but not here: better refused than ignored.
    return hasWriteLimits(permission) ? 'state-unknown' : judgeInterlocks(permission, device, now);
  }
  if (candidate.writesFreely) return undefined;
  return (
    judgeValues(candidate, request) ??
    (candidate.isTimed ? judgeWriteState(candidate, request, device, now) : undefined) ??
    (candidate.isInterlocked ? judgeInterlocks(candidate.permission, device, now) : undefined)
  );
}

/** Half of a value written is neither the old nor the new one; a coil holds none that has several words. */
function judgeValues(candidate: Candidate, request: Request): Reason | undefined {
  const table = writtenTable(request);
  const form = formFor(candidate, table);
  if (form.width > 1 && (table === 'coils' || !isWhole(candidate.permission, form, request))) {
    return 'torn-write';
  }
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

function hasWriteLimits({ values, step, minInterval, writesPerMinute }: ModbusPermission): boolean {
  return values.length > 0 || step !== undefined || minInterval > 0 || writesPerMinute > 0;
}

/** Never holds anything from one call to the next. */
const Written = createWrittenValue();
