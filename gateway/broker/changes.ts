import type { KeptOperation } from './grant-entry.ts';

/** What a session left changed at one address of one device, as far as its own traffic tells. */
export interface Change {
  readonly target: string;
  readonly unit: number;
  readonly table: 'coil' | 'holding register';
  /** 0-based, as on the wire. */
  readonly address: number;
  /** What it held before the first write; absent where nobody had read it. */
  readonly before?: number;
  readonly after: number;
  readonly writes: number;
}

/**
 * The change report: each written address once, with what it held before and what it holds since. Mask writes and
 * writes of more values than a record keeps are told among the writes alone.
 */
export function changesOf(operations: readonly KeptOperation[]): readonly Change[] {
  const changes = new Map<string, Change>();
  for (const { target, unit, functionCode, address, values, before, outcome } of operations) {
    const table = Tables.get(functionCode);
    if (table === undefined || address === undefined || outcome !== 'passed') continue;
    values.forEach((after, offset) => {
      const at = address + offset;
      const key = [target, unit, table, at].join(' ');
      const known = changes.get(key);
      const held = known === undefined ? before?.[offset] : known.before;
      changes.set(key, {
        ...{ target, unit, table, address: at },
        ...(held === undefined ? {} : { before: held }),
        ...{ after, writes: (known?.writes ?? 0) + 1 },
      });
    });
  }
  return [...changes.values()];
}

/** Function codes that set plain values, Modbus Application Protocol V1.1b3 §6.5, 6.6, 6.11, 6.12 and 6.17. */
const Tables: ReadonlyMap<number, Change['table']> = new Map([
  [5, 'coil'],
  [15, 'coil'],
  [6, 'holding register'],
  [16, 'holding register'],
  [23, 'holding register'],
]);
