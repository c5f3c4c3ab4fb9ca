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
import type { Attack } from './attack.ts';
import { type AttackReport, Attacks, aftermath, type Times, throughout, undergo } from './campaign.ts';
import { countsOf } from './counts.ts';
import { createOnRecord, type OnRecord } from './on-record.ts';
import { resultOf } from './results.ts';
import { openSoakBench, type SoakBench } from './soak-bench.ts';
import { tableOf } from './table.ts';
import { delayOf } from './verdict.ts';

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
const times: Times = { calm: Number(options.calm), attack: Number(options.attack), patience: 1 };
const NotTried = 3;
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
  process.exitCode = NotTried;
} else {
  process.exitCode = await soak();
}

async function soak(): Promise<number> {
  const [seed, minutes, load = 0] = [Number(options.seed), Number(options.minutes), loadavg()[0]];
  const begun = new Date();
  const bench = await openSoakBench();
  const stop = (): void => void bench.close().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const started = performance.now();
    const onRecord = createOnRecord(bench);
    const reports = await rounds(bench, createRandom(seed), started + minutes * 60_000, onRecord);
    if (reports.length === 0) return NotTried;
    const afterwards = await aftermath(bench, times);
    const taken = (performance.now() - started) / 60_000;
    const counts = await countsOf(bench.controlSocket);
    await bench.stop();
    const result = resultOf({
      ...{ begun, load, minutes: taken, seed, disk: bench.disk.kind, reports },
      samples: bench.memory.samples(),
      afterwards: [...afterwards, ...onRecord.missing(counts)],
      evidence: bench.evidence.read(),
    });
    console.log(tableOf(result));
    if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(result, undefined, 1)}\n`);
    return result.faults.length === 0 ? 0 : 1;
  } finally {
    await bench.close();
  }
}

/** At least one of each; after that until the time is over. */
async function rounds(
  bench: SoakBench,
  random: Random,
  end: number,
  onRecord: OnRecord,
): Promise<readonly AttackReport[]> {
  const possible = Attacks.filter(({ name }) => names.length === 0 || names.includes(name)).filter(
    (attack) => {
      const why = attack.obstacle?.(bench) ?? '';
      if (why !== '') console.log(`${attack.name}: not here: ${why}`);
      return why === '';
    },
  );
  const reports: AttackReport[] = [];
  if (possible.length === 0) return reports;
  do {
    for (const attack of shuffled(possible, random)) {
      const report = await undergo(bench, attack, times, onRecord);
      reports.push(report);
      say(report, attack);
      if (performance.now() > end && reports.length >= possible.length) break;
    }
  } while (performance.now() < end);
  return reports;
}

function say(report: AttackReport, attack: Attack): void {
  const { modbus, beside, newcomers, plain } = throughout(report);
  const lost = [modbus, beside, newcomers, plain].map((flow) => flow.lost + flow.wrong).join('/');
  const answered = modbus.answered + beside.answered + newcomers.answered + plain.answered;
  console.log(
    `${new Date().toISOString().slice(11, 19)} ${report.attack.padEnd(22)} ${answered} answered, lost ${lost}, p99 ×${delayOf(report, attack).toFixed(1)}, ${report.notes.join(', ')}`,
  );
  for (const fault of report.faults) console.log(`         ${fault}`);
}

function shuffled<T>(all: readonly T[], random: Random): readonly T[] {
  const left = [...all];
  return all.flatMap(() => left.splice(random.below(left.length), 1));
}
