/**
 * `npm run bench -- traffic [--short] [--json] [--rounds N] [--rows a,b] [--columns a,b] [--peer COMMAND] [--out FILE]
 * [--profile]`: what the gateway costs real traffic beside plain forwarding, HAProxy and any other command, in
 * namespaces of its own. Needs root, nft, gcc and two cores, and haproxy for its column. `--out` keeps what was measured,
 * with the options it was measured by. `--profile` says instead where the time of the gateway's core goes under the
 * first of the rows.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Forward, haproxy, peer, penstock, penstockWith } from './columns.ts';
import { goalsOf } from './goals.ts';
import { LaneTag, type Programs } from './lane.ts';
import { compilePrograms } from './load.ts';
import { type LongRun, measureLong } from './long.ts';
import { describeMachine } from './machine.ts';
import { profile } from './profile.ts';
import { runText } from './report.ts';
import { createResults } from './results.ts';
import { type Effort, measureSection, type Section, type SectionResult } from './rounds.ts';
import { LongRow, Rows, RulesRow, TwoRow } from './rows.ts';

const {
  values: { out, ...options },
} = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '' },
    rows: { type: 'string', default: '' },
    columns: { type: 'string', default: '' },
    peer: { type: 'string', default: '' },
    out: { type: 'string', default: '' },
    profile: { type: 'boolean', default: false },
  },
});
const effort: Effort = {
  rounds: Number(options.rounds || (options.short ? 1 : 5)),
  seconds: options.short ? 0.2 : 1,
  warmup: options.short ? 0.05 : 0.3,
  warm: options.short ? 0.05 : 1,
};
const Ours = ['epoll', 'streams'].map((path) => penstock(`penstock-${path}`, [`data_path: ${path}`]));
const rows = chosen([...Rows, RulesRow, TwoRow, LongRow], options.rows);
const columns = chosen(
  [Forward, haproxy(), ...Ours, ...(options.peer === '' ? [] : [peer(options.peer)])],
  options.columns,
);
const scratch = mkdtempSync(join(tmpdir(), 'pst-bt-'));

try {
  const programs = await compilePrograms(scratch);
  if (options.profile) {
    const [column = Ours[0], row = Rows[0]] = [columns.find(({ ours }) => ours), rows[0]];
    if (column !== undefined && row !== undefined) console.log(await profile(column, row, programs));
  } else {
    await measure(programs);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function measure(programs: Programs): Promise<void> {
  const say = (line: string): void => void (options.json || process.stderr.write(`${line}\n`));
  const machine = await describeMachine();
  const results: SectionResult[] = [];
  for (const section of sections()) results.push(await measureSection(section, programs, effort, say));
  const long: LongRun[] = [];
  if (rows.includes(LongRow)) {
    for (const column of columns.filter(({ ours }) => ours).slice(0, 1)) {
      say(`long: ${column.name}`);
      long.push(await measureLong(column, programs, options.short ? 100_000 : 10_000_000));
    }
  }
  const cells = results.flatMap((result) => result.cells);
  const loads = results.map((result) => result.loads);
  const names = columns.filter(({ ours }) => ours).map(({ name }) => name);
  const goals = goalsOf(createResults(cells), names, long);
  const run = { options, machine, tag: LaneTag, effort, loads, cells, long, goals };
  if (out !== '') {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, `${JSON.stringify(run, undefined, 1)}\n`);
  }
  console.log(options.json ? JSON.stringify(run) : runText(run));
}

/** Beside the rows that everything is measured with, those that need gateways of their own. */
function sections(): readonly Section[] {
  const few = options.short ? [10, 100] : [10, 10_000];
  const two = [haproxy(), haproxy(2), penstock('two-inspectors', ['inspectors: 2'])];
  const all: readonly Section[] = [
    { columns, rows: Rows.filter((row) => rows.includes(row)), pinned: true },
    { columns: few.map(penstockWith), rows: rows.filter((row) => row === RulesRow), pinned: true },
    { columns: two, rows: rows.filter((row) => row === TwoRow), pinned: false },
  ];
  return all.filter((section) => section.rows.length > 0 && section.columns.length > 0);
}

function chosen<T extends { readonly name: string }>(all: readonly T[], words: string): readonly T[] {
  const names = words.split(',').filter((word) => word !== '');
  const unknown = names.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new Error(`not known: ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`);
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}
