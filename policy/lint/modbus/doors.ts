import type { CoilAlias } from '../../../rules/modbus/profile.ts';
import { describeAddress, type Holder } from './servers.ts';
import { writtenBy } from './terms.ts';

/** Addresses one client may write at a server under one permission. */
export interface Door extends Holder {
  readonly table: string;
  readonly first: number;
  readonly last: number;
  /** Set where the door is a coil that its profile knows as a bit of a register. */
  readonly alias: CoilAlias | undefined;
}

/** What a permission lets its client write, and the coils that are bits of it. */
export function doorsOf(holder: Holder): readonly Door[] {
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
export function overlapsOf(doors: readonly Door[]): readonly (readonly [Door, Door])[] {
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

/** Whether somebody reaches through the other door what the guard's permission limits, past that permission. */
export function isWayTo(guard: Door, other: Door): boolean {
  return other.alias === undefined && (guard.alias === undefined || !knows(other, guard.alias));
}

/** What both doors are, at the beginning of a sentence. */
export function describeDoor({ table, first, alias }: Door, other: Door): string {
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
