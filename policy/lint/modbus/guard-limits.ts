import { diagnosticFunction } from '../../../rules/modbus/message/diagnostics.ts';
import type { ValueRule } from '../../../rules/modbus/profile.ts';
import type { Permission } from '../../model/zone-model.ts';
import { Diagnostics, opaqueFunction, WriteFile, writtenBy } from './terms.ts';

/** What keeps a permitted write from being any write at any time. */
export type Limit = 'value limit' | 'step' | 'interval' | 'write budget' | 'interlock';

/**
 * The first function of a permission that changes something other than coils and registers, in words. Where
 * limits on those stand beside it, it is always refused: they cannot be judged, and must not be ignored.
 */
export function unlimitedFunction(permission: Permission): string | undefined {
  const { functions, subFunctions } = permission;
  const opaque = opaqueFunction(permission);
  if (opaque !== undefined) return opaque;
  if (functions.includes(WriteFile)) return 'Function code 21';
  const changes = (sub: number) => (diagnosticFunction(sub)?.access ?? 'read') !== 'read';
  const sub = functions.includes(Diagnostics) ? subFunctions.find(changes) : undefined;
  return sub === undefined ? undefined : `Sub-function ${sub} of function code 8`;
}

/** Whether a permission limits what coils and registers may hold, or how they are written. */
export function hasWriteLimits({ values, step, minInterval, writesPerMinute }: Permission): boolean {
  return values.length > 0 || step !== undefined || minInterval > 0 || writesPerMinute > 0;
}

/** The limits a permission sets on what it lets be written; none where it writes no coil or register. */
export function limitsOf(permission: Permission): readonly Limit[] {
  if (writtenBy(permission).length === 0) return [];
  const { values, step, minInterval, writesPerMinute, interlocks } = permission;
  return [
    ...(values.some(isLimited) ? (['value limit'] as const) : []),
    ...(step === undefined ? [] : (['step'] as const)),
    ...(minInterval === 0 ? [] : (['interval'] as const)),
    ...(writesPerMinute === 0 ? [] : (['write budget'] as const)),
    ...(interlocks.length === 0 ? [] : (['interlock'] as const)),
  ];
}

/** Whether a rule forbids any value at all. */
export function isLimited({ min, max, allowed }: ValueRule): boolean {
  return min !== undefined || max !== undefined || allowed.length > 0;
}
