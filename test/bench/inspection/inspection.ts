/**
 * `npm run bench -- inspection [--short] [--json] [--rounds N] [--adus N]`: what one ADU costs the inspector from the
 * bytes that came in to the bytes that go out (frame, parse, decide, emit, match), in nanoseconds and in
 * bytes of heap, and what the number of rules adds to it. Everything that is compared is measured in turns
 * within each round, so that what else the machine does meanwhile weighs on all of it alike.
 */
import { parseArgs } from 'node:util';
import { machine, median } from '../machine.ts';
import { allocation, type Costs, Halves, time } from './measure.ts';
import { createSubject, MostAsked, type Subject } from './subject.ts';
import { formatTable, type Row } from './table.ts';
import { MostRequests, Patterns, RuleCounts, workloads } from './workload.ts';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '' },
    adus: { type: 'string', default: '' },
  },
});
const rounds = Number(options.rounds || (options.short ? 1 : 11));
/** Requests of one cell in one round. */
const requests = Number(options.adus || (options.short ? MostAsked : MostRequests));
/** ADUs of one cell over which allocation is measured. */
const allocating = options.short ? 16_384 : 1_000_000;

const table = { machine, rounds, requests, allocating, rows: measure() };
console.log(options.json ? JSON.stringify(table, undefined, 2) : formatTable(table));

/** One workload under one number of rules. */
interface Cell {
  readonly subject: Subject;
  readonly times: Costs[];
}

function measure(): readonly Row[] {
  const all = Patterns.flatMap((pattern) => workloads(pattern).map((workload) => ({ pattern, workload })));
  const table = all.map(({ pattern, workload }) => ({
    pattern,
    workload,
    cells: RuleCounts.map((rules): Cell => ({ subject: createSubject(workload, rules), times: [] })),
  }));
  const cells = table.flatMap((one) => one.cells);
  // Every request of every cell twice, so that all code is compiled for all that it will see.
  for (const { subject } of cells) time(subject, options.short ? requests : 2 * MostRequests);
  for (let round = 0; round < rounds; round++) {
    for (const { subject, times } of cells) {
      // Once for nothing: what the others have put into the caches meanwhile is not its cost.
      time(subject, requests);
      times.push(time(subject, requests));
    }
  }
  return table.flatMap(({ pattern, workload, cells }) => {
    const bytes = cells.map(({ subject }) => allocation(subject, allocating));
    if (!cells.every(({ subject }) => subject.isSound()))
      throw new Error(`${workload.name}: not as expected`);
    const halves = workload.answer === undefined ? (['request'] as const) : Halves;
    return halves.map((half) => {
      const [base = [], ...others] = cells.map(({ times }) => times.map((costs) => costs[half]));
      return {
        pattern,
        workload: workload.name,
        half,
        nanoseconds: [base, ...others].map(median),
        ratio: median((others.at(-1) ?? []).map((cost, round) => cost / (base[round] ?? cost))),
        bytes: bytes.map((costs) => costs[half]),
      };
    });
  });
}
