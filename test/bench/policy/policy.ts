/**
 * `npm run bench -- policy [--short] [--json] [--rounds N]`: what it costs to read and check a model, to prove its
 * invariants and to compile it, by its number of flows, in milliseconds. The sizes take turns within each round.
 */
import { parseArgs } from 'node:util';
import { compile } from '../../../policy/compile/compile.ts';
import { lint } from '../../../policy/lint/lint.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import { proveInvariants } from '../../../policy/prove/invariants.ts';
import { machine, machineText, median } from '../machine.ts';
import { plantText } from '../plant-text.ts';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '' },
  },
});
const rounds = Number(options.rounds || (options.short ? 1 : 5));
const sizes = options.short ? [10, 100] : [10, 1_000, 10_000];
const Now = Date.UTC(2026, 10, 21);

const plants = sizes.map((flows) => {
  const text = plantText({ flows, zones: Math.min(50, Math.max(2, flows / 20)) });
  return { flows, text, model: read(text) };
});
const steps: Readonly<Record<string, (plant: { text: string; model: ZoneModel }) => void>> = {
  check: ({ text }) => lint(read(text), { now: Now, observed: [] }),
  prove: ({ model }) => proveInvariants(model, Now),
  compile: ({ model }) => {
    const result = compile(model, {
      gateway: 'box',
      now: Now,
      notBefore: undefined,
      modelDigest: new Uint8Array(32),
      compiler: 'bench',
    });
    if (!result.ok) throw new Error(JSON.stringify(result.findings));
  },
};

const rows = measure();
if (options.json) console.log(JSON.stringify({ machine, rounds, sizes, rows }, undefined, 2));
else print();

function measure() {
  const cells = Object.entries(steps).flatMap(([step, run]) =>
    plants.map((plant) => ({ step, run, plant, times: [] as number[] })),
  );
  // Once for nothing, so that all code is compiled.
  for (const { run, plant } of cells) run(plant);
  for (let round = 0; round < rounds; round++) {
    for (const { run, plant, times } of cells) {
      globalThis.gc?.();
      const start = performance.now();
      run(plant);
      times.push(performance.now() - start);
    }
  }
  return Object.keys(steps).map((step) => ({
    step,
    milliseconds: cells.filter((cell) => cell.step === step).map(({ times }) => median(times)),
  }));
}

function read(text: string): ZoneModel {
  const result = readModel(text, 'bench.zones.yaml');
  if (!result.ok) throw new Error(JSON.stringify(result.findings[0]));
  return result.model;
}

function print(): void {
  console.log(machineText(machine));
  console.log(`medians of ${rounds} interleaved rounds, milliseconds`);
  console.log(`${'flows'.padEnd(10)}${sizes.map((size) => String(size).padStart(10)).join('')}`);
  for (const { step, milliseconds } of rows) {
    console.log(`${step.padEnd(10)}${milliseconds.map((time) => time.toFixed(1).padStart(10)).join('')}`);
  }
}
