import type { CoilAlias, ValueRule } from '../../rules/policy.ts';
import { rangeOf, wordsOf } from '../model/resolve-values.ts';
import type { Asset, Permission, ZoneModel } from '../model/zone-model.ts';
import type { Check, Problem } from './check.ts';
import { joinWords } from './endpoint.ts';
import { type Limit, limitsOf } from './modbus-guard-limits.ts';
import {
  Broadcast,
  describeAddress,
  describePermission,
  type Holder,
  holdersOf,
  sameClient,
  serversIn,
  sharedUnit,
} from './modbus-servers.ts';
import { writtenBy } from './modbus-terms.ts';

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

/** Addresses one client may write at a server under one permission. */
interface Door extends Holder {
  readonly table: string;
  readonly first: number;
  readonly last: number;
  /** Set where the door is a coil that its profile knows as a bit of a register. */
  readonly alias: CoilAlias | undefined;
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

function doorsOf(holder: Holder): readonly Door[] {
  const { aliases } = holder.use.profile;
  return writtenBy(holder.permission).flatMap(({ table, ranges }) =>
    ranges.flatMap(({ first, last }): readonly Door[] => [
      { ...holder, table, first, last, alias: undefined },
      ...aliases
        .filter(({ register }) => table === 'holding-registers' && register >= first && register <= last)
        .map((alias) => ({ ...holder, table: 'coils', first: alias.coil, last: alias.coil, alias })),
    ]),
  );
}

/** Every two doors that share an address, found in one pass over them in order. */
function overlapsOf(doors: readonly Door[]): readonly (readonly [Door, Door])[] {
  const found: [Door, Door][] = [];
  for (const list of Map.groupBy(doors, ({ table }) => table).values()) {
    let open: Door[] = [];
    for (const door of list.toSorted((one, other) => one.first - other.first)) {
      open = open.filter(({ last }) => last >= door.first);
      for (const other of open) if (other.permission !== door.permission) found.push([other, door]);
      open.push(door);
    }
  }
  return found;
}

function slipOf(asset: Asset, guard: Door, other: Door): readonly Slip[] {
  if (other.alias !== undefined || (guard.alias !== undefined && knows(other, guard.alias))) return [];
  const missing = limitsOf(guard.permission).filter((limit) =>
    isWeaker(limit, guard.permission, other.permission),
  );
  const unit = missing.length === 0 ? undefined : sharedUnit(asset, guard.permission, other.permission);
  if (unit === undefined || !sameClient(guard.use.flow, other.use.flow)) return [];
  const broadcast = unit === Broadcast && asset.modbus.kind === 'serial-gateway';
  const who = broadcast ? 'every unit at once' : `unit ${unit}`;
  const problem = {
    at: other.permission.at,
    message: `${describeDoor(guard, other)} of ${who} may be written here without the ${joinWords(missing)} of ${describePermission(guard.permission)}.`,
    hint: broadcast
      ? 'Take unit 0 out, or give this permission the same limits.'
      : 'Give both the same limits, or keep their addresses apart.',
  };
  return [{ permission: other.permission, missing, problem }];
}

function describeDoor({ table, first, alias }: Door, other: Door): string {
  if (alias !== undefined)
    return `Coil ${alias.coil}, which is bit ${alias.bit} of ${describeAddress('holding-registers', alias.register)},`;
  const text = describeAddress(table, Math.max(first, other.first));
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The gateway itself holds the coil to its register's limits where the profile says that it is its bit. */
function knows({ use }: Holder, { coil, register, bit }: CoilAlias): boolean {
  return use.profile.aliases.some(
    (alias) => alias.coil === coil && alias.register === register && alias.bit === bit,
  );
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
