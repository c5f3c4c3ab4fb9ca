/**
 * `npm run test:soak [-- --minutes N] [--only a,b] [--seed S] [--calm S] [--attack S] [--out FILE]`: attacks a real gateway in
 * every way there is here, again and again in an order that the seed decides, while permitted traffic goes on; prints a
 * table, and writes JSON with the machine described. Without minutes every attack comes once. Needs root, gcc, nft,
 * iproute2. The exit status is 1 when something did not hold, 3 when it could not be tried.
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { groups } from '../groups.ts';
import { createRandom, type Random } from '../rules/modbus/fuzz/random.ts';
import { type AttackReport, Attacks, throughout, undergo } from './campaign.ts';
import { countsOf } from './counts.ts';
import { createOnRecord, type OnRecord } from './on-record.ts';
import { describeMachine, type SoakResult, summarise, summariseMemory, tableOf } from './results.ts';
import { openSoakBench, type SoakBench } from './soak-bench.ts';
import { delayOf, MostDelay } from './verdict.ts';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    calm: { type: 'string', default: '5' },
    attack: { type: 'string', default: '8' },
    out: { type: 'string' },
  },
});
const names = options.only.split(',').filter((name) => name !== '');
const unknown = names.filter((name) => !Attacks.some((attack) => attack.name === name));
const obstacle = groups.find(({ name }) => name === 'system')?.obstacle() ?? '';

if (unknown.length > 0) {
  console.error(
    `no such attack: ${unknown.join(', ')}; there are ${Attacks.map(({ name }) => name).join(', ')}`,
  );
  process.exitCode = 2;
} else if (obstacle !== '') {
  console.error(`the soak cannot run here: ${obstacle}`);
  process.exitCode = 3;
} else {
  process.exitCode = await soak();
}

async function soak(): Promise<number> {
  const [seed, minutes] = [Number(options.seed), Number(options.minutes)];
  const load = loadavg()[0]?.toFixed(2) ?? '';
  const begun = new Date().toISOString();
  const bench = await openSoakBench();
  const reports: AttackReport[] = [];
  const stop = (): void => void bench.close().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const end = performance.now() + minutes * 60_000;
    const started = performance.now();
    const onRecord = createOnRecord(bench);
    await rounds(bench, seed, end, reports, onRecord);
    const samples = bench.memory.samples();
    const counts = await countsOf(bench.controlSocket);
    await bench.stop();
    const late = onRecord.missing(counts);
    const evidence = bench.evidence.read();
    const attacks = summarise(reports);
    const slow = attacks.filter(({ attack, delay }) => isTimed(attack) && delay.median > MostDelay);
    const result: SoakResult = {
      machine: describeMachine(load),
      begun,
      minutes: Math.round((performance.now() - started) / 6_000) / 10,
      seed,
      disk: bench.disk.kind,
      clock: 'clock_gettime, gettimeofday and time of the gateway alone, by a preloaded library',
      attacks,
      memory: summariseMemory(samples),
      transactions: attacks.reduce((sum, one) => sum + one.transactions, 0),
      wire: wireOf(reports),
      evidence: { records: evidence.records, gaps: Object.fromEntries(evidence.gaps) },
      faults: [
        ...attacks.flatMap(({ attack, faults }) => faults.map((fault) => `${attack}: ${fault}`)),
        ...slow.map(
          ({ attack, delay }) => `${attack}: p99 ${delay.median.toFixed(1)} times that of the calm before it`,
        ),
        ...late,
      ],
    };
    console.log(tableOf(result));
    if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(result, undefined, 1)}\n`);
    return result.faults.length === 0 ? 0 : 1;
  } finally {
    await bench.close();
  }
}

async function rounds(
  bench: SoakBench,
  seed: number,
  end: number,
  reports: AttackReport[],
  onRecord: OnRecord,
): Promise<void> {
  const random = createRandom(seed);
  const times = { calm: Number(options.calm), attack: Number(options.attack) };
  const chosen = Attacks.filter(({ name }) => names.length === 0 || names.includes(name));
  const possible = chosen.filter((attack) => {
    const why = attack.obstacle?.(bench) ?? '';
    if (why !== '') console.log(`${attack.name}: not here: ${why}`);
    return why === '';
  });
  do {
    for (const attack of shuffled(possible, random)) {
      const report = await undergo(bench, attack, times, onRecord);
      reports.push(report);
      say(report);
      if (performance.now() > end && reports.length >= possible.length) break;
    }
  } while (performance.now() < end);
}

function say(report: AttackReport): void {
  const { modbus, beside, newcomers, plain } = throughout(report);
  const lost = [modbus, beside, newcomers, plain].map((flow) => flow.lost + flow.wrong).join('/');
  const answered = modbus.answered + beside.answered + newcomers.answered + plain.answered;
  console.log(
    `${new Date().toISOString().slice(11, 19)} ${report.attack.padEnd(22)} ${answered} answered, lost ${lost}, p99 ×${delayOf(report).toFixed(1)}, ${report.notes.join(', ')}`,
  );
  for (const fault of report.faults) console.log(`         ${fault}`);
}

function isTimed(name: string): boolean {
  const attack = Attacks.find((one) => one.name === name);
  return attack?.delays === undefined && attack?.cuts === undefined;
}

function wireOf(reports: readonly AttackReport[]): SoakResult['wire'] {
  const sum = (field: 'packets' | 'requests' | 'violations'): number =>
    reports.reduce((total, { judged }) => total + judged[field], 0);
  return { packets: sum('packets'), requests: sum('requests'), violations: sum('violations') };
}

function shuffled<T>(all: readonly T[], random: Random): readonly T[] {
  const left = [...all];
  return all.flatMap(() => left.splice(random.below(left.length), 1));
}
