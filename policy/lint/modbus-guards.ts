import type { AddressRange, CoilAlias, ValueRule } from '../../rules/policy.ts';
import { rangeOf } from '../model/resolve-values.ts';
import type { Asset, Flow, Permission, ZoneModel } from '../model/zone-model.ts';
import type { Check, Problem } from './check.ts';
import { joinWords } from './endpoint.ts';
import {
  Broadcast,
  describeAddress,
  describePermission,
  serversIn,
  stateUnits,
  type Use,
} from './modbus-servers.ts';
import { opaqueFunction, WriteFile, writtenBy } from './modbus-terms.ts';

/** Permissions add up, so a limit that another permission does not have is none. */
export const guardSlipped: Check = {
  code: 'M-313',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'What one permission limits no other lets the same client write.',
  run: (model) => {
    const worst = new Map<Permission, Slip>();
    for (const { asset, guard, other } of pairsOf(model)) {
      const slip = slipOf(asset, guard, other);
      const known = worst.get(other.permission)?.missing.length ?? 0;
      if (slip !== undefined && slip.missing.length > known) worst.set(other.permission, slip);
    }
    return [...worst.values()].map(({ problem }) => problem);
  },
};

/** What cannot be read may write anything. */
export const guardBypassed: Check = {
  code: 'M-313',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'Nothing unreadable goes to a unit whose writes are limited.',
  run: (model) =>
    pairsOf(model).flatMap(({ asset, guard, other }) => {
      const unit = sharedUnit(asset, guard.permission, other.permission);
      const means = bypassOf(other.permission);
      if (unit === undefined || means === undefined) return [];
      return [
        {
          at: other.permission.at,
          message: `${means} goes to unit ${unit} of ${asset.name}, past the limits of ${describePermission(guard.permission)}.`,
          hint: 'Remove it, or keep it to units whose writes nothing limits.',
        },
      ];
    }),
};

/** Permission of one client, with the aliases that hold where it stands. */
interface Holder {
  readonly permission: Permission;
  readonly use: Use;
}

interface Pair {
  readonly asset: Asset;
  readonly guard: Holder;
  readonly other: Holder;
}

type Limit = 'value limit' | 'step' | 'interval' | 'write budget' | 'interlock';

/** Each guarded permission with each other one that the same client has at the same server, once. */
function pairsOf(model: ZoneModel): readonly Pair[] {
  const pairs: Pair[] = [];
  const seen = new Map<Permission, Set<Permission>>();
  for (const mode of model.modes)
    for (const [asset, uses] of serversIn(model, mode)) {
      const holders = uses.flatMap((use) =>
        use.profile.permissions.map((permission): Holder => ({ permission, use })),
      );
      for (const guard of holders) {
        if (limitsOf(guard.permission).length === 0) continue;
        const known = seen.get(guard.permission) ?? new Set<Permission>();
        seen.set(guard.permission, known);
        for (const other of holders) {
          if (other.permission === guard.permission || known.has(other.permission)) continue;
          if (!writesOrHides(other.permission) || !sameClient(guard.use.flow, other.use.flow)) continue;
          known.add(other.permission);
          pairs.push({ asset, guard, other });
        }
      }
    }
  return pairs;
}

interface Slip {
  readonly missing: readonly Limit[];
  readonly problem: Problem;
}

function slipOf(asset: Asset, guard: Holder, other: Holder): Slip | undefined {
  const unit = sharedUnit(asset, guard.permission, other.permission);
  const missing = limitsOf(guard.permission).filter((limit) => isWeaker(limit, guard, other));
  const where = unit === undefined ? undefined : sharedAddress(guard, other);
  if (unit === undefined || where === undefined || missing.length === 0) return undefined;
  const broadcast = unit === Broadcast && asset.modbus.kind === 'serial-gateway';
  const who = broadcast ? 'every unit at once' : `unit ${unit}`;
  const problem = {
    at: other.permission.at,
    message: `${where} of ${who} may be written here without the ${joinWords(missing)} of ${describePermission(guard.permission)}.`,
    hint: broadcast
      ? 'Take unit 0 out, or give this permission the same limits.'
      : 'Give both the same limits, or keep their addresses apart.',
  };
  return { missing, problem };
}

function limitsOf(permission: Permission): readonly Limit[] {
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

/** Whether the other permission does not have a limit of the guard, or has a wider one. */
function isWeaker(limit: Limit, { permission: guard }: Holder, { permission: other }: Holder): boolean {
  // A list of values is an exception somebody made on purpose: 0 may be written at any time.
  if (other.values.some(({ allowed }) => allowed.length > 0)) return false;
  if (!limitsOf(other).includes(limit)) return true;
  const [inner, outer] = [guard.values[0], other.values[0]];
  return limit === 'value limit' && inner !== undefined && outer !== undefined && isWider(outer, inner);
}

function isWider(outer: ValueRule, inner: ValueRule): boolean {
  if (outer.type !== inner.type || outer.bits !== undefined || inner.bits !== undefined) return false;
  // Another permission's list of values is an addition to this one, as this one is to it.
  if (inner.allowed.length > 0) return false;
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

function isLimited({ min, max, allowed }: ValueRule): boolean {
  return min !== undefined || max !== undefined || allowed.length > 0;
}

/** What goes past every limit on registers: data that means nothing, and files that may be registers. */
function bypassOf(permission: Permission): string | undefined {
  const opaque = opaqueFunction(permission);
  if (opaque !== undefined) return `${opaque}, whose data cannot be read,`;
  return permission.functions.includes(WriteFile)
    ? 'Function code 21, whose records may be registers,'
    : undefined;
}

function writesOrHides(permission: Permission): boolean {
  return writtenBy(permission).length > 0 || bypassOf(permission) !== undefined;
}

/** Whether one source has both flows to the server, whichever ports they use. */
function sameClient(one: Flow, other: Flow): boolean {
  if (one === other) return true;
  return one.sources.some((a) =>
    other.sources.some((b) => {
      if (a.kind === 'asset' && b.kind === 'asset') return a.asset === b.asset;
      const zone = (end: typeof a) => (end.kind === 'asset' ? end.asset.zone : end.zone);
      return zone(a) === zone(b);
    }),
  );
}

/** The unit where both hold; a broadcast reaches every unit of a guard. */
function sharedUnit(asset: Asset, guard: Permission, other: Permission): number | undefined {
  const guarded = stateUnits(asset, guard.units);
  const shared = stateUnits(asset, other.units).find((unit) => guarded.includes(unit));
  if (shared !== undefined) return shared;
  const broadcast = asset.modbus.kind === 'serial-gateway' && other.units.includes(Broadcast);
  return broadcast && guarded.length > 0 ? Broadcast : undefined;
}

/** The first address that both may write, directly or as a coil that only the guard's profile knows. */
function sharedAddress(guard: Holder, other: Holder): string | undefined {
  for (const { table, ranges } of writtenBy(guard.permission)) {
    const here = writtenBy(other.permission).find((span) => span.table === table);
    const address = here && firstShared(ranges, here.ranges);
    if (address !== undefined) return capital(describeAddress(table, address));
    if (table !== 'holding-registers') continue;
    const coils = writtenBy(other.permission).find((span) => span.table === 'coils');
    const alias = guard.use.profile.aliases.find(
      (one) => isIn(one.register, ranges) && isIn(one.coil, coils?.ranges ?? []) && !knows(other, one),
    );
    if (alias !== undefined)
      return `Coil ${alias.coil}, which is bit ${alias.bit} of ${describeAddress(table, alias.register)},`;
  }
  return undefined;
}

function knows({ use }: Holder, { coil, register, bit }: CoilAlias): boolean {
  return use.profile.aliases.some(
    (alias) => alias.coil === coil && alias.register === register && alias.bit === bit,
  );
}

function firstShared(one: readonly AddressRange[], other: readonly AddressRange[]): number | undefined {
  for (const a of one)
    for (const b of other) if (a.first <= b.last && b.first <= a.last) return Math.max(a.first, b.first);
  return undefined;
}

function isIn(address: number, ranges: readonly AddressRange[]): boolean {
  return ranges.some(({ first, last }) => address >= first && address <= last);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
