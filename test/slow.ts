/**
 * `npm run test:slow [-- fuzz | false-refusals | releases | durability] [--adus N] [--seed N]`: what takes too long for
 * every change. `releases` updates a box under systemd to releases that fail in every way, and installs the archives on
 * Debian systems that have no network, in 90 minutes at most; it takes a mirror of Debian and the npm registry. `fuzz` is
 * the differential fuzzing, 10 000 000 ADUs and a new seed unless said otherwise; `false-refusals` hears what stock clients
 * are told through the gateway and directly, at least 1 000 000 requests; `durability` kills the writer of evidence and the
 * keeper of grants 1 000 times each and cuts the power 100 times after every step. Without a name all run. The exit status
 * is 1 when one of them failed or did not end in time.
 */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { groups } from './groups.ts';

/** One long run: a program that says itself how far it is. */
interface Part {
  readonly name: string;
  /** What is missing on this machine, or empty. */
  readonly obstacle: () => string;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** After so many it is ended and has failed; far more than it takes. */
  readonly minutes: number;
}

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { adus: { type: 'string' }, seed: { type: 'string' } },
});
const root = fileURLToPath(new URL('..', import.meta.url));
/** Requests of the false-refusal suite as it runs with every change. */
const Usual = 10_000;

const parts: readonly Part[] = [
  {
    name: 'fuzz',
    obstacle: () => '',
    command: [
      join(root, 'test/rules/modbus/fuzz/long.ts'),
      options.adus ?? '10000000',
      ...(options.seed === undefined ? [] : [options.seed]),
    ],
    env: {},
    minutes: 180,
  },
  {
    name: 'false-refusals',
    obstacle: () => groups.find(({ name }) => name === 'system')?.obstacle() ?? '',
    command: suites('system', 'test/system/false-refusals'),
    env: { PENSTOCK_FALSE_REFUSALS: `${Math.ceil(Number(options.adus ?? 1_000_000) / Usual)}` },
    minutes: 60,
  },
  {
    name: 'releases',
    obstacle: () => groups.find(({ name }) => name === 'system')?.obstacle() ?? '',
    command: suites('system', 'test/system/hardware/release'),
    env: { PENSTOCK_RELEASES: 'all' },
    minutes: 90,
  },
  {
    name: 'durability',
    obstacle: () => '',
    command: suites(
      'unit',
      'test/gateway/evidence/kill.test.ts',
      'test/gateway/evidence/power-cut.test.ts',
      'test/gateway/broker/kill.test.ts',
    ),
    env: { PENSTOCK_SLOW: '1' },
    minutes: 120,
  },
];

function suites(project: string, ...files: string[]): readonly string[] {
  return [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    `--config=${join(root, 'test/vitest.config.ts')}`,
    '--configLoader=native',
    `--project=${project}`,
    '--reporter=verbose',
    '--disableConsoleIntercept',
    ...files,
  ];
}

const chosen = parts.filter(({ name }) => names.length === 0 || names.includes(name));
const unknown = names.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${parts.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const outcomes = chosen.map((part) => ({ ...run(part), name: part.name }));
for (const { name, outcome, seconds } of outcomes) console.log(`${name.padEnd(16)}${outcome}  ${seconds} s`);
process.exitCode = outcomes.some(({ outcome }) => outcome.startsWith('FAILED')) ? 1 : 0;

function run({ obstacle, command, env, minutes, name }: Part): { outcome: string; seconds: number } {
  const missing = obstacle();
  if (missing !== '') return { outcome: `skipped: ${missing}`, seconds: 0 };
  console.log(`${name}: at most ${minutes} minutes`);
  const begun = performance.now();
  const { status, signal } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // vitest keeps a token file in the data folder of the user, who may have no home to write to.
    env: { ...process.env, XDG_DATA_HOME: tmpdir(), ...env },
    timeout: minutes * 60_000,
  });
  const seconds = Math.round((performance.now() - begun) / 1000);
  if (status === 0) return { outcome: 'passed', seconds };
  return { outcome: signal === null ? 'FAILED' : 'FAILED: ended before it was done', seconds };
}
