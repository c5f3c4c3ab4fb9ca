/**
 * `npm run test:arm64 [-- --short | --all | file filters]`: unit tests as an arm64 Node runs them, under qemu's
 * user-mode emulator where the machine is of another kind. Without a filter it runs the rooms whose answer may depend
 * on the machine; `--short` those of a minute, `--all` every unit test, which takes hours. The exit status is 1 when a
 * test failed or it did not end in time, and 3 when the emulation cannot be had here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Emulation, emulationObstacle, prepareEmulation } from './emulation.ts';
import { Limits, Long, type Part, Short } from './rooms.ts';

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
/** After so many minutes it is ended and has failed; far more than it takes. */
const Minutes = options.all ? 240 : options.short ? 14 : 90;

process.exitCode = main();

function main(): number {
  const obstacle = emulationObstacle();
  if (obstacle !== '') return unavailable(obstacle);
  let emulation: Emulation;
  try {
    emulation = prepareEmulation();
  } catch (error) {
    return unavailable(`needs Node and Debian's packages for arm64 from the network: ${String(error)}`);
  }
  const parts = options.all ? [] : options.short ? Short : Long;
  for (const { path, why } of filters.length === 0 ? parts : []) console.log(`${path}  ${why}`);
  for (const { test, why } of Limits) console.log(`left out: ${test}: ${why}`);
  return runTests(emulation, filters.length === 0 ? present(parts) : filters);
}

function unavailable(reason: string): number {
  console.error(`skipped  arm64  ${reason}`);
  return 3;
}

/** A room that was renamed would be left out in silence, and without any room vitest runs all there are. */
function present(parts: readonly Part[]): readonly string[] {
  for (const { path } of parts) if (!existsSync(join(root, path))) throw new Error(`${path} is not there`);
  return parts.map(({ path }) => path);
}

/** vitest itself runs here, which is quicker; the processes it forks for the tests are arm64. */
function runTests({ node, forksArm64 }: Emulation, paths: readonly string[]): number {
  const leftOut = Limits.map(({ test }) => test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const command = [
    '--import',
    forksArm64,
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    `--config=${join(root, 'test/vitest.config.ts')}`,
    '--configLoader=native',
    '--project=unit',
    '--pool=forks',
    // A process takes seconds to start in here, and vitest waits a minute for each.
    ...(options.short ? ['--maxWorkers=1'] : []),
    '--testTimeout=600000',
    '--hookTimeout=600000',
    `--testNamePattern=^(?!.*(?:${leftOut})$)`,
    '--reporter=default',
    ...(options.json === undefined ? [] : ['--reporter=json', `--outputFile.json=${options.json}`]),
    ...paths,
  ];
  const { status } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // A test that asks the search path for Node shall find this one.
    env: { ...process.env, PATH: `${dirname(node)}:${process.env['PATH'] ?? ''}` },
    timeout: Minutes * 60_000,
  });
  return status === 0 ? 0 : 1;
}
