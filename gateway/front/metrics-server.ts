import { type FastifyInstance, fastify } from 'fastify';
import { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { EngineAsker } from './engine-asker.ts';
import { createMetricsWriter } from './metrics.ts';

export interface MetricsOptions {
  readonly engine: EngineAsker;
  readonly clock: Clock;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/**
 * Serves `/metrics` and nothing else, on an address of its own, so that the monitoring stack needs no way
 * to the page. An engine that is gone is a value, not an error: a failed scrape would hide what else is up.
 */
export function buildMetricsServer({ engine, clock, tls }: MetricsOptions): FastifyInstance {
  const app = fastify({ https: tls ?? null, logger: false, bodyLimit: 1024, requestTimeout: 10_000 });
  const writer = createMetricsWriter();
  app.get('/metrics', async (_request, reply) => {
    const answer = await engine.ask('metrics');
    const registry = new Registry();
    writer.write(registry, answer.ok ? answer.body : undefined, clock.wall());
    return reply
      .type(registry.contentType)
      .header('cache-control', 'no-store')
      .send(await registry.metrics());
  });
  return app;
}
