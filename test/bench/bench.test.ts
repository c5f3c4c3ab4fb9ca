import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Patterns, workloads } from './workload.ts';

const Bench = fileURLToPath(new URL('bench.ts', import.meta.url));

function run(...options: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    '--expose-gc',
    Bench,
    '--short',
    ...options,
  ]);
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return stdout.toString();
}

test('the bench names the machine and prints a row for every workload and half', () => {
  const printed = run();
  expect(printed).toContain(process.version);
  for (const pattern of Patterns) {
    for (const { name, answer } of workloads(pattern)) {
      const rows = printed.split('\n').filter((line) => line.startsWith(name.padEnd(22)));
      expect(rows, name).toHaveLength(answer === undefined ? 2 : 6);
    }
  }
});

test('the bench gives the same as data', () => {
  const { machine, rows } = JSON.parse(run('--json')) as {
    machine: { node: string };
    rows: { bytes: number[] }[];
  };
  expect(machine.node).toBe(process.version);
  expect(rows).toHaveLength(32);
  for (const { bytes } of rows) expect(bytes).toHaveLength(3);
});
