import type { UsedCount } from '../ipc/reports.ts';

/** Makes of what inspecting processes counted since their start what is new since they were last heard. */
export interface UseTotals {
  readonly take: (
    epoch: string,
    flows: readonly UsedCount[],
    permissions: readonly UsedCount[],
  ) => { readonly flows: readonly UsedCount[]; readonly permissions: readonly UsedCount[] };
  /** Of the processes heard last: they outlive an engine, and must not be counted twice. */
  readonly kept: () => KeptTotals[];
}

export interface KeptTotals {
  epoch: string;
  flows: [string, number][];
  permissions: [string, number][];
}

export function createUseTotals(kept: readonly KeptTotals[]): UseTotals {
  const epochs = new Map(
    kept.map(({ epoch, flows, permissions }) => [
      epoch,
      { flows: new Map(flows), permissions: new Map(permissions) },
    ]),
  );
  return {
    take: (epoch, flows, permissions) => {
      const known = epochs.get(epoch) ?? { flows: new Map(), permissions: new Map() };
      epochs.delete(epoch);
      epochs.set(epoch, known);
      const [oldest] = epochs.keys();
      if (epochs.size > EpochsKept && oldest !== undefined) epochs.delete(oldest);
      return { flows: newOf(known.flows, flows), permissions: newOf(known.permissions, permissions) };
    },
    kept: () =>
      [...epochs].map(([epoch, { flows, permissions }]) => ({
        epoch,
        flows: [...flows],
        permissions: [...permissions],
      })),
  };
}

function newOf(known: Map<string, number>, counted: readonly UsedCount[]): readonly UsedCount[] {
  return counted.flatMap(({ id, count }) => {
    const more = count - (known.get(id) ?? 0);
    known.set(id, count);
    return more > 0 ? [{ id, count: more }] : [];
  });
}

/** More than there are inspecting processes at one time. */
const EpochsKept = 16;
