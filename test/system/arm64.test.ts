/** @module-tag deep: another processor. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isRequired } from '../groups.ts';
import { run } from '../plant/namespaces/exec.ts';
import { lacks } from './tools.ts';

const Runner = fileURLToPath(new URL('../arm64/run.ts', import.meta.url));
/** What the runner ends with where the emulation cannot be had. */
const Unavailable = 3;
/** Milliseconds; a minute on a machine that does nothing else. */
const Patience = 900_000;

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly name: string }[];
}

// An arm64 machine runs every other test as arm64.
describe.skipIf(process.arch === 'arm64' || lacks('qemu'))('on an arm64 processor', () => {
  test(
    'the calls and structures of the kernel are those the gateway believes, and frames the same',
    async (context) => {
      const folder = mkdtempSync(join(tmpdir(), 'pst-arm64-'));
      try {
        const file = join(folder, 'report.json');
        const command = [process.execPath, Runner, '--short', '--json', file];
        const { status, stdout, stderr } = await run(command, { patience: Patience });
        if (status === Unavailable && !isRequired('system')) return context.skip(stderr.trim());
        expect(status, stdout + stderr).toBe(0);
        const { numPassedTests, numFailedTests, testResults } = JSON.parse(
          readFileSync(file, 'utf8'),
        ) as Report;
        expect(numFailedTests).toBe(0);
        expect(numPassedTests).toBeGreaterThan(20);
        expect(testResults.some(({ name }) => name.endsWith('ffi/epoll.test.ts'))).toBe(true);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    Patience,
  );
});
