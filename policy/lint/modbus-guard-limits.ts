import type { ValueRule } from '../../rules/policy.ts';
import type { Permission } from '../model/zone-model.ts';
import { writtenBy } from './modbus-terms.ts';

/** What keeps a permitted write from being any write at any time. */
export type Limit = 'value limit' | 'step' | 'interval' | 'write budget' | 'interlock';

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
