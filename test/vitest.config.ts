import { availableParallelism, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { Deep } from './count.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One project per group; `test/run.ts` decides which can run on this machine. */
export default defineConfig({
  root,
  cacheDir: `${tmpdir()}/penstock-vitest-${process.pid}`,
  test: {
    cache: false,
    fsModuleCache: false,
    teardownTimeout: 60_000,
    tags: [
      { name: Deep, description: 'repeats at volume, over a long time or on another host what others show' },
    ],
    projects: [
      {
        test: {
          name: 'unit',
          root,
          include: ['test/**/*.test.ts'],
          exclude: ['test/system/**', 'test/browser/**'],
          // Files share a process and its modules with all they hold: a process for each cost a third of the run.
          // Leave nothing behind in either. `npm test -- --isolate` shows whether a file needs what another one left.
          isolate: false,
          maxWorkers: Math.max(2, availableParallelism() - 1),
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'system',
          root,
          include: ['test/system/**/*.test.ts'],
          // Each file has namespaces and names of its own, and mostly waits; nothing asserts on time.
          maxWorkers: 4,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'browser',
          root,
          include: ['test/browser/**/*.test.ts'],
          // Each file has a browser of its own; more of them than cores wait for each other.
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
