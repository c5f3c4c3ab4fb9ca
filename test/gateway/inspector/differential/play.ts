import type { Socket } from 'node:net';
import { vi } from 'vitest';
import { createFlowTraffic } from '../../../../rules/modbus/connection/flow-traffic.ts';
import { createInspection, type InspectionTerms } from '../../../../rules/modbus/connection/inspection.ts';
import { createDeviceState } from '../../../../rules/modbus/device/device-state.ts';
import { type FuzzPolicy, policies } from '../../../rules/modbus/fuzz/policies.ts';
import type { Ground } from '../data-paths.ts';
import { type Joined, joinOver } from '../joined.ts';
import type { Client, Loopback } from '../loopback.ts';

/** What happens on a connection, one thing after the other; each has come to rest before the next. */
export type Step =
  /** Pieces are sent one by one, so that each is read by itself. */
  | { readonly do: 'ask'; readonly pieces: readonly Uint8Array[] }
  /** How the server answers from now on. */
  | { readonly do: 'answer'; readonly how: Manner }
  /** The server speaks unasked. */
  | { readonly do: 'say'; readonly bytes: Uint8Array }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'adopt'; readonly policy: string }
  | { readonly do: 'stop reading' | 'read on' | 'end' | 'reset'; readonly who: 'client' | 'server' }
  | { readonly do: 'cut' | 'close' };

export const Manners = ['echo', 'exception', 'silence', 'in pieces', 'under another identifier'] as const;
export type Manner = (typeof Manners)[number];

/** Everything that can be seen from outside, and all that is told to whoever keeps records. */
export interface Transcript {
  readonly toServer: string;
  readonly toClient: string;
  readonly client: string;
  readonly server: string;
  readonly ended: string;
  /** By kind: how what is asked and what is answered lie between each other is the network's. */
  readonly records: Readonly<Record<string, readonly unknown[]>>;
}

/**
 * Plays a script over one data path. Only what the connection waits for takes time, and that not really; where nothing
 * happens for `quiet` milliseconds, nothing will.
 */
export async function play(
  ground: Ground,
  loopback: Loopback,
  policy: string,
  steps: readonly Step[],
  quiet: number,
): Promise<Transcript> {
  const records: Record<string, unknown[]> = {};
  const note = (kind: string, ...what: readonly unknown[]): void => {
    records[kind] ??= [];
    records[kind].push(what);
  };
  const given: Given = { toServer: 0, toClient: 0 };
  let elapsed = 1_000;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const known = policyOf(policy);
    const joined = await joinOver(ground, loopback, {
      now: () => elapsed,
      inspect: (carrier, wake) => {
        const device = createDeviceState(known.kind);
        const sink: typeof carrier = {
          ...carrier,
          toServer: (bytes, length) => {
            given.toServer += length;
            carrier.toServer(bytes, length);
          },
          toClient: (bytes, length, by) => {
            given.toClient += length;
            carrier.toClient(bytes, length, by);
          },
        };
        return createInspection({ terms: termsOf(known), device, traffic: createFlowTraffic(), sink, wake });
      },
      observer: {
        decided: (...what) => note('decided', ...what),
        refused: (refusal) => note('refused', refusal),
        quarantined: (refusal) => note('quarantined', refusal),
        tolerated: (what) => note('tolerated', what),
        answered: (adu) => note('answered', Buffer.from(adu).toString('hex', 0, 8)),
      },
    });
    // Or the kernel waits with an answer until the one before is acknowledged, which takes it 40 ms.
    for (const { socket } of [joined.client, joined.server]) socket.setNoDelay(true);
    const server = answering(joined.server);
    const ends = watchEnds(joined);
    for (const step of steps) {
      if (step.do === 'wait') {
        elapsed += step.milliseconds;
        vi.advanceTimersByTime(step.milliseconds);
      } else if (step.do === 'ask') {
        let isRead = true;
        for (const piece of step.pieces) {
          if (!joined.client.socket.writable) break;
          joined.client.socket.write(piece);
          // Where nobody reads, what follows only lies in the kernel's queue.
          if (isRead) isRead = await rest(joined, ends, given, quiet);
        }
      } else if (step.do === 'answer') server.manner = step.how;
      else if (step.do === 'adopt') joined.connection.adopt(termsOf(policyOf(step.policy)));
      else act(joined, step);
      await rest(joined, ends, given, quiet);
    }
    return {
      toServer: joined.server.received().toString('hex'),
      toClient: joined.client.received().toString('hex'),
      ...ends,
      records,
    };
  } finally {
    vi.useRealTimers();
  }
}

function act({ client, server, connection }: Joined, step: Step): void {
  switch (step.do) {
    case 'say':
      if (server.socket.writable) server.socket.write(step.bytes);
      return;
    case 'cut':
      return connection.cut('policy-changed');
    case 'close':
      return connection.close('shutdown');
    case 'stop reading':
      return void socketOf(step.who).pause();
    case 'read on':
      return void socketOf(step.who).resume();
    case 'end':
      return void socketOf(step.who).end();
    case 'reset':
      return void socketOf(step.who).resetAndDestroy();
    default:
  }

  function socketOf(who: 'client' | 'server'): Socket {
    return who === 'client' ? client.socket : server.socket;
  }
}

/** What the inspection has given to be sent, bytes. */
interface Given {
  toServer: number;
  toClient: number;
}

/** Waits until all that is on its way has arrived, or until nothing has happened for a while where it cannot: false. */
async function rest(
  { client, server, read }: Joined,
  ends: Ends,
  given: Given,
  quiet: number,
): Promise<boolean> {
  let last = '';
  let since = performance.now();
  for (let turns = 0; ; turns++) {
    await new Promise(setImmediate);
    const now = [
      read.fromClient,
      read.fromServer,
      client.socket.bytesRead,
      server.socket.bytesRead,
      client.socket.writableLength,
      server.socket.writableLength,
      Object.values(ends).join(),
    ].join();
    if (now !== last) {
      turns = 0;
      since = performance.now();
      last = now;
    }
    const hasArrived =
      ends.client + ends.server === '' &&
      read.fromClient === client.socket.bytesWritten &&
      read.fromServer === server.socket.bytesWritten &&
      client.socket.bytesRead === given.toClient &&
      server.socket.bytesRead === given.toServer;
    const isOver = ends.ended !== '' && client.socket.destroyed && server.socket.destroyed;
    if ((hasArrived || isOver) && turns > 3) return true;
    if (performance.now() - since > quiet) return false;
  }
}

interface Ends {
  client: string;
  server: string;
  ended: string;
}

function watchEnds({ client, server, ended }: Joined): Ends {
  const ends = { client: '', server: '', ended: '' };
  const note = (who: 'client' | 'server', how: string): void => {
    ends[who] += ` ${how}`;
  };
  for (const [who, { socket }] of [
    ['client', client],
    ['server', server],
  ] as const) {
    socket.on('end', () => note(who, 'end'));
    socket.on('error', (error: NodeJS.ErrnoException) => note(who, error.code ?? error.message));
    socket.on('close', () => note(who, 'close'));
  }
  void ended.then((reason) => {
    ends.ended = reason;
  });
  return ends;
}

/** A server that reads ADUs and answers as it is told to. */
function answering({ socket }: Client): { manner: Manner } {
  const server: { manner: Manner } = { manner: 'echo' };
  let pending = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 6 && pending.length >= 6 + pending.readUInt16BE(4)) {
      const size = 6 + pending.readUInt16BE(4);
      const answer = answerTo(pending.subarray(0, size), server.manner);
      pending = pending.subarray(size);
      if (!socket.writable) continue;
      if (server.manner === 'in pieces') for (const byte of answer) socket.write(Uint8Array.of(byte));
      else if (answer.length > 0) socket.write(answer);
    }
  });
  return server;
}

function answerTo(asked: Buffer, manner: Manner): Buffer {
  if (manner === 'silence') return Buffer.alloc(0);
  const code = asked[7] ?? 0;
  const quantity = Math.min(asked.length >= 12 ? asked.readUInt16BE(10) : 0, 120);
  const read = code <= 2 ? Math.ceil(quantity / 8) : 2 * quantity;
  const pdu =
    manner === 'exception'
      ? Buffer.of(code | 0x80, 4)
      : code <= 4
        ? Buffer.concat([Buffer.of(code, read), Buffer.alloc(read, 0x11)])
        : asked.subarray(7, 12);
  const header = Buffer.from(asked.subarray(0, 7));
  header.writeUInt16BE(pdu.length + 1, 4);
  if (manner === 'under another identifier') header.writeUInt16BE(header.readUInt16BE(0) ^ 0x4000, 0);
  return Buffer.concat([header, pdu]);
}

function policyOf(name: string): FuzzPolicy {
  const policy = policies[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

function termsOf({ profile, tolerances }: FuzzPolicy): InspectionTerms {
  return { profile, tolerances, auditUntil: 0, auditMalformed: false };
}
