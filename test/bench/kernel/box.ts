/**
 * `box.ts`: kernel enforcement in this namespace for the bench, driven by lines: `load FLOWS`, `change FLOWS`
 * (one flow more or less), `mode NAME`. The Nth is answered with `done N MILLISECONDS`.
 */
import { createInterface } from 'node:readline';
import { createKernelEnforcement } from '../../../gateway/enforce/kernel/kernel-enforcement.ts';
import { createLog } from '../../../gateway/log.ts';
import { compile } from '../../../policy/compile/compile.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import type { Policy } from '../../../rules/policy.ts';
import { plantText } from '../plant-text.ts';

const enforcement = createKernelEnforcement({
  barredUids: [],
  dialerUid: 0,
  log: createLog('bench'),
  onDrops: () => {},
});
const policies = new Map<number, Policy>();
let other = 0;
let answered = 0;

for await (const line of createInterface({ input: process.stdin })) {
  const [what = '', word = ''] = line.split(' ');
  const act = actOf(what, word);
  const start = performance.now();
  await act();
  answered += 1;
  console.log(`done ${answered} ${performance.now() - start}`);
}
enforcement.close();

function actOf(what: string, word: string): () => Promise<void> {
  if (what === 'mode') return () => enforcement.setMode(word, []);
  const flows = Number(word);
  if (what === 'change') other = 1 - other;
  const policy = policyOf(what === 'change' ? flows - other : flows);
  return () => enforcement.apply(policy, []);
}

/** Compiled before the clock runs. */
function policyOf(flows: number): Policy {
  const known = policies.get(flows);
  if (known !== undefined) return known;
  const read = readModel(plantText({ flows, zones: 2 }), 'bench.zones.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.findings[0]));
  const compiled = compile(read.model, {
    gateway: 'box',
    now: Date.UTC(2026, 10, 21),
    notBefore: undefined,
    modelDigest: new Uint8Array(32),
    compiler: 'bench',
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings[0]));
  policies.set(flows, compiled.policy);
  return compiled.policy;
}
