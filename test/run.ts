/**
 * `npm test [-- file filters and vitest options]`: runs every group of tests this machine can run, says in
 * one line per skipped group or tool what would enable it, and ends with the count. The exit status is 1
 * when a test failed or when a group named in PENSTOCK_REQUIRE could not run.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Group, groups, isRequired, tools } from './groups.ts';

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const config = join(root, 'test/vitest.config.ts');
const filters = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'penstock-test-'));

try {
  const notes: string[] = [];
  const counts = groups.map((group) => {
    const obstacle = group.obstacle();
    if (obstacle === '') {
      notes.push(...missingTools(group));
      return run(group);
    }
    return skip(group, obstacle, notes);
  });
  for (const note of notes) console.log(note);
  const total = counts.reduce(add, { passed: 0, failed: 0, skipped: 0 });
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function run(group: Group): Count {
  const report = join(scratch, `${group.name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = startVitest('inherit', 'run', group, ...reporters, '--passWithNoTests', ...filters);
  const count = readReport(report);
  // An unhandled error or a crashed worker fails the run without failing any one test.
  return status !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function skip(group: Group, obstacle: string, notes: string[]): Count {
  const required = isRequired(group.name);
  notes.push(`${required ? 'FAILED ' : 'skipped'}  ${group.name}  ${obstacle}`);
  const tests = countTests(group);
  return { passed: 0, failed: required ? Math.max(1, tests) : 0, skipped: required ? 0 : tests };
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
  startVitest('ignore', 'list', group, `--json=${report}`, ...filters);
  try {
    return (JSON.parse(readFileSync(report, 'utf8')) as unknown[]).length;
  } catch {
    return 0;
  }
}

function startVitest(stdio: 'inherit' | 'ignore', verb: string, group: Group, ...options: string[]) {
  const args = [vitest, verb, `--config=${config}`, '--configLoader=native', `--project=${group.name}`];
  // vitest keeps a token file in the data folder of the user, who may have no home to write to.
  const env: NodeJS.ProcessEnv = { ...process.env, XDG_DATA_HOME: scratch };
  if (!process.stdout.isTTY) env['NO_COLOR'] = '1';
  return spawnSync(process.execPath, [...args, ...options], { cwd: root, stdio, env });
}

function readReport(path: string): Count {
  interface File {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }
  let files: readonly File[];
  try {
    files = (JSON.parse(readFileSync(path, 'utf8')) as { testResults: File[] }).testResults;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return files.map(countFile).reduce(add, { passed: 0, failed: 0, skipped: 0 });

  function countFile(file: File): Count {
    const count = (...statuses: string[]) =>
      file.assertionResults.filter((test) => statuses.includes(test.status)).length;
    const failed = count('failed');
    return {
      passed: count('passed'),
      // A file that could not be loaded, or whose set-up failed, counts as one failure.
      failed: file.status === 'failed' && failed === 0 ? 1 : failed,
      skipped: count('pending', 'skipped', 'todo', 'disabled'),
    };
  }
}

function add(one: Count, other: Count): Count {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}
