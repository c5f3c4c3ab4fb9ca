import type { FlowTable } from '../../rules/admission/flow-table.ts';
import type { Peer, ProxyListener } from '../ipc/reports.ts';
import type { Arrival, Carrier } from './carrier.ts';
import { type DataPathChoice, type LoadedPath, loadDataPath } from './load-data-path.ts';
import { createProxyCarrier, type ProxyCarrier } from './proxy-carrier.ts';

/** Which shards this process listens on, in which way. Calls are carried out one after the other. */
export interface Listening {
  /** From now on by explicit listeners (proxy back end). */
  readonly setListeners: (listeners: readonly ProxyListener[]) => Promise<void>;
  /**
   * How transparent connections are carried; the first choice holds for good. Taken up at once, so that a spare
   * stands warm. @throws GatewayError PST_ERR_KERNEL_FEATURE
   */
  readonly carryBy: (choice: DataPathChoice) => Promise<void>;
  /** Listens for these too. @throws GatewayError as {@link Carrier.take} */
  readonly take: (shards: readonly number[]) => Promise<readonly Peer[]>;
  readonly shards: () => readonly number[];
  /** Whether explicit listeners were set: then this is the proxy back end. */
  readonly isProxy: () => boolean;
  readonly close: () => Promise<void>;
}

export interface ListeningOptions {
  /** Called with each client. */
  readonly arrive: (arrival: Arrival) => void;
  /** The policy in force. */
  readonly table: () => FlowTable | undefined;
  /** Told which listener cannot be had, for people; it is tried again. */
  readonly onProblem: (problem: string) => void;
  /** Told once what carries transparent connections; the proxy back end is always carried by streams. */
  readonly onLoaded: (path: LoadedPath) => void;
}

/** Listens nowhere; transparently from the first `take` on, unless listeners were set before. */
export function createListening(options: ListeningOptions): Listening {
  let proxy: ProxyCarrier | undefined;
  let transparent: Carrier | undefined;
  let choice: DataPathChoice = 'auto';
  const taken = new Set<number>();
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = last.then(act, act);
    last = turn.catch(() => undefined);
    return turn;
  }

  async function loaded(): Promise<Carrier> {
    transparent ??= await loadTransparentCarrier(choice, options);
    return transparent;
  }

  return {
    carryBy: (wanted) =>
      inTurn(async () => {
        choice = wanted;
        await loaded();
      }),
    setListeners: (listeners) =>
      inTurn(() => {
        proxy ??= createProxyCarrier(options);
        return proxy.setListeners(listeners);
      }),
    take: (shards) =>
      inTurn(async () => {
        const bound = await (proxy ?? (await loaded())).take(shards);
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
async function loadTransparentCarrier(
  choice: DataPathChoice,
  { arrive, onLoaded }: ListeningOptions,
): Promise<Carrier> {
  const [{ createTransparentCarrier }, loaded] = await Promise.all([
    import('./transparent-carrier.ts'),
    loadDataPath(choice),
  ]);
  onLoaded(loaded);
  return createTransparentCarrier(loaded.path, arrive);
}
