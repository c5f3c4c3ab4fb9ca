import type { DeviceState } from '../device/device-state.ts';
import { createResponse } from '../message/response.ts';
import { createClientSide } from './client-side.ts';
import { createConversation, type InspectionTerms } from './conversation.ts';
import type { InspectionSink } from './effect.ts';
import type { FlowTraffic } from './flow-traffic.ts';
import { createFrameStream } from './frame-stream.ts';
import { createServerSide } from './server-side.ts';

export type { InspectionTerms } from './conversation.ts';

export interface InspectionParts {
  readonly terms: InspectionTerms;
  /** Shared by all connections to the same server. */
  readonly device: DeviceState;
  /** Shared by all connections of the same flow to the same server. */
  readonly traffic: FlowTraffic;
  readonly sink: InspectionSink;
  /** Asks the carrier to call {@link Inspection.resume} soon, and never from within this call. */
  readonly wake: () => void;
}

/**
 * One Modbus TCP connection under inspection, without sockets or clocks. `now` is milliseconds on a
 * monotonic clock, the same for all connections to a server. Bytes handed in are read during the call only.
 * What is wanted goes to the sink before a call returns; after its `close` every call does nothing.
 *
 * Malformed bytes end the connection in either direction, whatever the stage; so does a response that does
 * not fit its request. A response that fits none is put aside, and a refused request is answered as its
 * rule says; either way the connection lives. Above the limits of outstanding requests nothing is refused:
 * the client is not read from until there is room.
 */
export interface Inspection {
  fromClient(bytes: Uint8Array, now: number): void;
  fromServer(bytes: Uint8Array, now: number): void;
  /** Goes on with a request that waited for a place at its unit. */
  resume(now: number): void;
  /** Runs what is due: request time-outs and unfinished ADUs. */
  tick(now: number): void;
  /** When {@link tick} is next needed. */
  nextDeadline(): number | undefined;
  /** False while too many requests and answers wait: stop reading from the client. */
  readingClient(): boolean;
  /** New terms for the requests to come; the connection and what is under way stay. */
  adopt(terms: InspectionTerms, now: number): void;
  /** The connection has ended for a reason of the carrier's: what is under way counts as unknown. */
  end(): void;
}

/** A connection nothing has been said on yet. */
export function createInspection({ terms, device, traffic, sink, wake }: InspectionParts): Inspection {
  const response = createResponse();
  const conversation = createConversation(terms, device, sink, wake);
  const { transactions } = conversation;
  const client = createFrameStream(conversation.maxAduBytes);
  const server = createFrameStream(conversation.maxAduBytes);
  const clientSide = createClientSide(conversation, client, traffic);
  const serverSide = createServerSide(conversation, server, response);

  let hasBegun = false;

  function begin(now: number): boolean {
    if (conversation.ended) return false;
    // Not before: what is not known of the time until then depends on it.
    if (!hasBegun) conversation.adopt(terms, now);
    hasBegun = true;
    // While we do not read, an unfinished request is our doing and not the client's.
    if (!clientSide.isReading()) client.restartTimer(now);
    return true;
  }

  function tick(now: number): void {
    if (!begin(now)) return;
    serverSide.expire(now);
    clientSide.take(now);
    if (client.isOverdue(now) || server.isOverdue(now)) conversation.close('partial-timeout', true);
  }

  function nextDeadline(): number | undefined {
    if (conversation.ended) return undefined;
    const next = Math.min(
      transactions.nextDeadline(conversation.terms.profile.limits.requestTimeout),
      clientSide.isReading() ? client.deadline() : Number.POSITIVE_INFINITY,
      server.deadline(),
    );
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  return {
    fromClient(bytes, now) {
      if (!begin(now)) return;
      client.push(bytes, now);
      clientSide.take(now);
    },
    fromServer(bytes, now) {
      if (!begin(now)) return;
      server.push(bytes, now);
      serverSide.take(now);
      clientSide.take(now);
    },
    resume(now) {
      if (begin(now)) clientSide.take(now);
    },
    tick,
    nextDeadline,
    readingClient: clientSide.isReading,
    adopt(next, now) {
      if (!begin(now)) return;
      conversation.adopt(next, now);
      clientSide.take(now);
    },
    end: conversation.end,
  };
}
