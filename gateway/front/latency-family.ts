import { Histogram, type Registry } from 'prom-client';
import { LatencyBuckets } from '../ipc/bounds.ts';
import type { LatencyHistogram } from '../ipc/reports.ts';

/**
 * The added latency per conduit. prom-client makes histograms of observations; ours are already counted by
 * the inspectors, so this one is handed their buckets and only written out by the registry.
 */
export class LatencyFamily extends Histogram<'conduit'> {
  readonly #conduits = new Map<string, { buckets: number[]; sum: number; count: number }>();

  constructor(registry: Registry) {
    super({
      name: Name,
      help: Help,
      labelNames: ['conduit'],
      buckets: [...LatencyBuckets],
      registers: [registry],
    });
  }

  /** Adds what one flow of the conduit counted. */
  add(conduit: string, { bucketCounts, sum, count }: LatencyHistogram): void {
    const held = this.#conduits.get(conduit) ?? { buckets: LatencyBuckets.map(() => 0), sum: 0, count: 0 };
    this.#conduits.set(conduit, {
      buckets: held.buckets.map((bucket, index) => bucket + (bucketCounts[index] ?? 0)),
      sum: held.sum + sum,
      count: held.count + count,
    });
  }

  /** What the registry writes out; prom-client asks by this name before it falls back to `get`. */
  async getForPromString() {
    const values = [...this.#conduits].flatMap(([conduit, { buckets, sum, count }]) => {
      let below = 0;
      const cumulative = LatencyBuckets.map((bound, index) => {
        below += buckets[index] ?? 0;
        return { metricName: `${Name}_bucket`, labels: { conduit, le: bound }, value: below };
      });
      return [
        ...cumulative,
        { metricName: `${Name}_bucket`, labels: { conduit, le: '+Inf' }, value: count },
        { metricName: `${Name}_sum`, labels: { conduit }, value: sum },
        { metricName: `${Name}_count`, labels: { conduit }, value: count },
      ];
    });
    return { name: Name, help: Help, type: 'histogram', values };
  }
}

const Name = 'penstock_added_latency_seconds';
const Help = 'Time the gateway adds to a request';
