import {
  createTcpDirection,
  type DirectionSink,
  type HeldBytes,
  type TcpDirection,
} from './tcp-direction.ts';
import type { TcpSegment } from './tcp-segment.ts';

/** One TCP connection of a capture. */
export interface CapturedConnection {
  /** Counted from 1, in the order of their first packets. */
  readonly number: number;
  readonly client: CapturedEnd;
  readonly server: CapturedEnd;
  readonly startedAt: number;
  /** Its beginning was not captured, so where its first bytes stand in a message is not known. */
  readonly isMidstream: boolean;
}

export interface CapturedEnd {
  readonly address: string;
  readonly port: number;
}

export type Side = 'client' | 'server';

/** Why nothing more of a connection follows. */
export type ConnectionEnd = 'closed' | 'reset' | 'replaced' | 'forgotten' | 'end of capture';

/** Told what the connections of a capture carried, in the order of the capture's time. */
export interface ConnectionSink {
  opened(connection: CapturedConnection): void;
  /** Bytes in order, lent until the call returns. */
  data(connection: CapturedConnection, from: Side, bytes: Uint8Array, at: number): void;
  /** So many bytes of this side are not in the capture. */
  lost(connection: CapturedConnection, from: Side, bytes: number, at: number): void;
  /** So many bytes were sent a second time with other content; the first copy was given. */
  differs(connection: CapturedConnection, from: Side, bytes: number, at: number): void;
  /** A segment that fits nowhere was passed over. */
  stray(connection: CapturedConnection, from: Side, at: number): void;
  /** The last that is told of it. */
  ended(connection: CapturedConnection, how: ConnectionEnd, at: number): void;
}

/** All TCP connections of a capture, put in order. */
export interface TcpConnections {
  add(source: string, destination: string, segment: TcpSegment, at: number): void;
  /** The capture is over. */
  end(at: number): void;
}

/** Connections remembered at once; the one silent longest is forgotten first. */
export const MaxConnections = 4096;

/**
 * @param isServer whether a server is known at this end: what tells the sides of a connection apart whose
 * beginning was not captured. Where that does not help, the lower port is taken for the server's.
 */
export function createTcpConnections(
  sink: ConnectionSink,
  isServer: (address: string, port: number) => boolean,
): TcpConnections {
  /** Least recently heard of first. */
  const entries = new Map<string, Entry>();
  const held: HeldBytes = { inAll: 0 };
  let count = 0;

  function add(source: string, destination: string, segment: TcpSegment, at: number): void {
    const from = { address: source, port: segment.sourcePort };
    const to = { address: destination, port: segment.destinationPort };
    const key = keyOf(from, to);
    const known = entries.get(key);
    entries.delete(key);
    const entry =
      known !== undefined && goesOn(known, from, segment) ? known : begin(known, from, to, segment, at);
    if (entry === undefined) return;
    entries.set(key, entry);
    if (entry.ended) return;
    carry(entry, sameEnd(entry.connection.client, from) ? 'client' : 'server', segment, at);
  }

  /** Whether the segment belongs to the connection that is known under its addresses and ports. */
  function goesOn(
    { connection, ended, client, server }: Entry,
    from: CapturedEnd,
    segment: TcpSegment,
  ): boolean {
    const own = sameEnd(connection.client, from) ? client : server;
    if (!own.isBegun) return !ended;
    // The same ports again with another beginning are another connection.
    if (segment.syn) return !ended && isSameBeginning(own.ahead((segment.sequence + 1) >>> 0));
    // A connection that talks on after its end was not at its end: somebody forged it.
    return !ended || segment.length === 0 || own.ahead((segment.sequence + segment.length) >>> 0) <= 0;
  }

  function begin(
    known: Entry | undefined,
    from: CapturedEnd,
    to: CapturedEnd,
    segment: TcpSegment,
    at: number,
  ): Entry | undefined {
    if (known !== undefined) finish(known, 'replaced', at);
    // What is left of a connection that ended before the capture began is none.
    if (known === undefined && segment.rst && segment.length === 0) return undefined;
    for (const [key, oldest] of entries) {
      if (entries.size < MaxConnections) break;
      entries.delete(key);
      finish(oldest, 'forgotten', at);
    }
    const fromClient = segment.syn ? !segment.ack : isClientSide(known, from, to);
    const [client, server] = fromClient ? [from, to] : [to, from];
    const connection = { number: ++count, client, server, startedAt: at, isMidstream: !segment.syn };
    sink.opened(connection);
    return {
      connection,
      client: directionOf(connection, 'client'),
      server: directionOf(connection, 'server'),
      ended: false,
    };
  }

  function isClientSide(known: Entry | undefined, from: CapturedEnd, to: CapturedEnd): boolean {
    if (known !== undefined) return sameEnd(known.connection.client, from);
    const [fromKnown, toKnown] = [isServer(from.address, from.port), isServer(to.address, to.port)];
    return fromKnown === toKnown ? from.port > to.port : toKnown;
  }

  function directionOf(connection: CapturedConnection, from: Side): TcpDirection {
    const told: DirectionSink = {
      data: (bytes, at) => sink.data(connection, from, bytes, at),
      lost: (bytes, at) => sink.lost(connection, from, bytes, at),
      differs: (bytes, at) => sink.differs(connection, from, bytes, at),
      stray: (at) => sink.stray(connection, from, at),
    };
    return createTcpDirection(told, held);
  }

  function carry(entry: Entry, side: Side, segment: TcpSegment, at: number): void {
    const own = entry[side];
    const other = entry[side === 'client' ? 'server' : 'client'];
    if (segment.rst) {
      // Out of the window it is forged or stale, and no receiver would believe it (RFC 9293 §3.10.7.4).
      const distance = own.ahead(segment.sequence);
      if (segment.syn || distance < 0 || distance > MaxWindow) return sink.stray(entry.connection, side, at);
      return finish(entry, 'reset', at);
    }
    // First what the other side said: this segment may already answer it.
    if (segment.ack) other.acknowledged(segment.acknowledgement, at);
    own.add(segment, at);
    if (own.isFinished && other.isFinished) finish(entry, 'closed', at);
  }

  function finish(entry: Entry, how: ConnectionEnd, at: number): void {
    if (entry.ended) return;
    entry.ended = true;
    entry.client.end(at);
    entry.server.end(at);
    sink.ended(entry.connection, how, at);
  }

  return {
    add,
    end(at) {
      for (const entry of entries.values()) finish(entry, 'end of capture', at);
    },
  };
}

interface Entry {
  readonly connection: CapturedConnection;
  readonly client: TcpDirection;
  readonly server: TcpDirection;
  /** Kept a while all the same, so that its last segments begin no new one. */
  ended: boolean;
}

function keyOf(one: CapturedEnd, other: CapturedEnd): string {
  const [a, b] = [`${one.address} ${one.port}`, `${other.address} ${other.port}`];
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

function sameEnd(one: CapturedEnd, other: CapturedEnd): boolean {
  return one.port === other.port && one.address === other.address;
}

/** Close behind is the same SYN sent again; anywhere else is another connection's. */
function isSameBeginning(distance: number): boolean {
  return distance <= 0 && distance > -(2 ** 16);
}

const MaxWindow = 2 ** 30;
