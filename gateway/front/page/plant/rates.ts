import type { ConduitsBody } from '../../../ipc/snapshot.ts';
import { type FlowRates, flowRates } from './conduit-list.ts';

/** Requests per second of each flow, from one telling of the conduits to the next. */
export interface Rates {
  readonly take: (conduits: ConduitsBody) => void;
  readonly now: () => FlowRates;
}

export function createRates(): Rates {
  let last: { readonly conduits: ConduitsBody; readonly at: number } | undefined;
  let rates: FlowRates = new Map();
  return {
    take: (conduits) => {
      const at = Date.now();
      if (last !== undefined) rates = flowRates(last.conduits, conduits, (at - last.at) / 1000);
      last = { conduits, at };
    },
    // What stands still is not told again: then nothing passes.
    now: () => (last !== undefined && Date.now() - last.at < Still ? rates : new Map()),
  };
}

/** Milliseconds. */
const Still = 5_000;
