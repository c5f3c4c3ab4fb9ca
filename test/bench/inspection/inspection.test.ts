/** @module-tag deep: a bench; nothing of the gateway is shown here alone. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Halves } from './measure.ts';
import { formatTable, type Table } from './table.ts';
import { Patterns, RuleCounts, workloads } from './workload.ts';

const Bench = fileURLToPath(new URL('inspection.ts', import.meta.url));

test('the bench names the machine and measures every workload, by half and number of rules', () => {
  const options = ['--expose-gc', Bench, '--short', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, options);
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  const table = JSON.parse(stdout.toString()) as Table;
  expect(table.machine.node).toBe(process.version);
  const printed = formatTable(table).split('\n');
  for (const pattern of Patterns) {
    for (const { name, answer } of workloads(pattern)) {
      const rows = table.rows.filter((row) => row.pattern === pattern && row.workload === name);
      expect(rows.map(({ half }) => half)).toEqual(answer === undefined ? ['request'] : Halves);
      for (const { nanoseconds, bytes } of rows) {
        expect(nanoseconds).toHaveLength(RuleCounts.length);
        expect(bytes).toHaveLength(RuleCounts.length);
      }
      expect(printed.filter((line) => line.startsWith(name.padEnd(22)))).toHaveLength(2 * rows.length);
    }
  }
});
