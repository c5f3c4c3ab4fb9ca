import { connect, createServer, isIPv4, type Server, type Socket } from 'node:net';
import { GatewayError } from '../errors.ts';
import type { Peer, ProxyListener } from '../ipc/messages.ts';
import { type Arrival, type Carrier, connected, ListenerOptions, plainAddress } from './carrier.ts';
import type { FlowTable } from './flow-table.ts';

/** The proxy back end's carrier, which can be given other listeners while it runs. */
export interface ProxyCarrier extends Carrier {
  /** Replaces the listeners; one that is the same as before is not touched. */
  readonly setListeners: (listeners: readonly ProxyListener[]) => Promise<void>;
}

/**
 * One explicit listener per source asset: whoever connects there is that asset. That holds on loopback,
 * where only this machine can connect; on any other address only the asset's own addresses may.
 * @param arrive called with each client
 * @param table the policy in force, asked at each arrival
 */
export function createProxyCarrier(
  arrive: (arrival: Arrival) => void,
  table: () => FlowTable | undefined,
): ProxyCarrier {
  const shards = new Set<number>();
  const open = new Map<string, Server>();
  let listeners: readonly ProxyListener[] = [];
  let closed = false;

  async function bring(): Promise<Peer[]> {
    const wanted = closed ? [] : listeners.filter(({ shard }) => shards.has(shard));
    const keys = new Set(wanted.map(keyOf));
    for (const [key, server] of open) {
      if (keys.has(key)) continue;
      open.delete(key);
      await stop(server);
    }
    const bound: Peer[] = [];
    for (const listener of wanted) {
      const key = keyOf(listener);
      const server = open.get(key) ?? (await start(listener));
      open.set(key, server);
      bound.push(addressOf(server));
    }
    return bound;
  }

  async function start(listener: ProxyListener): Promise<Server> {
    const server = createServer(ListenerOptions, (socket) => {
      socket.on('error', () => undefined);
      const client = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
      const policy = table();
      if (!isLoopback(listener.listen.address) && policy?.belongsTo(client.address, listener.as) !== true) {
        return void socket.resetAndDestroy();
      }
      arrive(arrival(listener, client, socket));
    });
    await listen(server, listener.listen);
    return server;
  }

  return {
    take: async (more) => {
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
    socket,
    client,
    server,
    locate: (table) => {
      const from = table.addressOf(as);
      const target = table.addressOf(to);
      return from === undefined || target === undefined ? undefined : { client: from, server: target, port };
    },
    dial: (signal) =>
      connected(connect({ host: server.address, port: server.port, allowHalfOpen: true }), signal),
    finish: (ended) => ended.end(),
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
    // `close` waits for every connection before it calls back; the port is free as soon as it returns.
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
