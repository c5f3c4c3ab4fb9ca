/** @module-tag deep: a bench; nothing of the gateway is shown here alone. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('the bench of the policy names the machine and measures every step at every size', () => {
  const bench = fileURLToPath(new URL('bench.ts', import.meta.url));
  const said = spawnSync(process.execPath, [bench, 'policy', '--short', '--json']);
  expect({ status: said.status, stderr: said.stderr.toString() }).toEqual({ status: 0, stderr: '' });
  const { machine, sizes, rows } = JSON.parse(said.stdout.toString());
  expect(machine.node).toBe(process.version);
  expect(rows.map(({ step }: { step: string }) => step)).toEqual(['check', 'prove', 'compile']);
  for (const { milliseconds } of rows) expect(milliseconds).toHaveLength(sizes.length);
});

test('the bench of evidence verifies the sessions it wrote', () => {
  const bench = fileURLToPath(new URL('bench.ts', import.meta.url));
  const said = spawnSync(process.execPath, [bench, 'evidence', '--short', '--json']);
  expect({ status: said.status, stderr: said.stderr.toString() }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(said.stdout.toString())).toMatchObject({ sessions: 100, records: 1203 });
});
