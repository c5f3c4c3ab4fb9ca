import type { Socket } from 'node:net';
import type { Permit } from '../../../rules/admission/flow-table.ts';
import type { Reason } from '../../../rules/reason.ts';
import type { Clock } from '../../clock.ts';
import type { ChannelReport, ChannelTerms } from '../../ipc/channel-body.ts';
import type { OpenConnection, Peer } from '../../ipc/reports.ts';
import { openAccount } from '../account.ts';
import type { Carriage, Carriages, Led, Passage } from '../carriage.ts';
import type { ConnectionObserver, ConnectionParts } from '../connection.ts';
import type { Counters } from '../counters.ts';
import type { RefusalWindow } from '../refusal-window.ts';
import { createStreamLeg } from '../stream-leg.ts';
import { CarrierLeg } from './carrier-leg.ts';
import type { Handovers } from './handover.ts';
import { watchingWrites } from './known-values.ts';
import { createOpaqueCarriage } from './opaque.ts';
import { createOperations } from './operations.ts';
import { createPace } from './pace.ts';

/** A channel that is connected on both sides. */
export interface OpenChannel {
  readonly carriage: Carriage;
  readonly recorded: (upTo: number) => void;
  /** What passed so far, if something did since the last call. */
  readonly progress: () => Extract<ChannelReport, { readonly what: 'progress' }> | undefined;
}

export interface OpenChannelOptions {
  readonly terms: ChannelTerms;
  readonly socket: Socket;
  readonly passage: Passage;
  readonly led: Extract<Led, { readonly ok: true }>;
  readonly server: Peer;
  readonly startedAt: number;
  readonly carriages: Carriages;
  readonly counters: Counters;
  readonly handovers: Handovers;
  readonly clock: Clock;
  /** False where the engine does not take it; then the channel ends. */
  readonly report: (report: ChannelReport) => boolean;
  /** Both sides are gone. Called once. */
  readonly ended: (closed: Extract<ChannelReport, { readonly what: 'closed' }>) => void;
}

/** Begins to carry: the front is told, and from then on bytes pass. */
export function openChannel(options: OpenChannelOptions): OpenChannel {
  const { terms, socket, passage, led, server, carriages, counters, handovers, clock, report } = options;
  const { channel } = terms;
  const cutSoon = (reason: Reason): void => queueMicrotask(() => carriage.connection.cut(reason));
  const handover = terms.recordBytes
    ? handovers.open({ channel, onLost: () => cutSoon('recording-lost'), onRoom: () => leg.proceed() })
    : undefined;
  const leg = new CarrierLeg(socket, handover);
  const device = carriages.deviceOf(led.permit, server);
  const watched = watchingWrites(led.permit.profile);
  if (watched !== undefined) device.watch(watched, Math.floor(clock.monotonic()));
  const books = { counters, refusals: NoWindow, wall: clock.wall, device };
  const account = openAccount(recordOf(options), led.permit, books);
  const pace = createPace(clock.monotonic);
  const operations = createOperations({
    channel,
    permit: led.permit,
    device,
    reportReads: terms.reportReads,
    wall: clock.wall,
    report: (operation) => {
      pace.spend();
      if (!report(operation)) cutSoon('evidence-lost');
    },
  });
  let lastActivity = options.startedAt;

  const observer: ConnectionObserver = {
    ...account.observer,
    fromClient: (bytes) => {
      lastActivity = clock.wall();
      account.observer.fromClient(bytes);
    },
    fromServer: (bytes) => {
      lastActivity = clock.wall();
      account.observer.fromServer(bytes);
    },
    ...(isOpaque(led.permit) ? { answered: () => undefined } : {}),
    refused: (refusal) => {
      account.observer.refused(refusal);
      operations.refused(refusal);
    },
    forwarding: operations.forwarding,
    concluded: operations.concluded,
    ended: (reason) => {
      handover?.end();
      pace.end();
      const { endedAt, transactions, bytesFromClient, bytesFromServer } = account.close(clock.wall(), reason);
      options.ended({
        what: 'closed',
        channel,
        at: endedAt,
        reason,
        bytesFromClient,
        bytesFromServer,
        requests: transactions,
        writes: operations.writes(),
        refused: operations.refusals(),
        pieces: handover?.pieces() ?? 0,
      });
    },
  };
  const around = (inspect: ConnectionParts['inspect']): ConnectionParts['inspect'] =>
    isOpaque(led.permit) ? createOpaqueCarriage : (sink, wake) => pace.around(inspect(sink, wake), wake);
  const move = (permit: Permit): void => {
    account.move(permit);
    operations.move(permit);
  };
  socket.write('+');
  const carriage = carriages.take({ ...passage, client: createStreamLeg(leg) }, led, {
    observer,
    around,
    move,
  });
  return {
    carriage,
    recorded: (upTo) => handover?.recorded(upTo),
    progress: () => {
      const passed = account.progress();
      if (passed === undefined) return undefined;
      const { bytesFromClient, bytesFromServer } = passed;
      return { what: 'progress', channel, bytesFromClient, bytesFromServer, lastActivity };
    },
  };
}

/** Whether bytes pass as they are: no profile holds them to anything. */
export function isOpaque({ flow }: Permit): boolean {
  return flow.profile === '';
}

function recordOf({ terms, led, server, startedAt }: OpenChannelOptions): OpenConnection {
  const { flow, clientAsset, serverAsset } = led.permit;
  return {
    id: terms.channel,
    flow: flow.number,
    flowId: flow.id,
    conduit: flow.conduit,
    client: terms.client,
    server,
    clientAsset,
    serverAsset,
    startedAt,
  };
}

/** What is refused in a channel is told one by one, as an operation. */
const NoWindow: RefusalWindow = { add: () => undefined, putBack: () => undefined, drain: () => [] };
