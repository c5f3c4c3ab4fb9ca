import { FoldInterval } from '../../gateway/evidence/fold.ts';
import type { MetricsBody } from '../../gateway/ipc/snapshot.ts';
import { eventually } from '../system/eventually.ts';
import { pause } from './attack.ts';
import { countsOf } from './counts.ts';
import type { SoakBench } from './soak-bench.ts';

/** Holds the evidence to what the engine has counted since it began: every refusal, to the last one. */
export interface OnRecord {
  /** The engine begins to count anew. */
  readonly begin: () => Promise<void>;
  /** Refusals that repeat are told within a minute: waits that long for all that was counted, and says what is missing then. */
  readonly catchUp: () => Promise<readonly string[]>;
  /** The same of a log that was closed, with the counts from before: nothing more will come. */
  readonly missing: (counts: MetricsBody) => readonly string[];
}

export function createOnRecord({ controlSocket, evidence }: SoakBench): OnRecord {
  let before = { counted: 0, recorded: 0 };

  function missing(counts: MetricsBody): readonly string[] {
    const counted = refusalsIn(counts) - before.counted;
    const recorded = evidence.read().refusals - before.recorded;
    return counted === recorded ? [] : [`the evidence holds ${recorded} of ${counted} refusals`];
  }

  return {
    begin: async () => {
      // What living inspectors have counted comes back to a new engine, when each of them has told it.
      await eventually('the counts of both inspectors', async () => {
        const { flows } = await countsOf(controlSocket);
        return (
          Told.every((id) => flows.some((one) => one.flowId === id && one.requests.length > 0)) || undefined
        );
      });
      const counted = refusalsIn(await countsOf(controlSocket));
      before = { counted, recorded: evidence.read().refusals };
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

/** Requests refused and responses put aside. Kinds that share a record in a flood have no reason there: only the sum is exact. */
function refusalsIn({ flows }: MetricsBody): number {
  return flows
    .flatMap(({ refusals, quarantined }) => [...refusals, ...quarantined])
    .reduce((sum, { count }) => sum + count, 0);
}

/** Flows of the steady traffic, one for each inspector that carries. */
const Told = ['C-01/F-01', 'C-01/F-02'];
/** Milliseconds: an inspector tells each second, and the disk may be slow. */
const Slack = 10_000;
const Look = 1_000;
