/**
 * `npm test [-- --all] [-- file filters and vitest options]`: runs every group of tests this machine can run, one
 * after the other, says in one line per skipped group or tool what would enable it, and ends with the count. Tests
 * tagged `deep` are left out, which is said too, unless `--all` asks for them or files are named. The exit status is 1
 * when a test failed or when a group named in PENSTOCK_REQUIRE could not run.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeOptions } from '../gateway/run/node-options.ts';
import { addCounts, type Count, countReport, Deep, Nothing } from './count.ts';
import { type Group, groups, isRequired, tools } from './groups.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const config = join(root, 'test/vitest.config.ts');
const words = process.argv.slice(2);
const filters = words.filter((word) => word !== '--all');
/** Whoever names what they want gets all of it. */
const all = words.includes('--all') || filters.some((word) => !word.startsWith('-'));
const choice = all ? [] : [`--tags-filter=!${Deep}`];
const scratch = mkdtempSync(join(tmpdir(), 'penstock-test-'));

/** Where processes of the tests leave their compiled code for each other, of whatever user they are. */
const compiled = join(scratch, 'compiled');
/** Milliseconds for a process that has nothing to do. */
const Longest = 60_000;

try {
  await keepCompiledCode();
  const notes: string[] = [];
  const counts: Count[] = [];
  // One after the other: on two cores groups beside each other waited for each other past every patience.
  for (const group of groups) {
    const obstacle = group.obstacle();
    if (obstacle === '') notes.push(...missingTools(group));
    counts.push(obstacle === '' ? await run(group) : skip(group, obstacle, notes));
  }
  for (const note of notes) console.log(note);
  const total = counts.reduce(addCounts, Nothing);
  if (total.leftOut > 0)
    console.log(`left out  ${total.leftOut} deep tests  npm test -- --all runs them too`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function run(group: Group): Promise<Count> {
  const report = join(scratch, `${group.name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = vitestArguments('run', group, ...reporters, '--passWithNoTests');
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: environment() });
  const [status] = await once(child, 'close');
  const found = readReport(report);
  // Whoever asks for everything and gets nothing was not asked.
  if (filters.length === 0 && found.passed === 0) return { ...found, failed: Math.max(1, found.failed) };
  // An unhandled error or a crashed worker fails the run without failing any one test.
  return status !== 0 && found.failed === 0 ? { ...found, failed: 1 } : found;
}

function skip(group: Group, obstacle: string, notes: string[]): Count {
  const required = isRequired(group.name);
  notes.push(`${required ? 'FAILED ' : 'skipped'}  ${group.name}  ${obstacle}`);
  const tests = countTests(group);
  return { ...Nothing, failed: required ? Math.max(1, tests) : 0, skipped: required ? 0 : tests };
}

/** Tests of the tools named here skip themselves, or fail where their group is required. */
function missingTools(group: Group): readonly string[] {
  const verdict = isRequired(group.name) ? 'FAILED ' : 'skipped';
  return tools
    .filter((tool) => tool.group === group.name && !tool.present())
    .map((tool) => `${verdict}  ${group.name}: ${tool.name}  apt-get install ${tool.debianPackages}`);
}

function countTests(group: Group): number {
  const report = join(scratch, `${group.name}.list.json`);
  const args = vitestArguments('list', group, `--json=${report}`);
  spawnSync(process.execPath, args, { cwd: root, stdio: 'ignore', env: environment() });
  try {
    return (JSON.parse(readFileSync(report, 'utf8')) as unknown[]).length;
  } catch {
    return 0;
  }
}

function vitestArguments(verb: 'run' | 'list', group: Group, ...options: string[]): readonly string[] {
  const configuration = [`--config=${config}`, '--configLoader=native', `--project=${group.name}`];
  return [vitest, verb, ...configuration, ...options, ...choice, ...filters];
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    // vitest keeps a token file in the data folder of the user, who may have no home to write to.
    XDG_DATA_HOME: scratch,
    NODE_COMPILE_CACHE: compiled,
    ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  };
}

/**
 * Tests start hundreds of processes of the gateway, and compiling costs each of them half of its start. What is
 * killed keeps nothing for the next, so that each kind is started once for nothing: it misses its options and ends.
 * What runs as another user keeps its own, in a folder that it makes; only once root's is made, so that nobody else
 * can make that one and have root run what he put there.
 */
async function keepCompiledCode(): Promise<void> {
  mkdirSync(compiled);
  const mains = ['engine', 'inspector', 'front'].map((kind) => [
    ...NodeOptions,
    join(root, `gateway/${kind}/main.ts`),
  ]);
  // For a few files it is enough that there is a folder.
  const commands = filters.length > 0 ? [['--eval', '']] : mains;
  const options = { stdio: 'ignore', env: environment(), timeout: Longest, killSignal: 'SIGKILL' } as const;
  await Promise.all(commands.map((words) => once(spawn(process.execPath, words, options), 'close')));
  chmodSync(compiled, 0o1777);
  chmodSync(scratch, 0o755);
}

function readReport(path: string): Count {
  let report: string;
  try {
    report = readFileSync(path, 'utf8');
  } catch {
    return { ...Nothing, failed: 1 };
  }
  return countReport(report, !all);
}
