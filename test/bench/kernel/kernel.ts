/**
 * `npm run bench -- kernel [--short] [--json] [--rounds N]`: what the kernel's table costs, by the number of flows:
 * putting a policy in force where none was, changing one flow of it, switching to another mode and back, and the
 * round trip of a datagram between two hosts through the box, beside that of plain forwarding with no table at
 * all. In namespaces of its own; needs root, nft and gcc.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mustRunIn, type Running, run, startIn } from '../../plant/namespaces/exec.ts';
import { machine, machineText, median, quantile } from '../machine.ts';
import { plantAddress } from '../plant-text.ts';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '' },
  },
});
const rounds = Number(options.rounds || (options.short ? 1 : 5));
const trips = options.short ? 200 : 10_000;
const sizes = options.short ? [10, 100] : [10, 1_000, 10_000];
const tag = `pst-bk-${randomBytes(3).toString('hex')}`;
const [pc, box, plc] = [`${tag}-pc`, `${tag}-box`, `${tag}-plc`];
const scratch = mkdtempSync(join(tmpdir(), `${tag}-`));
const pingPong = join(scratch, 'ping-pong');

type Cells = Record<string, number[]>;
const steps = ['apply', 'change', 'switch'] as const;
const times: Cells = {};
const trip: Cells = {};
/** Without its ruleset a box routes nothing on, until its own routing rules are gone as well. */
const RouteAll = 'while ip rule del priority 110 2>/dev/null; do :; done';

/** How often the box was told something. */
let asked = 0;

try {
  await build();
  await lay();
  await measure();
  report();
} finally {
  for (const namespace of [pc, box, plc]) await run(['ip', 'netns', 'del', namespace]);
  rmSync(scratch, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const server = startIn(plc, [pingPong, 'serve', plantAddress(1, 0), '7']);
  const program = fileURLToPath(new URL('box.ts', import.meta.url));
  const child = startIn(box, [process.execPath, program]);
  try {
    await server.says(/ready/);
    // Once for nothing, so that every policy is compiled and everything warm.
    for (const size of sizes) await ask(child, `load ${size}`);
    for (let round = 0; round < rounds; round++) {
      await mustRunIn(box, 'nft', 'flush', 'ruleset');
      await mustRunIn(box, 'sh', '-c', RouteAll);
      await roundTrips('plain');
      for (const size of sizes) {
        await mustRunIn(box, 'nft', 'flush', 'ruleset');
        note(times, `apply ${size}`, await ask(child, `load ${size}`));
        note(times, `change ${size}`, await ask(child, `change ${size}`));
        await ask(child, `load ${size}`);
        for (const mode of ['island', 'normal', 'island', 'normal']) {
          note(times, `switch ${size}`, await ask(child, `mode ${mode}`));
        }
        await roundTrips(String(size));
      }
    }
  } finally {
    await child.stop();
    await server.stop();
  }
}

async function ask(child: Running, line: string): Promise<number> {
  asked += 1;
  child.tell(line);
  const [, time = ''] = await child.says(new RegExp(`^done ${asked} ([0-9.]+)$`, 'm'), 120_000);
  return Number(time);
}

async function roundTrips(name: string): Promise<void> {
  const said = await mustRunIn(pc, pingPong, 'ask', plantAddress(1, 0), '7', String(trips));
  const nanoseconds = said.trim().split('\n').map(Number);
  note(trip, `p50 ${name}`, median(nanoseconds));
  note(trip, `p99 ${name}`, quantile(nanoseconds, 0.99));
}

function note(cells: Cells, name: string, value: number): void {
  cells[name] = [...(cells[name] ?? []), value];
}

async function build(): Promise<void> {
  const source = fileURLToPath(new URL('ping-pong.c', import.meta.url));
  const { status, stderr } = await run(['gcc', '-O2', '-Wall', '-o', pingPong, source]);
  if (status !== 0) throw new Error(`gcc: ${stderr}`);
}

async function lay(): Promise<void> {
  for (const namespace of [pc, box, plc]) {
    await must('netns', 'add', namespace);
    await must('-n', namespace, 'link', 'set', 'lo', 'up');
  }
  await mustRunIn(box, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  for (const [zone, host] of [pc, plc].entries()) {
    const leg = `leg${zone}`;
    await must('-n', box, 'link', 'add', leg, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
    await must('-n', box, 'address', 'add', `10.${zone + 1}.255.254/16`, 'dev', leg);
    await must('-n', host, 'address', 'add', `${plantAddress(zone, 0)}/16`, 'dev', 'eth0');
    await must('-n', box, 'link', 'set', leg, 'up');
    await must('-n', host, 'link', 'set', 'eth0', 'up');
    await must('-n', host, 'route', 'add', 'default', 'via', `10.${zone + 1}.255.254`);
  }
}

async function must(...words: readonly string[]): Promise<void> {
  const { status, stderr } = await run(['ip', ...words]);
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
}

function report(): void {
  if (options.json) {
    console.log(JSON.stringify({ machine, tag, rounds, trips, sizes, times, trip }, undefined, 2));
    return;
  }
  const line = (name: string, values: readonly string[]) =>
    `${name.padEnd(26)}${values.map((value) => value.padStart(10)).join('')}`;
  console.log(machineText(machine));
  console.log(`medians of ${rounds} interleaved rounds; ${trips} round trips in each`);
  console.log(line('flows', sizes.map(String)));
  for (const step of steps) {
    const cells = sizes.map((size) => median(times[`${step} ${size}`] ?? []).toFixed(1));
    console.log(line(`${step}, ms`, cells));
  }
  for (const part of ['p50', 'p99']) {
    const plain = trip[`${part} plain`] ?? [];
    const cells = sizes.map((size) => (median(trip[`${part} ${size}`] ?? []) / 1000).toFixed(1));
    console.log(line(`round trip ${part}, us`, cells));
    const ratios = sizes.map((size) =>
      median((trip[`${part} ${size}`] ?? []).map((value, round) => value / (plain[round] ?? value))),
    );
    console.log(
      line(
        '  to plain forwarding',
        ratios.map((ratio) => ratio.toFixed(2)),
      ),
    );
  }
}
