import { type FuzzCase, writeCase } from './fuzz-case.ts';
import { generateCase } from './generate.ts';
import { createRandom } from './random.ts';
import { runCase } from './run-case.ts';

/** What a run of many cases came to. */
export interface CampaignResult {
  readonly cases: number;
  readonly requests: number;
  readonly forwarded: number;
  readonly responses: number;
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
  const total = { cases: 0, requests: 0, forwarded: 0, responses: 0 };
  let shown = 0;
  while (total.requests < adus) {
    const one = generateCase(createRandom(Math.imul(seed, 0x9e3779b1) + total.cases));
    const result = runCase(one);
    total.cases++;
    total.requests += result.requests;
    total.forwarded += result.forwarded;
    total.responses += result.responses;
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

/** Leaves out every step without which there is still a finding. */
function shorten({ policy, steps }: FuzzCase): FuzzCase {
  let left = [...steps];
  for (let at = left.length - 1; at >= 0; at--) {
    const without = left.toSpliced(at, 1);
    if (runCase({ policy, steps: without }).finding !== undefined) left = without;
  }
  return { policy, steps: left };
}
