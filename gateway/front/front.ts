import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Config, SocketAddress } from '../config.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { frontSocket } from '../run/processes.ts';
import { buildServer } from './api.ts';
import { openEngineAsker } from './engine-asker.ts';
import { isLoopback } from './loopback.ts';
import { buildMetricsServer } from './metrics-server.ts';

/** The running front: page, API and metrics. It holds no right and decides nothing. */
export interface Front {
  readonly close: () => Promise<void>;
}

/**
 * Starts to listen. Neither page nor metrics leave this machine unencrypted: an address that is not
 * loopback needs the certificate.
 * @throws GatewayError PST_ERR_CONFIG, PST_ERR_LISTEN
 */
export async function startFront(config: Config, clock: Clock, log: Logger): Promise<Front> {
  const tls = config.page.tls === undefined ? undefined : readTls(config.page.tls);
  requireTls('page.listen', config.page, tls);
  requireTls('metrics.listen', config.metrics, tls);
  const engine = openEngineAsker(frontSocket(config));
  const page = await buildServer({ engine, tls, onDefect: (err) => log.error({ err }, 'defect in the API') });
  const metrics = buildMetricsServer({
    engine,
    clock,
    tls: isLoopback(config.metrics.address) ? undefined : tls,
  });
  const close = async (): Promise<void> => {
    await Promise.all([page.close(), metrics.close()]);
    engine.close();
  };
  try {
    log.info(
      { page: await listen(page, config.page), metrics: await listen(metrics, config.metrics) },
      'listening',
    );
  } catch (cause) {
    await close();
    throw cause;
  }
  return { close };
}

function requireTls(key: string, { address }: SocketAddress, tls: object | undefined): void {
  if (tls !== undefined || isLoopback(address)) return;
  throw new GatewayError(
    'PST_ERR_CONFIG',
    `${key}: ${address} is reachable from other machines, so page.tls must name a certificate and its key.`,
  );
}

function readTls({ cert, key }: { cert: string; key: string }): { cert: string; key: string } {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw new GatewayError('PST_ERR_CONFIG', `page.tls: ${path} cannot be read.`, cause);
    }
  };
  return { cert: read(cert), key: read(key) };
}

async function listen(server: FastifyInstance, { address, port }: SocketAddress): Promise<string> {
  try {
    return await server.listen({ host: address, port });
  } catch (cause) {
    throw new GatewayError('PST_ERR_LISTEN', `${address} port ${port}.`, cause);
  }
}
