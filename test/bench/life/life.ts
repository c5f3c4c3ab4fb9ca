/**
 * `npm run bench -- life [--short] [--json] [--rounds N] [--boot|--writes] [--seconds N] [--out FILE]`: from the start of
 * all processes of a gateway with 1 000 flows to its first permitted packet and its first inspected transaction, its code
 * compiled beforehand; and what it writes to a disk of its own, extrapolated to a day: with 500 transactions and 500
 * refused requests a second over a minute each, and at rest over a quarter of an hour, in which all that is written now
 * and then is written. That takes 25 minutes. `--out` keeps what was measured. In namespaces of its own; needs root, nft,
 * gcc and ping, and a loop device for what is written. Files come out of the page cache: a real boot also reads them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, machineText, median } from '../machine.ts';
import { type Lane, openLane, type Programs } from '../traffic/lane.ts';
import { compilePrograms } from '../traffic/load.ts';
import { type Boot, type BootParts, measureBoot, measureParts, prepareBoot, startPassing } from './boot.ts';
import { measureWrites, mountDisk, mountRuntime, type Written } from './writes.ts';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '' },
    boot: { type: 'boolean', default: false },
    writes: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '' },
    out: { type: 'string', default: '' },
  },
});
const rounds = Number(options.rounds || (options.short ? 1 : 5));
const flows = options.short ? 100 : 1_000;
const seconds = Number(options.seconds || (options.short ? 5 : 60));
/** What was observed is kept each quarter of an hour, checkpoints are made each ten minutes. */
const rest = options.short ? seconds : 15 * seconds;
/** What begins is told several times in its first minute, and then once in each. */
const settle = options.short ? 1 : 70;
const both = options.boot === options.writes;
const scratch = mkdtempSync(join(tmpdir(), 'pst-bl-'));

try {
  const programs = await compilePrograms(scratch);
  const boots: Boot[] = [];
  const parts: BootParts[] = [];
  const written: Written[] = [];
  await onLane(programs, both || options.boot, async (lane) => {
    const prepared = await prepareBoot(lane, flows);
    for (let round = 0; round < rounds; round += 1) {
      boots.push(await measureBoot(lane, prepared));
      parts.push(await measureParts(lane, prepared));
    }
  });
  await onLane(programs, both || options.writes, async (lane) => {
    // The state directory of the site, on the disk that is counted.
    const disk = await mountDisk(lane.folder, join(lane.folder, 'state'));
    const runtime = await mountRuntime(join(lane.folder, 'run'));
    try {
      const gateway = await startPassing(lane, await prepareBoot(lane, flows));
      try {
        for (const asked of [
          { rate: 500, refused: false, seconds },
          { rate: 500, refused: true, seconds },
          { rate: 0, refused: false, seconds: rest },
        ]) {
          if (!options.json) console.error(`counting ${asked.seconds} s`);
          written.push(await measureWrites(lane, programs, disk, { ...asked, settle }));
        }
      } finally {
        await gateway.stop();
      }
    } finally {
      await disk.close();
      await runtime.close();
    }
  });
  const on = { ...machine, kernel: release(), date: new Date().toISOString() };
  const found = { machine: on, flows, boots, parts, written };
  if (options.out !== '') writeFileSync(options.out, `${JSON.stringify(found, undefined, 1)}\n`);
  if (options.json) console.log(JSON.stringify(found));
  else
    console.log([machineText(machine), ...bootLines(boots, parts), ...written.map(writtenLine)].join('\n'));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function onLane(
  programs: Programs,
  wanted: boolean,
  act: (lane: Lane) => Promise<void>,
): Promise<void> {
  if (!wanted) return;
  const lane = await openLane(programs, false, []);
  try {
    await act(lane);
  } finally {
    await lane.close();
  }
}

function bootLines(all: readonly Boot[], parts: readonly BootParts[]): readonly string[] {
  if (all.length === 0) return [];
  const of = <T>(from: readonly T[], key: keyof T): number => median(from.map((one) => Number(one[key])));
  const line = (what: string, value: number): string =>
    `  ${what.padEnd(44)}${value.toFixed(0).padStart(7)} ms`;
  return [
    `from the start of all processes, ${flows} flows, median of ${all.length} (files in the page cache)`,
    line('the engine is started', of(all, 'engine')),
    line('first permitted packet', of(all, 'plain')),
    line('first inspected transaction', of(all, 'inspected')),
    'of which, each measured by itself',
    line('Node and the modules of the engine', of(parts, 'node')),
    line('judging the bundle', of(parts, 'verify')),
    line('dry run, table and read-back', of(parts, 'apply')),
  ];
}

function writtenLine({ what, seconds: time, carried, device, requests, processes }: Written): string {
  const aDay = 86_400 / time;
  const by = Object.entries(processes)
    .map(([kind, bytes]) => `${kind} ${megabytes(bytes * aDay)}`)
    .join(', ');
  const seen = carried === 0 ? '' : ` (${carried.toFixed(0)} were answered)`;
  return `written ${what}${seen}: ${megabytes(device * aDay)} and ${Math.round(requests * aDay)} requests a day to the device, extrapolated from ${time.toFixed(0)} s (given to files: ${by})`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
