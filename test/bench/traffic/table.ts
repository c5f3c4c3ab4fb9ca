import type { Goal } from './goals.ts';
import type { LongRun } from './long.ts';
import { inspectorMemory, type Memory, totalMemory } from './memory.ts';
import type { Results } from './results.ts';

/** Every row with its columns, medians first, then the ratios within each round. */
export function rowsText(results: Results): string {
  const lines = [line(Heading)];
  for (const row of results.rows) {
    for (const [index, column] of results.columnsOf(row).entries()) {
      lines.push(line([index === 0 ? row : '', column, ...figures(results, row, column)]));
      for (const problem of results.problems(row, column)) lines.push(`    ${problem.split('\n')[0]}`);
    }
  }
  return lines.join('\n');
}

/** What each process of the box holds while the connections of a row are open. */
export function memoryText(results: Results, row: string): string {
  return results
    .columnsOf(row)
    .flatMap((column) => {
      const memory = results.memory(row, column);
      return memory === undefined || memory.processes.length === 0
        ? []
        : [`${column}: ${processesText(memory)}`];
    })
    .join('\n');
}

export function longText({ column, memory, measured, problem }: LongRun): string {
  const held = memory.map((one) => inspectorMemory(one).toFixed(0)).join(' ');
  const all = memory.map((one) => totalMemory(one).toFixed(0)).join(' ');
  const speed = measured === undefined ? `not ended: ${problem}` : `${measured.perSecond.toFixed(0)} /s`;
  const passed = memory.at(-1)?.transactions ?? 0;
  return [
    `${column}, ${passed} transactions, ${speed}; MiB at the start and after each tenth`,
    `  inspector, resident     ${held}`,
    `  all processes, PSS      ${all}`,
  ].join('\n');
}

export function goalsText(goals: readonly Goal[]): string {
  return goals
    .map(({ column, text, wanted, value, met, row }) => {
      const said = met === undefined ? 'not measured' : met ? 'met' : 'not met';
      const figure = value === undefined ? '' : rounded(value);
      return [
        column.padEnd(18),
        text.padEnd(64),
        wanted.padStart(8),
        figure.padStart(9),
        `  ${said}${row === '' ? '' : ` (${row})`}`,
      ].join('');
    })
    .join('\n');
}

const Heading = ['', '', '/s', 'haproxy', 'forward', 'p50 µs', 'p99', 'p99.9', 'cpu s', 'haproxy', 'forward'];

function figures(results: Results, row: string, column: string): readonly string[] {
  const median = (figure: 'perSecond' | 'p50' | 'p99' | 'p999' | 'processor') =>
    rounded(results.median(row, column, figure));
  const beside = (figure: 'perSecond' | 'processor') =>
    ['haproxy', 'forward'].map((other) =>
      other === column ? '' : rounded(results.ratio({ row, column }, { row, column: other }, figure)),
    );
  return [
    median('perSecond'),
    ...beside('perSecond'),
    median('p50'),
    median('p99'),
    median('p999'),
    median('processor'),
    ...beside('processor'),
  ];
}

function processesText(memory: Memory): string {
  const each = memory.processes.map(({ name, rss, pss }) => `${name} ${rss.toFixed(0)}/${pss.toFixed(0)}`);
  return `${each.join(', ')}; together ${totalMemory(memory).toFixed(0)} PSS`;
}

function rounded(value: number | undefined): string {
  if (value === undefined) return '';
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function line([row = '', column = '', ...cells]: readonly string[]): string {
  return `${row.padEnd(14)}${column.padEnd(18)}${cells.map((cell) => cell.padStart(9)).join('')}`;
}
