import { expect, test } from 'vitest';
import { goalsOf } from './goals.ts';
import type { Measured } from './load.ts';
import type { LongRun } from './long.ts';
import { createResults } from './results.ts';
import type { Cell } from './rounds.ts';

test('a ratio is taken within each round, so that a busy round does not count for one column alone', () => {
  const results = createResults([
    cell('10', 'haproxy', 0, { perSecond: 100 }),
    cell('10', 'ours', 0, { perSecond: 200 }),
    cell('10', 'haproxy', 1, { perSecond: 10 }),
    cell('10', 'ours', 1, { perSecond: 30 }),
    cell('10', 'haproxy', 2, { perSecond: 1000 }),
    cell('10', 'ours', 2, { perSecond: 2500 }),
  ]);
  const [ours, haproxy] = ['ours', 'haproxy'].map((column) => ({ row: '10', column })) as [Place, Place];
  expect(results.ratio(ours, haproxy, 'perSecond')).toBe(2.5);
  expect(results.added(ours, haproxy, 'perSecond')).toBe(100);
});

test('a round in which one of two columns failed counts for neither in their ratio', () => {
  const results = createResults([
    cell('10', 'haproxy', 0, { perSecond: 100 }),
    { row: '10', column: 'ours', round: 0, problem: '3 lost of 7' },
    cell('10', 'haproxy', 1, { perSecond: 100 }),
    cell('10', 'ours', 1, { perSecond: 70 }),
  ]);
  const [ours, haproxy] = ['ours', 'haproxy'].map((column) => ({ row: '10', column })) as [Place, Place];
  expect(results.ratio(ours, haproxy, 'perSecond')).toBe(0.7);
  expect(results.problems('10', 'ours')).toEqual(['3 lost of 7']);
});

test('a goal of every row is decided by the worst of them, which is named', () => {
  const cells = ['1', '10', '100'].flatMap((row, index) => [
    cell(row, 'haproxy', 0, { perSecond: 100 }),
    cell(row, 'ours', 0, { perSecond: [150, 90, 120][index] ?? 0 }),
  ]);
  expect(goalNamed(cells, 'transactions/s to HAProxy, where lowest')).toMatchObject({
    value: 0.9,
    met: false,
    row: '10',
  });
});

test('what was not measured is neither met nor missed', () => {
  const all = goalsOf(createResults([]), ['ours'], []);
  expect(all.length).toBeGreaterThan(5);
  expect(all.filter(({ value, met }) => value !== undefined || met !== undefined)).toEqual([]);
});

test('all-refused traffic is compared with all-allowed traffic of the same shape and column', () => {
  const cells = [
    cell('100', 'ours', 0, { perSecond: 1000 }),
    cell('refused-100', 'ours', 0, { perSecond: 800 }),
  ];
  expect(goalNamed(cells, 'all refused to all allowed, 100')).toMatchObject({ value: 0.8, met: true });
});

test('memory that rises by more than a twentieth in the later half of a long run misses its goal', () => {
  const run = (held: readonly number[]): LongRun => ({
    column: 'ours',
    wanted: 100,
    memory: held.map((rss, index) => ({
      transactions: index,
      processes: [{ name: 'inspector', rss, pss: rss }],
    })),
    measured: measured({}),
  });
  const verdictOf = (held: readonly number[]) => goalsOf(createResults([]), [], [run(held)])[0]?.met;
  expect(verdictOf([50, 100, 100, 103, 104])).toBe(true);
  expect(verdictOf([50, 100, 100, 103, 106])).toBe(false);
});

interface Place {
  readonly row: string;
  readonly column: string;
}

function goalNamed(cells: readonly Cell[], text: string) {
  return goalsOf(createResults(cells), ['ours'], []).find((goal) => goal.text === text);
}

function cell(row: string, column: string, round: number, figures: Partial<Measured>): Cell {
  return { row, column, round, measured: measured(figures) };
}

function measured(figures: Partial<Measured>): Measured {
  const nothing = { transactions: 0, perSecond: 0, p50: 0, p99: 0, p999: 0, processor: 0, skipped: 0 };
  return { ...nothing, ...figures };
}
