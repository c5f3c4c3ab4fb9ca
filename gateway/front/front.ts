import { readFileSync } from 'node:fs';
import { Server as HttpsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Config, SocketAddress } from '../config.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { frontSocket } from '../run/processes.ts';
import { buildServer } from './api.ts';
import { startCarriers } from './carriers/carriers.ts';
import { openEngineAsker } from './engine-asker.ts';
import { isLoopback } from './loopback.ts';
import { buildMetricsServer } from './metrics-server.ts';
import { type Identity, openPageIdentity } from './page-identity.ts';

/** The running front: page, API, metrics and the carriers' ends. It holds no right and decides nothing. */
export interface Front {
  readonly close: () => Promise<void>;
}

/** One address that is listened on. */
interface Service {
  readonly name: 'page' | 'metrics';
  readonly at: SocketAddress;
  /** The certificate that gateway.yaml names for it. */
  readonly tls: Identity | undefined;
  readonly build: (tls: Identity | undefined) => Promise<FastifyInstance>;
}

/**
 * Starts to listen. Neither page nor metrics leave this machine unencrypted (62443-3-3 SR 4.1): an address that is
 * not loopback is served with the certificate of gateway.yaml, or with one of the box's own authority. Until the engine
 * has told that one, only loopback addresses are listened on.
 * @throws GatewayError PST_ERR_CONFIG, PST_ERR_LISTEN
 */
export async function startFront(config: Config, clock: Clock, log: Logger): Promise<Front> {
  const configured = config.page.tls === undefined ? undefined : readTls(config.page.tls);
  const identity = openPageIdentity();
  const engine = openEngineAsker(frontSocket(config), (news) => {
    if (news?.kind === 'page-identity') identity.take({ cert: news.certificate, key: news.key });
    else carriers.news(news);
  });
  const carriers = startCarriers({ listen: config.vendor, engine, log });
  const onDefect = (err: Error): void => log.error({ err }, 'defect in the API');
  const page: Service = {
    name: 'page',
    at: config.page,
    tls: configured,
    build: (tls) => buildServer({ engine, tls, onDefect }),
  };
  const metrics: Service = {
    name: 'metrics',
    at: config.metrics,
    tls: isLoopback(config.metrics.address) ? undefined : configured,
    build: async (tls) => buildMetricsServer({ engine, clock, tls }),
  };
  const open: FastifyInstance[] = [];
  let closed = false;

  async function serve({ name, at, build }: Service, tls: Identity | undefined): Promise<FastifyInstance> {
    const server = await build(tls);
    open.push(server);
    log.info({ [name]: await listen(server, at) }, 'listening');
    return server;
  }

  /** With the authority's certificate, as soon as there is one, and with each that follows it. */
  async function serveLater(service: Service): Promise<void> {
    const tls = await identity.first;
    if (closed) return;
    const { server } = await serve(service, tls);
    identity.onRenewed((renewed) => {
      if (server instanceof HttpsServer) server.setSecureContext(renewed);
    });
  }

  const close = async (): Promise<void> => {
    closed = true;
    carriers.close();
    await Promise.all(open.map((server) => server.close()));
    engine.close();
  };
  try {
    const services = [page, metrics];
    const now = services.filter(({ at, tls }) => tls !== undefined || isLoopback(at.address));
    for (const service of now) await serve(service, service.tls);
    for (const service of services.filter((one) => !now.includes(one))) {
      log.info({ waits: service.name }, 'no certificate yet');
      // What fails there ends the process, as it would have at the start.
      void serveLater(service);
    }
  } catch (cause) {
    await close();
    throw cause;
  }
  return { close };
}

function readTls({ cert, key }: { cert: string; key: string }): Identity {
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
