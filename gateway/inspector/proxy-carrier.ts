import { connect, createServer, isIPv4, type Server, type Socket } from 'node:net';
import type { FlowTable } from '../../rules/admission/flow-table.ts';
import { GatewayError } from '../errors.ts';
import type { Peer, ProxyListener } from '../ipc/reports.ts';
import {
  type Arrival,
  type Carrier,
  connected,
  ListenerOptions,
  patiently,
  plainAddress,
} from './carrier.ts';
import { createStreamLeg } from './stream-leg.ts';

/** The proxy back end's carrier, which can be given other listeners while it runs. */
export interface ProxyCarrier extends Carrier {
  /** Replaces the listeners; one that is the same as before is not touched. */
  readonly setListeners: (listeners: readonly ProxyListener[]) => Promise<void>;
}

export interface ProxyCarrierOptions {
  readonly arrive: (arrival: Arrival) => void;
  /** The policy in force, asked at each arrival. */
  readonly table: () => FlowTable | undefined;
  /** Told which listener cannot be had, for people; it is tried again each second, and the others serve. */
  readonly onProblem: (problem: string) => void;
}

/**
 * One explicit listener per source asset: whoever connects there is that asset. That holds on loopback,
 * where only this machine can connect; on any other address only the asset's own addresses may.
 */
export function createProxyCarrier({ arrive, table, onProblem }: ProxyCarrierOptions): ProxyCarrier {
  const shards = new Set<number>();
  const open = new Map<string, Server>();
  let listeners: readonly ProxyListener[] = [];
  let retry: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;

  /** Makes what is open what it should be. One call at a time, since the retry has a clock of its own. */
  function bring(): Promise<Peer[]> {
    const mine = turn.then(async () => {
      clearTimeout(retry);
      const wanted = closed ? [] : listeners.filter(({ shard }) => shards.has(shard));
      await closeOthers(new Set(wanted.map(keyOf)));
      const bound: Peer[] = [];
      let problem = '';
      for (const listener of wanted) {
        try {
          bound.push(await serve(listener));
        } catch (error) {
          problem = error instanceof Error ? error.message : String(error);
          onProblem(problem);
        }
      }
      if (problem !== '') retry = setTimeout(() => void bring(), RetryInterval);
      return bound;
    });
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function closeOthers(keys: ReadonlySet<string>): Promise<void> {
    for (const [key, server] of open) {
      if (keys.has(key)) continue;
      open.delete(key);
      await stop(server);
    }
  }

  async function serve(listener: ProxyListener): Promise<Peer> {
    const key = keyOf(listener);
    const server = open.get(key) ?? (await patiently(() => start(listener)));
    open.set(key, server);
    return addressOf(server);
  }

  async function start(listener: ProxyListener): Promise<Server> {
    const server = createServer(ListenerOptions, (socket) => {
      socket.on('error', () => undefined);
      const client = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
      const known = table()?.belongsTo(client.address, listener.as) === true;
      if (!known && !isLoopback(listener.listen.address)) return void socket.resetAndDestroy();
      arrive(arrival(listener, client, socket));
    });
    await listen(server, listener.listen);
    return server;
  }

  return {
    take: (more) => {
      for (const shard of more) shards.add(shard);
      return bring();
    },
    setListeners: async (all) => {
      listeners = all;
      await bring();
    },
    close: async () => {
      closed = true;
      await bring();
    },
  };
}

function arrival(listener: ProxyListener, client: Peer, socket: Socket): Arrival {
  const { as, to, port, server } = listener;
  return {
    leg: createStreamLeg(socket),
    client,
    server,
    locate: (table) => {
      const from = table.addressOf(as);
      const target = table.addressOf(to);
      return from === undefined || target === undefined ? undefined : { client: from, server: target, port };
    },
    dial: async (signal) => {
      const upstream = connect({ host: server.address, port: server.port, allowHalfOpen: true });
      return createStreamLeg(await connected(upstream, signal));
    },
  };
}

function listen(server: Server, { address, port }: Peer): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new GatewayError('PST_ERR_LISTEN', `${address}:${port}: ${cause.message}.`, cause)),
    );
    server.listen({ host: address, port, exclusive: true }, () => {
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/** Resolves when the port is free; clients that came through it stay connected. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // `close` calls back when the last connection is gone; the port is free as soon as it has returned.
    server.close();
    setImmediate(resolve);
  });
}

function addressOf(server: Server): Peer {
  const address = server.address();
  return address === null || typeof address === 'string'
    ? { address: '', port: 0 }
    : { address: address.address, port: address.port };
}

function keyOf({ as, to, port, listen: at, server, shard }: ProxyListener): string {
  return [as, to, port, at.address, at.port, server.address, server.port, shard].join(' ');
}

function isLoopback(address: string): boolean {
  return isIPv4(address) ? address.startsWith('127.') : address === '::1';
}

/** Milliseconds until a listener that cannot be had is tried again. */
const RetryInterval = 1_000;
