import type { DeviceState } from '../device/device-state.ts';
import { createResponse } from '../message/response.ts';
import { type ClientSide, createClientSide } from './client-side.ts';
import { type Conversation, createConversation, type InspectionTerms } from './conversation.ts';
import type { InspectionSink } from './effect.ts';
import type { FlowTraffic } from './flow-traffic.ts';
import { createFrameStream, type FrameStream } from './frame-stream.ts';
import { createServerSide, type ServerSide } from './server-side.ts';

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
export function createInspection(parts: InspectionParts): Inspection {
  return new Inspected(parts);
}

/** Of a class, as {@link createFrameStream} is. */
class Inspected implements Inspection {
  readonly #terms: InspectionTerms;
  readonly #conversation: Conversation;
  readonly #client: FrameStream;
  readonly #server: FrameStream;
  readonly #clientSide: ClientSide;
  readonly #serverSide: ServerSide;
  #hasBegun = false;

  constructor({ terms, device, traffic, sink, wake }: InspectionParts) {
    const conversation = createConversation(terms, device, sink, wake);
    const maxAduBytes = (functionCode: number): number => conversation.maxAduBytes(functionCode);
    this.#terms = terms;
    this.#conversation = conversation;
    this.#client = createFrameStream(maxAduBytes);
    this.#server = createFrameStream(maxAduBytes);
    this.#clientSide = createClientSide(conversation, this.#client, traffic);
    this.#serverSide = createServerSide(conversation, this.#server, createResponse());
  }

  fromClient(bytes: Uint8Array, now: number): void {
    if (!this.#begin(now)) return;
    this.#client.push(bytes, now);
    this.#clientSide.take(now);
  }

  fromServer(bytes: Uint8Array, now: number): void {
    if (!this.#begin(now)) return;
    this.#server.push(bytes, now);
    this.#serverSide.take(now);
    this.#clientSide.take(now);
  }

  resume(now: number): void {
    if (this.#begin(now)) this.#clientSide.take(now);
  }

  tick(now: number): void {
    if (!this.#begin(now)) return;
    this.#serverSide.expire(now);
    this.#clientSide.take(now);
    if (this.#client.isOverdue(now) || this.#server.isOverdue(now)) {
      this.#conversation.close('partial-timeout', true);
    }
  }

  nextDeadline(): number | undefined {
    const { ended, transactions, terms } = this.#conversation;
    if (ended) return undefined;
    const next = Math.min(
      transactions.nextDeadline(terms.profile.limits.requestTimeout),
      this.#clientSide.isReading() ? this.#client.deadline() : Number.POSITIVE_INFINITY,
      this.#server.deadline(),
    );
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  readingClient(): boolean {
    return this.#clientSide.isReading();
  }

  adopt(next: InspectionTerms, now: number): void {
    if (!this.#begin(now)) return;
    this.#conversation.adopt(next, now);
    this.#clientSide.take(now);
  }

  end(): void {
    this.#conversation.end();
  }

  #begin(now: number): boolean {
    if (this.#conversation.ended) return false;
    // Not before: what is not known of the time until then depends on it.
    if (!this.#hasBegun) this.#conversation.adopt(this.#terms, now);
    this.#hasBegun = true;
    // While we do not read, an unfinished request is our doing and not the client's.
    if (!this.#clientSide.isReading()) this.#client.restartTimer(now);
    return true;
  }
}
