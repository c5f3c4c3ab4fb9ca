/**
 * `npm run bench -- vendor [--short] [--runs N] [--idle N] [--json]`: from what ends a vendor's grant to the last byte
 * that its client hears and to the reset of its last connection, by cause, in namespaces with the kernel back end. One
 * connection asks all the time, `--idle` more say nothing. Needs root and nft. Times of a second or less are the
 * goal for all ten causes.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Running } from '../../plant/namespaces/exec.ts';
import { Box, openVendorBench, type VendorBench } from '../../system/vendor/vendor-bench.ts';
import { machine, machineText, quantile } from '../machine.ts';
import { type Cause, Causes } from './causes.ts';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '' },
    idle: { type: 'string', default: '0' },
    cause: { type: 'string', default: '' },
  },
});
const runs = Number(options.runs || (options.short ? 3 : 100));
const idle = Number(options.idle);
const chosen = Causes.filter(({ name }) => options.cause === '' || options.cause.split(',').includes(name));
/** Runs with one gateway. */
const RunsOfOne = 10;
/** Of the run that was begun last. */
let number = 0;

interface Times {
  /** Milliseconds from the cause to the last byte, and to the last connection's end. */
  readonly lastByte: number[];
  readonly cut: number[];
}

const results = new Map<string, Times>();
for (const cause of chosen) results.set(cause.name, await measure(cause));
report();

/** A new gateway for every few runs: one person may ask for thirty grants an hour. */
async function measure(cause: Cause): Promise<Times> {
  const times: Times = { lastByte: [], cut: [] };
  while (times.cut.length < runs) {
    const world = await openVendorBench({ smallDisk: cause.name === 'evidence-lost' });
    try {
      const program = fileURLToPath(new URL('gauge.ts', import.meta.url));
      const gauge = world.atVendor(process.execPath, program, Box, '8443');
      const few = Math.min(RunsOfOne, runs - times.cut.length);
      const all = Array.from({ length: few }, () => () => runOnce(world, gauge, cause, times));
      // What ends by itself takes its time: all at once.
      if (cause.name === 'grant-ended' || cause.name === 'grant-idle')
        await Promise.all(all.map((one) => one()));
      else for (const one of all) await one();
      await gauge.stop();
    } finally {
      await world.close();
    }
  }
  return times;
}

async function runOnce(world: VendorBench, gauge: Running, cause: Cause, times: Times): Promise<void> {
  number += 1;
  const mine = number;
  const grant = await world.open(cause.wish);
  const { file } = await world.credentials(
    grant,
    cause.wish?.person === 'quick' ? world.quick : world.vendor,
  );
  gauge.tell(`${mine} ${cause.name === 'grant-idle' ? -1 : idle} ${file}`);
  await gauge.says(new RegExp(`^${mine} open$`, 'm'));
  const ordered = await cause.end(world, grant.id);
  const closed = new RegExp(`^${mine} closed (\\d+) (\\d+)$`, 'm');
  const [, last, cut] = await gauge.says(closed, 120_000);
  const told = await world.closed(grant.id);
  if (told !== cause.name) throw new Error(`${grant.id} ended by ${told} instead of ${cause.name}`);
  // Idleness is counted from the last byte on.
  const from = cause.name === 'grant-idle' ? Number(last) + grant.idle : ordered;
  times.lastByte.push(Math.max(0, Number(last) - from));
  times.cut.push(Math.abs(Number(cut) - from));
  await cause.restore?.(world);
}

function report(): void {
  const rows = [...results].map(([cause, { lastByte, cut }]) => ({
    cause,
    runs: cut.length,
    lastByte: [0.5, 0.99, 1].map((part) => Math.round(quantile(lastByte, part))),
    cut: [0.5, 0.99, 1].map((part) => Math.round(quantile(cut, part))),
  }));
  if (options.json) return console.log(JSON.stringify({ machine, idle, rows }));
  console.log(`${machineText(machine)}; ${idle} idle connections beside the busy one; milliseconds\n`);
  const line = (cells: readonly (string | number)[]): string =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(18) : String(cell).padStart(9))).join('');
  console.log(line(['cause', 'runs', 'last p50', 'p99', 'max', 'cut p50', 'p99', 'max']));
  for (const { cause, runs: count, lastByte, cut } of rows)
    console.log(line([cause, count, ...lastByte, ...cut]));
}
