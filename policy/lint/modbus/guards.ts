import type { ValueRule } from '../../../rules/modbus/profile.ts';
import { rangeOf, wordsOf } from '../../model/resolve-values.ts';
import type { Asset, Permission, ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { joinWords } from '../endpoint.ts';
import { type Door, describeDoor, doorsOf, isWayTo, overlapsOf } from './doors.ts';
import { type Limit, limitsOf } from './guard-limits.ts';
import { Broadcast, describePermission, holdersOf, sameClient, serversIn, sharedUnit } from './servers.ts';
import { profileNameOf } from './terms.ts';

/** Permissions add up, so a limit that another permission does not have is none. */
export const guardSlipped: Check = {
  code: 'M-313',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'What one permission limits no other lets the same client write.',
  run: (model) => {
    const worst = new Map<Permission, Slip>();
    for (const slip of slipsOf(model)) {
      const known = worst.get(slip.permission)?.missing.length ?? 0;
      if (slip.missing.length > known) worst.set(slip.permission, slip);
    }
    return [...worst.values()].map(({ problem }) => problem);
  },
};

interface Slip {
  readonly permission: Permission;
  readonly missing: readonly Limit[];
  readonly problem: Problem;
}

function slipsOf(model: ZoneModel): readonly Slip[] {
  return model.modes.flatMap((mode) =>
    [...serversIn(model, mode)].flatMap(([asset, uses]) =>
      overlapsOf(holdersOf(uses).flatMap(doorsOf)).flatMap(([one, other]) => [
        ...slipOf(asset, one, other),
        ...slipOf(asset, other, one),
      ]),
    ),
  );
}

function slipOf(asset: Asset, guard: Door, other: Door): readonly Slip[] {
  if (!isWayTo(guard, other)) return [];
  const missing = limitsOf(guard.permission).filter((limit) =>
    isWeaker(limit, guard.permission, other.permission),
  );
  const unit = missing.length === 0 ? undefined : sharedUnit(asset, guard.permission, other.permission);
  if (unit === undefined || !sameClient(guard.use.flow, other.use.flow)) return [];
  const broadcast = unit === Broadcast && asset.modbus.kind === 'serial-gateway';
  const who = broadcast ? 'every unit at once' : `unit ${unit}`;
  const problem = {
    at: other.permission.at,
    about: profileNameOf(other.permission),
    message: `${describeDoor(guard, other)} of ${who} may be written here without the ${joinWords(missing)} of ${describePermission(guard.permission)}.`,
    hint: broadcast
      ? 'Take unit 0 out, or give this permission the same limits.'
      : 'Give both the same limits, or keep their addresses apart.',
  };
  return [{ permission: other.permission, missing, problem }];
}

/** Whether the other permission does not have a limit of the guard, or has a wider one. */
function isWeaker(limit: Limit, guard: Permission, other: Permission): boolean {
  // A list of values is an exception somebody made on purpose: 0 may be written at any time.
  if (other.values.some(({ allowed }) => allowed.length > 0)) return false;
  if (!limitsOf(other).includes(limit)) return true;
  const [inner, outer] = [guard.values[0], other.values[0]];
  return limit === 'value limit' && inner !== undefined && outer !== undefined && isWider(outer, inner);
}

/** Whether one rule allows more than another; a rule for half of a value allows any whole one. */
function isWider(outer: ValueRule, inner: ValueRule): boolean {
  if (wordsOf(outer.type) !== wordsOf(inner.type)) return true;
  if (outer.type !== inner.type || outer.bits !== undefined || inner.bits !== undefined) return false;
  const [low, high] = [lowest(inner), highest(inner)];
  const disjoint = lowest(outer) > high || highest(outer) < low;
  return !disjoint && (lowest(outer) < low || highest(outer) > high);
}

function lowest({ type, min }: ValueRule): number {
  return min ?? rangeOf(type).min;
}

function highest({ type, max }: ValueRule): number {
  return max ?? rangeOf(type).max;
}
