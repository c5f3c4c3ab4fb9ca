import { type FuzzCase, type Step, writeCase } from './fuzz-case.ts';
import { generateCase } from './generate.ts';
import { createRandom } from './random.ts';
import { concatenate } from './random-adu.ts';
import { runCase } from './run-case.ts';

/** What a run of many cases came to. */
export interface CampaignResult {
  readonly cases: number;
  readonly requests: number;
  readonly forwarded: number;
  readonly responses: number;
  /** Writes whose bytes happen to be an RTU frame: one in 65 536 has a checksum that holds. */
  readonly byChance: number;
  /** The first finding, shortened, or `undefined`. */
  readonly finding: { readonly what: string; readonly text: string } | undefined;
}

/**
 * Cases from one seed until so many ADUs of clients have been read, or something was found. The same seed makes
 * the same cases. `progress` is called once per hundredth.
 */
export function runCampaign(
  seed: number,
  adus: number,
  progress: (requests: number) => void = () => {},
): CampaignResult {
  const total = { cases: 0, requests: 0, forwarded: 0, responses: 0, byChance: 0 };
  let shown = 0;
  while (total.requests < adus) {
    const one = generateCase(createRandom(Math.imul(seed, 0x9e3779b1) + total.cases));
    const result = runCase(one);
    total.cases++;
    total.requests += result.requests;
    total.forwarded += result.forwarded;
    total.responses += result.responses;
    total.byChance += result.byChance;
    if (result.finding !== undefined) {
      const small = shorten(one);
      const what = runCase(small).finding ?? result.finding;
      return { ...total, finding: { what, text: `# ${what.split('\n')[0]}\n${writeCase(small)}` } };
    }
    if (total.requests - shown >= adus / 100) {
      shown = total.requests;
      progress(shown);
    }
  }
  return { ...total, finding: undefined };
}

/** Puts segments together and cuts them at their ADUs, and leaves out every step without which it is still found. */
function shorten(whole: FuzzCase): FuzzCase {
  const isFound = (steps: readonly Step[]): boolean => runCase({ ...whole, steps }).finding !== undefined;
  const cut = inAdus(whole.steps);
  let left = isFound(cut) ? cut : [...whole.steps];
  for (let size = left.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = left.length - size; at >= 0; at -= size) {
      const without = left.toSpliced(at, size);
      if (isFound(without)) left = without;
    }
  }
  return { ...whole, steps: left };
}

function inAdus(steps: readonly Step[]): Step[] {
  const left: Step[] = [];
  const begun: Uint8Array[] = [new Uint8Array(0), new Uint8Array(0)];
  for (const step of steps) {
    if (step.do !== 'client') {
      left.push(step);
      continue;
    }
    let bytes = concatenate([begun[step.on] ?? new Uint8Array(0), step.bytes]);
    for (;;) {
      const end = 6 + (bytes[4] ?? 0) * 256 + (bytes[5] ?? 0);
      if (bytes.length < 6 || bytes.length < end) break;
      left.push({ ...step, bytes: bytes.slice(0, end) });
      bytes = bytes.slice(end);
    }
    begun[step.on] = bytes;
  }
  for (const [on, bytes] of begun.entries()) if (bytes.length > 0) left.push({ do: 'client', on, bytes });
  return left;
}
