import type { DeviceState } from '../device/device-state.ts';
import { isMinuteKnown, minuteWait } from '../device/minute-window.ts';
import { interlockTable } from '../device/watch-plan.ts';
import { type WritableTable, writes, writtenTable } from '../message/access.ts';
import type { Request } from '../message/request.ts';
import type { Alternative } from './alternative.ts';
import { type Candidate, formFor } from './candidate.ts';
import { covers } from './judge-place.ts';
import { judgeBudget, judgeInterlock, judgeInterval, judgeStep } from './judge-state.ts';
import { readValue } from './value.ts';
import {
  brokenCheck,
  createWrittenValue,
  isMinuteWithin,
  isStepWithin,
  takeWritten,
  type ValueForm,
} from './value-form.ts';

/** What may be written at the first value that breaks a rule. */
export function nearestValue(candidate: Candidate, request: Request): Alternative | undefined {
  const form = formFor(candidate, writtenTable(request));
  for (let index = 0; index < request.writeQuantity; index += form.width) {
    takeWritten(request, index, form.width, Written);
    const broken = brokenCheck(form, Written);
    if (broken === undefined) continue;
    const { type, bits, min, max, allowed } = broken.rule;
    return { kind: 'value', address: request.writeAddress + index, type, bits, min, max, allowed };
  }
  return undefined;
}

/** Where the values begin of which the request writes a part. */
export function wholeValues(candidate: Candidate, request: Request): Alternative | undefined {
  const { writeAddress, writeQuantity } = request;
  const { width } = formFor(candidate, writtenTable(request));
  const range = candidate.permission.addresses.find((each) => covers(each, writeAddress, writeQuantity));
  return range && { kind: 'whole-values', first: range.first, last: range.last, width };
}

/** What would make the first limit pass that refuses what is known of the server. */
export function nearestState(
  candidate: Candidate,
  request: Request,
  device: DeviceState,
  now: number,
): Alternative | undefined {
  if (writes(request)) {
    const { width } = formFor(candidate, writtenTable(request));
    for (let index = 0; index < request.writeQuantity; index += width) {
      if (judgeStep(candidate, request, index, device, now) === undefined) continue;
      return nearestStep(candidate, request, index, device, now);
    }
    const wait = longestWait(candidate, request, device, now);
    if (wait !== undefined) return wait;
  }
  const { interlocks, unknown } = candidate.permission;
  const broken = interlocks.find((each) => judgeInterlock(each, unknown, device, now) !== undefined);
  if (broken === undefined) return undefined;
  const { functionCode, unit, address, is, noOlderThan } = broken;
  const cell = device.known(unit, interlockTable(functionCode), address);
  const isFresh = cell !== undefined && cell.writing === 0 && now - cell.readAt <= noOlderThan;
  return { kind: 'interlock', functionCode, unit, address, is, reads: isFresh ? cell.value : undefined };
}

function nearestStep(
  candidate: Candidate,
  request: Request,
  index: number,
  device: DeviceState,
  now: number,
): Alternative | undefined {
  const { unit } = request;
  const { permission } = candidate;
  const { step } = permission;
  if (step === undefined) return undefined;
  const { max = 0, maxPerMinute = 0 } = step;
  const table = writtenTable(request);
  const form = formFor(candidate, table);
  const address = request.writeAddress + index;
  takeWritten(request, index, form.width, Written);
  const isSettled = device.stepFromPending(form, Written, unit, table, address);
  // Whoever is writing there at the moment has to be waited for, and nobody knows how long.
  if (!isSettled || !isStepWithin(form, Written, step)) return undefined;
  if (!device.stepFromKnown(form, Written, unit, table, address, step.noOlderThan, now)) {
    const functionCode = table === 'coils' ? 1 : 3;
    return { kind: 'read-first', functionCode, unit, address, quantity: form.width };
  }
  const last = lastOf(form, device, unit, table, address);
  if (!isStepWithin(form, Written, step)) {
    return { kind: 'step', address, last, max };
  }
  const drift = device.driftOf(form, unit, table, address);
  if (drift === undefined) return undefined;
  if (!isMinuteWithin(form, Written, undefined, step)) {
    return { kind: 'step', address, last, max: maxPerMinute };
  }
  const isKnown = isMinuteKnown(drift, now) || permission.unknown === 'allow';
  const unknownFor = isKnown ? 0 : Minute - (now - drift.since);
  return wait(Math.max(unknownFor, minuteWait(drift, now, maxPerMinute - Written.furthest)));
}

function longestWait(
  { permission }: Candidate,
  request: Request,
  device: DeviceState,
  now: number,
): Alternative | undefined {
  const { minInterval, writesPerMinute, unknown } = permission;
  const table = writtenTable(request);
  let longest = 0;
  for (let index = 0; index < request.writeQuantity; index++) {
    const address = request.writeAddress + index;
    const cell = device.known(request.unit, table, address);
    if (cell !== undefined && judgeInterval(permission, request, index, device, now) !== undefined) {
      const from = unknown === 'allow' ? cell.writtenAt : Math.max(cell.since, cell.writtenAt);
      longest = Math.max(longest, minInterval - (now - from));
    }
    const window = device.writesOf(request.unit, table, address);
    if (window === undefined || judgeBudget(permission, request, index, device, now) === undefined) continue;
    const unknownFor = unknown === 'allow' ? 0 : Minute - (now - window.since);
    longest = Math.max(longest, unknownFor, minuteWait(window, now, writesPerMinute - 1));
  }
  return longest > 0 ? wait(longest) : undefined;
}

function lastOf(
  { first, width }: ValueForm,
  device: DeviceState,
  unit: number,
  table: WritableTable,
  address: number,
): number {
  const words = Uint16Array.from({ length: width }, (_, part) =>
    device.lastValue(unit, table, address + part),
  );
  return readValue(first, words);
}

function wait(milliseconds: number): Alternative {
  return { kind: 'wait', milliseconds: Math.ceil(milliseconds) };
}

const Minute = 60_000;
const Written = createWrittenValue();
