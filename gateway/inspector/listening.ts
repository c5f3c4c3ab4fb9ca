import type { FlowTable } from '../../rules/admission/flow-table.ts';
import type { Peer, ProxyListener } from '../ipc/reports.ts';
import type { Arrival, Carrier } from './carrier.ts';
import { type DataPathName, loadDataPath } from './load-data-path.ts';
import { createProxyCarrier, type ProxyCarrier } from './proxy-carrier.ts';

/** Which shards this process listens on, in which way. Calls are carried out one after the other. */
export interface Listening {
  /** From now on by explicit listeners (proxy back end). */
  readonly setListeners: (listeners: readonly ProxyListener[]) => Promise<void>;
  /** Listens for these too. @throws GatewayError as {@link Carrier.take} */
  readonly take: (shards: readonly number[]) => Promise<readonly Peer[]>;
  readonly shards: () => readonly number[];
  /** Whether explicit listeners were set: then this is the proxy back end. */
  readonly isProxy: () => boolean;
  readonly close: () => Promise<void>;
}

export interface ListeningOptions {
  /** What carries transparent sockets; the proxy back end is always carried by streams. */
  readonly dataPath: DataPathName;
  /** Called with each client. */
  readonly arrive: (arrival: Arrival) => void;
  /** The policy in force. */
  readonly table: () => FlowTable | undefined;
  /** Told which listener cannot be had, for people; it is tried again. */
  readonly onProblem: (problem: string) => void;
}

/** Listens nowhere; transparently from the first `take` on, unless listeners were set before. */
export function createListening(options: ListeningOptions): Listening {
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
        proxy ??= createProxyCarrier(options);
        return proxy.setListeners(listeners);
      }),
    take: (shards) =>
      inTurn(async () => {
        const carrier = proxy ?? transparent ?? (await loadTransparentCarrier(options));
        if (proxy === undefined) transparent = carrier;
        const bound = await carrier.take(shards);
        for (const shard of shards) taken.add(shard);
        return bound;
      }),
    shards: () => [...taken],
    isProxy: () => proxy !== undefined,
    close: () =>
      inTurn(async () => {
        taken.clear();
        await proxy?.close();
        await transparent?.close();
      }),
  };
}

/** Loaded when needed: the proxy back end does without foreign functions, also on a box that has none. */
async function loadTransparentCarrier({ dataPath, arrive }: ListeningOptions): Promise<Carrier> {
  const [{ createTransparentCarrier }, path] = await Promise.all([
    import('./transparent-carrier.ts'),
    loadDataPath(dataPath),
  ]);
  return createTransparentCarrier(path, arrive);
}
