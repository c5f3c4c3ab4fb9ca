import { median } from '../machine.ts';
import type { Measured } from './load.ts';
import { inspectorMemory, type Memory } from './memory.ts';
import type { Cell } from './rounds.ts';

/** Medians over the rounds, and ratios taken within each round, of all cells of a run. */
export interface Results {
  readonly rows: readonly string[];
  readonly columnsOf: (row: string) => readonly string[];
  /** Undefined where not one round has a figure. */
  readonly median: (row: string, column: string, figure: Figure) => number | undefined;
  /** The median of what a column gave divided by what the other gave in the same round. */
  readonly ratio: (top: Place, bottom: Place, figure: Figure) => number | undefined;
  /** The median of how much more a column gave than the other in the same round. */
  readonly added: (top: Place, bottom: Place, figure: Figure) => number | undefined;
  /** What the inspector that carries held at most, MiB; undefined where nobody looked. */
  readonly inspector: (row: string, column: string) => number | undefined;
  /** The processes of the last round in which somebody looked. */
  readonly memory: (row: string, column: string) => Memory | undefined;
  /** What went wrong, once each. */
  readonly problems: (row: string, column: string) => readonly string[];
}

export type Figure = keyof Measured;

export interface Place {
  readonly row: string;
  readonly column: string;
}

export function createResults(cells: readonly Cell[]): Results {
  const of = (row: string, column: string) =>
    cells.filter((cell) => cell.row === row && cell.column === column);

  function pairs(top: Place, bottom: Place, figure: Figure): readonly (readonly [number, number])[] {
    return of(top.row, top.column).flatMap(({ round, measured }) => {
      const other = of(bottom.row, bottom.column).find((cell) => cell.round === round)?.measured;
      const [here, there] = [measured?.[figure], other?.[figure]];
      return here === undefined || there === undefined ? [] : [[here, there] as const];
    });
  }

  function inspector(row: string, column: string): number | undefined {
    const held = of(row, column).flatMap(({ memory }) =>
      memory === undefined ? [] : [inspectorMemory(memory)],
    );
    return held.length === 0 ? undefined : Math.max(...held);
  }

  return {
    rows: [...new Set(cells.map(({ row }) => row))],
    columnsOf: (row) => [...new Set(cells.filter((cell) => cell.row === row).map(({ column }) => column))],
    median: (row, column, figure) =>
      medianOf(of(row, column).flatMap(({ measured }) => measured?.[figure] ?? [])),
    ratio: (top, bottom, figure) =>
      medianOf(
        pairs(top, bottom, figure)
          .filter(([, under]) => under > 0)
          .map(([over, under]) => over / under),
      ),
    added: (top, bottom, figure) => medianOf(pairs(top, bottom, figure).map(([more, less]) => more - less)),
    inspector,
    memory: (row, column) => of(row, column).findLast(({ memory }) => memory !== undefined)?.memory,
    problems: (row, column) => [...new Set(of(row, column).flatMap(({ problem }) => problem ?? []))],
  };
}

function medianOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : median(values);
}
