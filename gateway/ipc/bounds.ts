/**
 * Numbers and names the messages hold to, for processes that only need these: the schemas take fifty mebibytes to
 * load, and an inspector does without them.
 */

/** Connections, or refusals, in one message: some 200 kB. */
export const MaxBatch = 256;

/** An inspector says at least so often that it lives. Milliseconds. */
export const BeatInterval = 250;

/** Counts of use in one message, which stays well below the largest frame. */
export const MaxUsedCounts = 4000;

/** Verdicts on requests as they are counted; `would-refuse` passed under the audit stage. */
export const CountedVerdicts = ['allow', 'refuse', 'would-refuse'] as const;

/** Upper bounds of the latency buckets, seconds, shared by inspectors and metrics. */
export const LatencyBuckets = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1,
] as const;
