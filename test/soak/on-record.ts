import { FoldInterval } from '../../gateway/evidence/fold.ts';
import type { MetricsBody } from '../../gateway/ipc/snapshot.ts';
import { pause } from './attack.ts';
import { countsOf } from './counts.ts';
import type { SoakBench } from './soak-bench.ts';

/** Holds the evidence to what the engine has counted since it began: by reason, to the last one. */
export interface OnRecord {
  /** The engine begins to count anew. */
  readonly begin: () => Promise<void>;
  /**
   * Refusals that repeat are told within a minute: waits that long for all that was counted, and says what is still
   * missing then, or too much, one sentence for each reason.
   */
  readonly catchUp: () => Promise<readonly string[]>;
  /** The same of a log that was closed, with the counts from before: nothing more will come. */
  readonly missing: (counts: MetricsBody) => readonly string[];
}

export function createOnRecord({ controlSocket, evidence }: SoakBench): OnRecord {
  let before = { counted: new Map<string, number>(), recorded: new Map<string, number>() };

  function missing(counts: MetricsBody): readonly string[] {
    const [counted, recorded] = [refusalsIn(counts), evidence.read().refusals];
    const since = (
      now: ReadonlyMap<string, number>,
      then: ReadonlyMap<string, number>,
      reason: string,
    ): number => (now.get(reason) ?? 0) - (then.get(reason) ?? 0);
    return [...counted.keys()].flatMap((reason) => {
      const [had, has] = [since(counted, before.counted, reason), since(recorded, before.recorded, reason)];
      return had === has ? [] : [`the evidence holds ${has} of ${had} refusals for ${reason}`];
    });
  }

  return {
    begin: async () => {
      const counted = refusalsIn(await countsOf(controlSocket));
      before = { counted, recorded: new Map(evidence.read().refusals) };
    },
    catchUp: async () => {
      for (const end = performance.now() + FoldInterval + Slack; ; await pause(Look)) {
        const late = missing(await countsOf(controlSocket));
        if (late.length === 0 || performance.now() > end) return late;
      }
    },
    missing,
  };
}

/** Requests refused and responses put aside, by reason. */
function refusalsIn({ flows }: MetricsBody): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { refusals, quarantined } of flows)
    for (const { reason, count } of [...refusals, ...quarantined])
      sums.set(reason, (sums.get(reason) ?? 0) + count);
  return sums;
}

/** Milliseconds: an inspector tells each second, and the disk may be slow. */
const Slack = 10_000;
const Look = 1_000;
