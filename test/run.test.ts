/** @module-tag deep: count.test.ts shows the count, every run the line. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const runner = fileURLToPath(new URL('run.ts', import.meta.url));

test('a run ends with the count on a line alone, also where nothing matches', () => {
  const { stdout, status } = spawnSync(process.execPath, [runner, 'test/no-such-file'], { encoding: 'utf8' });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 0 failed, 0 skipped');
  expect(status).toBe(0);
});
