import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NodeOptions } from '../../../gateway/run/node-options.ts';

test('connections that come and go at once are not kept in memory until all of it is searched', () => {
  const program = fileURLToPath(new URL('./short-lived.ts', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [...NodeOptions, program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const { open, kept } = JSON.parse(stdout);
  expect(open).toBeLessThan(16);
  expect(kept).toBeLessThan(MostKept);
});

/** Bytes of a connection; all that one takes is some 6 kB. */
const MostKept = 1_500;
