import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Channel, openChannel } from '../../../gateway/ipc/channel.ts';
import { type LocalListener, listenLocally } from '../../../gateway/ipc/listen.ts';
import {
  checkInspectorToEngine,
  type EngineToInspector,
  type InspectorToEngine,
} from '../../../gateway/ipc/messages.ts';
import type {
  ClosedConnection,
  ConnectionSum,
  FlowCounters,
  OpenConnection,
  ProxyListener,
  RefusalReport,
} from '../../../gateway/ipc/reports.ts';
import type { Policy } from '../../../rules/policy.ts';
import { payloadOf } from './sample.ts';

/** What an inspector tells in batches is heard one by one. */
export type Heard =
  | Exclude<InspectorToEngine, { kind: 'connections' | 'refusals' }>
  | { readonly kind: 'opened'; readonly connection: OpenConnection }
  | { readonly kind: 'closed'; readonly connection: ClosedConnection }
  | { readonly kind: 'sum'; readonly sum: ConnectionSum }
  | { readonly kind: 'refusal'; readonly refusal: RefusalReport };
type Kind = Heard['kind'];
type Message<K extends Kind> = Extract<Heard, { kind: K }>;

/** An engine that hands over what a test tells it to, and remembers everything it is told. */
export interface EngineDouble {
  readonly path: string;
  /** The inspectors in the order in which they connected; one that is gone stays in the list. */
  readonly inspectors: () => readonly InspectorLink[];
  /** Waits for the inspector of this number, from 0, counted over all connections. */
  readonly inspector: (number: number) => Promise<InspectorLink>;
  /** Goes away as a killed engine does, and comes back. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The engine's side of one inspector's connection. */
export interface InspectorLink {
  readonly send: (message: EngineToInspector) => void;
  readonly heard: <K extends Kind>(kind: K) => readonly Message<K>[];
  /** The first message of this kind, heard or to come, for which `fits` holds. */
  readonly hears: <K extends Kind>(kind: K, fits?: (message: Message<K>) => boolean) => Promise<Message<K>>;
  /** Told every message to come. */
  readonly listen: (hear: (message: Heard) => void) => void;
  /** Prepares and activates a policy, and waits until it is in force. */
  readonly enforce: (policy: Policy) => Promise<void>;
  /** Lets it listen, and waits for the ports. */
  readonly serve: (listeners: readonly ProxyListener[]) => Promise<readonly number[]>;
  /** Waits for counters in which the flow is as it should be. */
  readonly counted: (flowId: string, fits: (flow: FlowCounters) => boolean) => Promise<FlowCounters>;
  readonly gone: Promise<string>;
}

export async function startEngineDouble(): Promise<EngineDouble> {
  const directory = await mkdtemp(join(tmpdir(), 'penstock-engine-'));
  const path = join(directory, 'engine.sock');
  const links: InspectorLink[] = [];
  const waiting = new Set<() => void>();
  let listener: LocalListener | undefined;

  async function start(): Promise<void> {
    listener = await listenLocally({
      path,
      directoryMode: 0o700,
      mode: 0o600,
      onConnection: (socket) => {
        const messages: Heard[] = [];
        const wishes = new Set<() => void>();
        const listeners: ((message: Heard) => void)[] = [];
        const gone = Promise.withResolvers<string>();
        const channel = openChannel<InspectorToEngine, EngineToInspector>(socket, {
          check: checkInspectorToEngine,
          onMessage: (message) => {
            const heard = oneByOne(message);
            messages.push(...heard);
            for (const one of heard) for (const hear of listeners) hear(one);
            for (const wish of [...wishes]) wish();
          },
          onClose: gone.resolve,
        });
        const listen = (hear: (message: Heard) => void): void => void listeners.push(hear);
        links.push({ ...link(channel, messages, wishes, gone.promise), listen });
        for (const wake of [...waiting]) wake();
      },
    });
  }

  await start();
  return {
    path,
    inspectors: () => links,
    inspector: (number) => wait(waiting, () => links[number]),
    stop: async () => listener?.close(),
    start,
    close: async () => {
      await listener?.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function link(
  channel: Channel<EngineToInspector>,
  messages: readonly Heard[],
  wishes: Set<() => void>,
  gone: Promise<string>,
): Omit<InspectorLink, 'listen'> {
  const send = (message: EngineToInspector): void => void channel.send(message);
  const heard = <K extends Kind>(kind: K): Message<K>[] =>
    messages.filter((message): message is Message<K> => message.kind === kind);
  const hears = <K extends Kind>(kind: K, fits: (message: Message<K>) => boolean = () => true) =>
    wait(wishes, () => heard(kind).find(fits));
  return {
    send,
    heard,
    hears,
    gone,
    enforce: async (policy) => {
      const payload = payloadOf(policy);
      send({ kind: 'prepare', ...payload });
      await hears('prepared', (message) => message.policy === payload.digest);
      send({ kind: 'activate', digest: payload.digest });
      await hears('activated', (message) => message.policy === payload.digest);
    },
    serve: async (listeners) => {
      send({ kind: 'listeners', listeners: [...listeners] });
      send({ kind: 'take', shards: [0] });
      return (await hears('listening')).bound.map(({ port }) => port);
    },
    counted: async (flowId, fits) => {
      const find = (message: Message<'counters'>) =>
        message.flows.find((flow) => flow.flowId === flowId && fits(flow));
      const found = find(await hears('counters', (message) => find(message) !== undefined));
      if (found === undefined) throw new Error('unreachable');
      return found;
    },
  };
}

function oneByOne(message: InspectorToEngine): Heard[] {
  switch (message.kind) {
    case 'connections':
      return [
        ...message.opened.map((connection) => ({ kind: 'opened', connection }) as const),
        ...message.closed.map((connection) => ({ kind: 'closed', connection }) as const),
        ...message.sums.map((sum) => ({ kind: 'sum', sum }) as const),
      ];
    case 'refusals':
      return message.refusals.map((refusal) => ({ kind: 'refusal', refusal }) as const);
    default:
      return [message];
  }
}

function wait<T>(wishes: Set<() => void>, find: () => T | undefined): Promise<T> {
  return new Promise((resolve) => {
    const look = (): void => {
      const found = find();
      if (found === undefined) return;
      wishes.delete(look);
      resolve(found);
    };
    wishes.add(look);
    look();
  });
}
