import type { LongRun } from './long.ts';
import { inspectorMemory } from './memory.ts';
import type { Place, Results } from './results.ts';

/** One goal, and what was measured of it. */
export interface Goal {
  readonly column: string;
  readonly text: string;
  /** `≤ 1` */
  readonly wanted: string;
  /** Both undefined where it was not measured. */
  readonly value: number | undefined;
  readonly met: boolean | undefined;
  /** The row that decides, where it is one of several. */
  readonly row: string;
}

/** The goals of each of our columns, and of the sections beside; computed from what was measured and nothing else. */
export function goalsOf(
  results: Results,
  ours: readonly string[],
  long: readonly LongRun[],
): readonly Goal[] {
  return [
    ...ours.flatMap((column) =>
      ColumnGoals.map(({ text, bound, of }) => judge(column, text, bound, of(results, column))),
    ),
    ...Comparisons.flatMap(({ text, bound, row, top, bottom }) => {
      const value = results.ratio({ row, column: top }, { row, column: bottom }, 'perSecond');
      return results.rows.includes(row) ? [judge(top, text, bound, { value })] : [];
    }),
    ...long.map((run) =>
      judge(
        run.column,
        `memory of the inspector over ${run.wanted} transactions, later to earlier`,
        atMost(1.05),
        {
          value: growth(run),
        },
      ),
    ),
  ];
}

interface Bound {
  readonly is: '≤' | '≥';
  readonly than: number;
}

interface Found {
  readonly value: number | undefined;
  readonly row?: string;
}

function judge(column: string, text: string, { is, than }: Bound, { value, row = '' }: Found): Goal {
  const met = value === undefined ? undefined : is === '≤' ? value <= than : value >= than;
  return { column, text, wanted: `${is} ${than}`, value, met, row };
}

function atMost(than: number): Bound {
  return { is: '≤', than };
}

function atLeast(than: number): Bound {
  return { is: '≥', than };
}

const Loops = ['1', '10', '100', '500', '10x32'] as const;
const Paced = ['paced-200', 'paced-1000'] as const;

const ColumnGoals: readonly {
  readonly text: string;
  readonly bound: Bound;
  readonly of: (results: Results, column: string) => Found;
}[] = [
  ...['10', '100'].flatMap((row) => [
    {
      text: `processor time to HAProxy, ${row} connections`,
      bound: atMost(1),
      of: toHaproxy('processor', row),
    },
    { text: `the same, the further goal`, bound: atMost(0.8), of: toHaproxy('processor', row) },
  ]),
  {
    text: 'transactions/s to HAProxy, where lowest',
    bound: atLeast(1),
    of: (results, column) =>
      decisive(Loops, (row) => toHaproxy('perSecond', row)(results, column).value, Math.min),
  },
  {
    text: 'transactions/s, 100 connections',
    bound: atLeast(60_000),
    of: (results, column) => ({ value: results.median('100', column, 'perSecond') }),
  },
  { text: 'p50 beside forwarding, 1 connection, µs more', bound: atMost(60), of: addedAtOne('p50') },
  { text: 'p99 beside forwarding, 1 connection, µs more', bound: atMost(150), of: addedAtOne('p99') },
  {
    text: 'p99 to HAProxy, where highest',
    bound: atMost(1),
    of: (results, column) =>
      decisive(
        [...Loops, ...Paced, 'setup'],
        (row) => toHaproxy('p99', row)(results, column).value,
        Math.max,
      ),
  },
  ...['100', '10x32'].map((row) => ({
    text: `all refused to all allowed, ${row}`,
    bound: atLeast(0.8),
    of: (results: Results, column: string) => ({
      value: results.ratio({ row: `refused-${row}`, column }, { row, column }, 'perSecond'),
    }),
  })),
  { text: 'connections set up to HAProxy', bound: atLeast(0.8), of: toHaproxy('perSecond', 'setup') },
  {
    text: 'memory of the inspector, 500 connections, MiB',
    bound: atMost(120),
    of: (results, column) => ({ value: results.inspector('500', column) }),
  },
];

const Comparisons: readonly {
  readonly text: string;
  readonly bound: Bound;
  readonly row: string;
  readonly top: string;
  readonly bottom: string;
}[] = [
  {
    text: 'transactions/s with two inspectors to one HAProxy thread',
    bound: atLeast(1.3),
    row: 'two',
    top: 'two-inspectors',
    bottom: 'haproxy',
  },
  {
    text: 'transactions/s with 10000 rules to 10 rules',
    bound: atLeast(0.9),
    row: 'rules',
    top: '10000-rules',
    bottom: '10-rules',
  },
];

function toHaproxy(figure: 'processor' | 'perSecond' | 'p99', row: string) {
  return (results: Results, column: string): Found => {
    const base: Place = { row, column: 'haproxy' };
    return { value: results.ratio({ row, column }, base, figure) };
  };
}

function addedAtOne(figure: 'p50' | 'p99') {
  return (results: Results, column: string): Found => ({
    value: results.added({ row: '1', column }, { row: '1', column: 'forward' }, figure),
  });
}

/** The value and the row that is furthest to one side. */
function decisive(
  rows: readonly string[],
  figureOf: (row: string) => number | undefined,
  choose: (...values: number[]) => number,
): Found {
  const values = rows.flatMap((row) => {
    const value = figureOf(row);
    return value === undefined ? [] : [{ row, value }];
  });
  const value = choose(...values.map((one) => one.value));
  return values.find((one) => one.value === value) ?? { value: undefined };
}

/** The most held in the later half divided by the most held in the earlier one; undefined where it did not end. */
function growth({ memory, measured }: LongRun): number | undefined {
  if (measured === undefined) return undefined;
  const held = memory.map(inspectorMemory);
  const half = Math.ceil(held.length / 2);
  return Math.max(...held.slice(half)) / Math.max(...held.slice(0, half));
}
