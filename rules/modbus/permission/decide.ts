import type { Reason } from '../../reason.ts';
import type { Verdict } from '../../verdict.ts';
import { firstAlias, nextAlias, takeMask } from '../device/alias-table.ts';
import type { DeviceState } from '../device/device-state.ts';
import { BroadcastUnit, mayBroadcast } from '../message/access.ts';
import { firstGroup } from '../message/file-groups.ts';
import { EncapsulatedTransport, Umas } from '../message/function-code.ts';
import { createRequest, type Request } from '../message/request.ts';
import type { ModbusProfile } from '../profile.ts';
import type { Candidate } from './candidate.ts';
import { judgePlace } from './judge-place.ts';
import { judgeChange } from './judge-write.ts';
import { type PermissionIndex, permissionIndex } from './permission-index.ts';
import { refuse } from './refuse.ts';

/**
 * Whether a profile permits a request now. Allow-only: one permission must cover all of the request, and
 * the order of permissions never matters to whether it passes. A refusal names the permission that came
 * closest, the first of several. What is known of the server is judged as `device` has it, which must be
 * watching the profile; `now` is on its clock, in milliseconds. What is allowed costs no allocation.
 *
 * One function for live traffic, replay, explain and policy tests.
 */
export function decide(profile: ModbusProfile, request: Request, device: DeviceState, now: number): Verdict {
  const index = permissionIndex(profile);
  // MODBUS over Serial Line V1.02 §2.2: a broadcast is never answered, so there is nothing it could read.
  const isAimless =
    request.unit === BroadcastUnit && device.kind === 'serial-gateway' && !mayBroadcast(request);
  const choice = isAimless ? undefined : index.choice(request);
  if (choice === undefined) return refuseOutside(profile, index, request, isAimless);
  let closest = choice.first;
  let reason: Reason | undefined;
  for (let each = -1; each < choice.others.length; each++) {
    const candidate = each < 0 ? choice.first : (choice.others[each] ?? choice.first);
    const failure = judgePlace(candidate, request) ?? judgeChange(candidate, request, device, now);
    if (failure === undefined) return afterAliases(profile, index, request, device, now, candidate);
    if (reason !== undefined && Closeness.indexOf(failure) <= Closeness.indexOf(reason)) continue;
    closest = candidate;
    reason = failure;
  }
  return refuse(
    reason ?? 'address-out-of-range',
    closest.permission.refusal ?? profile.refusal,
    closest.name,
  );
}

/** No permission has the function, the unit, and the place where the request begins. */
function refuseOutside(
  profile: ModbusProfile,
  index: PermissionIndex,
  request: Request,
  isAimless: boolean,
): Verdict {
  const [ofUnit] = index.forUnit(request.functionCode, request.unit);
  const [ofFunction] = index.forFunction(request.functionCode);
  const closest = ofUnit ?? ofFunction;
  const rule = closest?.permission.refusal ?? profile.refusal;
  if (closest === undefined) return refuse('fc-not-allowed', rule, undefined);
  if (ofUnit === undefined || isAimless) return refuse('unit-not-allowed', rule, closest.name);
  return refuse(outsideReason(request), rule, closest.name);
}

function outsideReason(request: Request): Reason {
  if (firstGroup(request) >= 0) return 'file-out-of-range';
  return hasSubFunction(request) ? 'sub-function-not-allowed' : 'address-out-of-range';
}

/**
 * A coil that is a bit of a register is that register's second door (MAP V1.1b3 §4.3 lets tables overlap).
 * It opens only where the one mask write that does the same to the register would pass, so the register's
 * own permissions guard both, whatever it is written with; a coil's guard the coil alone.
 */
function afterAliases(
  profile: ModbusProfile,
  index: PermissionIndex,
  request: Request,
  device: DeviceState,
  now: number,
  allowedBy: Candidate,
): Verdict {
  const { aliases } = index;
  for (let alias = firstAlias(aliases, request); alias >= 0; alias = nextAlias(aliases, request, alias)) {
    takeMask(aliases, request, alias, Mask);
    if (decide(profile, Mask, device, now).kind === 'refuse') {
      return refuse('alias-guarded', allowedBy.permission.refusal ?? profile.refusal, allowedBy.name);
    }
  }
  return allowedBy.allow;
}

function hasSubFunction({ functionCode }: Request): boolean {
  return functionCode === Diagnostics || functionCode === EncapsulatedTransport || functionCode === Umas;
}

/** From furthest to closest: of several permissions that do not cover a request, the last is named. */
const Closeness: readonly Reason[] = [
  'address-out-of-range',
  'file-out-of-range',
  'quantity-out-of-range',
  'size-out-of-range',
  'torn-write',
  'value-out-of-range',
  'step-too-large',
  'drift-too-large',
  'too-soon',
  'budget-spent',
  'interlock',
  'state-unknown',
];

const Diagnostics = 8;

/** Filled for each register a coil write reaches, and judged before it is filled again. */
const Mask = createRequest();
