import { longestGap } from '../traffic.ts';
import type { PairBench } from './pair-bench.ts';

/** An echo every 20 ms over a plain flow. */
export interface Echoes {
  /** The longest time between two answers since then, the one that still lasts included. Milliseconds. */
  readonly longest: (since: number) => number;
  readonly stop: () => Promise<void>;
}

export async function startEchoes({ network, at }: PairBench): Promise<Echoes> {
  const ping = at('eng-ws', 'ping', '-D', '-n', '-i', '0.02', network.address('plc-intake'));
  await ping.says(/icmp_seq/);
  const answered = /^\[(\d+\.\d+)\] .*icmp_seq=\d+ ttl/gm;
  return {
    longest: (since) =>
      longestGap(
        [...ping.output().matchAll(answered)].map(([, time]) => Number(time) * 1000),
        since,
      ),
    stop: ping.stop,
  };
}
