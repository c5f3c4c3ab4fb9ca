import type { WritableTable } from '../message/access.ts';
import type { CoilAlias } from '../profile.ts';

/** Coils that are bits of registers, seen from both sides: a write to one is a write to the other. */
export interface Twins {
  add(aliases: readonly CoilAlias[]): void;
  /** Ascending addresses of a table that have a twin in the other one, and that twin; an address may have several. */
  of(table: WritableTable): TwinList;
}

export interface TwinList {
  readonly own: readonly number[];
  readonly twin: readonly number[];
}

/** None yet. */
export function createTwins(): Twins {
  const pairs = new Map<number, CoilAlias>();
  let coils: TwinList = { own: [], twin: [] };
  let registers: TwinList = { own: [], twin: [] };
  return {
    add(aliases) {
      if (aliases.length === 0) return;
      for (const alias of aliases) pairs.set(alias.coil * 0x1_0000 + alias.register, alias);
      const all = [...pairs.values()];
      const byCoil = all.toSorted((a, b) => a.coil - b.coil);
      const byRegister = all.toSorted((a, b) => a.register - b.register);
      coils = { own: byCoil.map(({ coil }) => coil), twin: byCoil.map(({ register }) => register) };
      registers = {
        own: byRegister.map(({ register }) => register),
        twin: byRegister.map(({ coil }) => coil),
      };
    },
    of: (table) => (table === 'coils' ? coils : registers),
  };
}
