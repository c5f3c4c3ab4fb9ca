import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import type { Peer, ProxyListener } from '../ipc/messages.ts';
import type { Arrival, Carrier } from './carrier.ts';
import type { FlowTable } from './flow-table.ts';
import { createProxyCarrier, type ProxyCarrier } from './proxy-carrier.ts';
import { createTransparentCarrier } from './transparent-carrier.ts';

/** Which shards this process listens on, in which way. Calls are carried out one after the other. */
export interface Listening {
  /** From now on by explicit listeners (proxy back end). @throws GatewayError PST_ERR_LISTEN */
  readonly setListeners: (listeners: readonly ProxyListener[]) => Promise<void>;
  /** Listens for these too. @throws GatewayError PST_ERR_LISTEN, PST_ERR_CAPABILITY */
  readonly take: (shards: readonly number[]) => Promise<readonly Peer[]>;
  readonly shards: () => readonly number[];
  readonly close: () => Promise<void>;
}

/** Listens nowhere; transparently from the first `take` on, unless listeners were set before. */
export function createListening(
  arrive: (arrival: Arrival) => void,
  table: () => FlowTable | undefined,
): Listening {
  let proxy: ProxyCarrier | undefined;
  let transparent: Carrier | undefined;
  const taken = new Set<number>();
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = last.then(act, act);
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    setListeners: (listeners) =>
      inTurn(() => {
        proxy ??= createProxyCarrier(arrive, table);
        return proxy.setListeners(listeners);
      }),
    take: (shards) =>
      inTurn(async () => {
        const carrier = proxy ?? transparent ?? createTransparentCarrier(arrive);
        if (proxy === undefined) transparent = carrier;
        const bound = await patiently(() => carrier.take(shards));
        for (const shard of shards) taken.add(shard);
        return bound;
      }),
    shards: () => [...taken],
    close: () =>
      inTurn(async () => {
        taken.clear();
        await proxy?.close();
        await transparent?.close();
      }),
  };
}

/** A process that has just died may hold its ports some milliseconds longer than its engine connection. */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      const taken = error instanceof GatewayError && error.code === 'PST_ERR_LISTEN';
      if (!taken || attempt === Attempts) throw error;
      await delay(AttemptInterval);
    }
  }
}

const Attempts = 50;
const AttemptInterval = 10;
