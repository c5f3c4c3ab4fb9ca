import type { Verdict } from '../../verdict.ts';
import { firstAlias, nextAlias, takeMask } from '../device/alias-table.ts';
import type { DeviceState } from '../device/device-state.ts';
import { createRequest, type Request } from '../message/request.ts';
import type { AddressRange, FileRange, ModbusProfile, ValueType } from '../profile.ts';
import { decide } from './decide.ts';
import { nearestState, nearestValue, wholeValues } from './nearest-limit.ts';
import {
  nearestFunctions,
  nearestPlace,
  nearestQuantity,
  nearestRecords,
  nearestSize,
  nearestSubFunctions,
  nearestUnits,
} from './nearest-place.ts';
import { permissionIndex } from './permission-index.ts';

/**
 * What would have been permitted instead of a refused request, changing as little of it as can be: one
 * step in the direction of the permission that came closest. The changed request is judged anew, so there
 * may be a next step. Addresses are 0-based, durations milliseconds.
 */
export type Alternative =
  /** Functions that some permission has for this unit, ascending; none where the unit has none. */
  | { readonly kind: 'functions'; readonly functionCodes: readonly number[] }
  /** Units that some permission has for this function, ascending. */
  | { readonly kind: 'units'; readonly units: readonly number[] }
  /** Sub-functions or MEI types permitted for this function and unit, ascending. */
  | { readonly kind: 'sub-functions'; readonly subFunctions: readonly number[] }
  /** The permitted range closest to what was asked. `half` is which half of function code 23 is meant. */
  | { readonly kind: 'addresses'; readonly half: 'read' | 'write'; readonly range: AddressRange }
  | { readonly kind: 'records'; readonly range: FileRange }
  | { readonly kind: 'quantity'; readonly max: number }
  /** Bytes of the whole ADU; 0 where no permission names a size. */
  | { readonly kind: 'bytes'; readonly max: number }
  /** Write whole values: `width` registers each, counted from `first`. */
  | {
      readonly kind: 'whole-values';
      readonly first: number;
      readonly last: number;
      readonly width: 1 | 2 | 4;
    }
  /** What the value that begins at `address` may be; of several rules, the first it broke. */
  | {
      readonly kind: 'value';
      readonly address: number;
      readonly type: ValueType;
      readonly bits: { readonly first: number; readonly last: number } | undefined;
      readonly min: number | undefined;
      readonly max: number | undefined;
      /** Empty means any value between min and max. */
      readonly allowed: readonly number[];
    }
  /** How far the value that begins at `address` may be from `last`, the last known one, at this moment. */
  | { readonly kind: 'step'; readonly address: number; readonly last: number; readonly max: number }
  /** The same request may pass after so long, if nothing else is written meanwhile. */
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** Read this first: what the write is judged against is not known, or too old. */
  | {
      readonly kind: 'read-first';
      readonly functionCode: number;
      readonly unit: number;
      readonly address: number;
      readonly quantity: number;
    }
  /** Only while this reads `is`; it last read `reads`, `undefined` where that is not known. */
  | {
      readonly kind: 'interlock';
      readonly functionCode: number;
      readonly unit: number;
      readonly address: number;
      readonly is: number;
      readonly reads: number | undefined;
    }
  /** The coil is this bit of this register; `next` is what the mask write on it would have needed. */
  | {
      readonly kind: 'register';
      readonly register: number;
      readonly bit: number;
      readonly next: Alternative | undefined;
    };

/**
 * What comes nearest to a request that {@link decide} refused, by the same permissions and the same state;
 * `undefined` where nothing short of another policy would do. For records and explanations: unlike a
 * decision it allocates.
 */
export function nearestPermitted(
  profile: ModbusProfile,
  request: Request,
  verdict: Verdict,
  device: DeviceState,
  now: number,
): Alternative | undefined {
  if (verdict.kind === 'allow') return undefined;
  const index = permissionIndex(profile);
  const closest = verdict.permission === undefined ? undefined : index.all[verdict.permission.index];
  switch (verdict.reason) {
    case 'fc-not-allowed':
      return nearestFunctions(index, request);
    case 'unit-not-allowed':
      return nearestUnits(index, request, device.kind);
    case 'sub-function-not-allowed':
      return nearestSubFunctions(index, request);
    case 'address-out-of-range':
      return nearestPlace(index, request);
    case 'file-out-of-range':
      return nearestRecords(index, request);
    case 'quantity-out-of-range':
      return closest && nearestQuantity(closest);
    case 'size-out-of-range':
      return nearestSize(index, request);
    case 'torn-write':
      return closest && wholeValues(closest, request);
    case 'value-out-of-range':
      return closest && nearestValue(closest, request);
    case 'step-too-large':
    case 'drift-too-large':
    case 'too-soon':
    case 'budget-spent':
    case 'interlock':
    case 'state-unknown':
      return closest && nearestState(closest, request, device, now);
    case 'alias-guarded':
      return guardingRegister(profile, request, device, now);
    default:
      return undefined;
  }
}

function guardingRegister(
  profile: ModbusProfile,
  request: Request,
  device: DeviceState,
  now: number,
): Alternative | undefined {
  const { aliases } = permissionIndex(profile);
  const mask = createRequest();
  for (let alias = firstAlias(aliases, request); alias >= 0; alias = nextAlias(aliases, request, alias)) {
    takeMask(aliases, request, alias, mask);
    const verdict = decide(profile, mask, device, now);
    if (verdict.kind === 'allow') continue;
    const next = nearestPermitted(profile, mask, verdict, device, now);
    return { kind: 'register', register: mask.writeAddress, bit: aliases.bits[alias] ?? 0, next };
  }
  return undefined;
}
