import type { Socket } from 'node:net';
import { type Admission, admitTarget } from '../../../rules/admission/admit.ts';
import type { FlowTable, ModeView, Permit } from '../../../rules/admission/flow-table.ts';
import type { Gates } from '../../../rules/admission/gates.ts';
import type { Reason } from '../../../rules/reason.ts';
import type { Clock } from '../../clock.ts';
import type { ChannelReport, ChannelTerms } from '../../ipc/channel-body.ts';
import type { Peer } from '../../ipc/reports.ts';
import type { Logger } from '../../log.ts';
import type { Carriages, Passage } from '../carriage.ts';
import type { Counters } from '../counters.ts';
import { type ConnectionLimits, createPlaces } from '../places.ts';
import { createStreamLeg } from '../stream-leg.ts';
import { isOpaque, type OpenChannel, openChannel } from './channel.ts';
import { markedDialler, plainDialler } from './dial.ts';
import { createDoorway, type Expected } from './doorway.ts';
import { createHandovers } from './handover.ts';

/** The channels of granted sessions that this process carries, from the token to the end. */
export interface VendorChannels {
  /** Somebody may come with a token, once. Answered by a report: `expected`, or `closed` where it cannot be. */
  readonly expect: (terms: ChannelTerms) => Promise<void>;
  /** Ends these now, in whatever state: nothing that was read goes on. */
  readonly end: (channels: readonly string[], reason: Reason) => void;
  /** On the medium up to this piece. */
  readonly recorded: (channel: string, upTo: number) => void;
  /** The engine has told which gates are open. From now on their ends are kept on the monotonic clock. */
  readonly gatesTold: () => void;
  readonly reconsider: (changed: 'policy-changed' | 'mode-cut') => void;
  readonly endShut: () => void;
  /** Milliseconds until the next gate shuts by itself. */
  readonly untilNextEnd: () => number | undefined;
  /** Nothing can be put on record any more, so that nothing may be done. */
  readonly engineLost: () => void;
  /** Each second: what passed. */
  readonly tell: () => void;
  readonly close: (reason: Reason) => Promise<void>;
}

export interface VendorChannelsOptions {
  /** Where its data socket stands; undefined on a box without vendors. */
  readonly directory: string | undefined;
  readonly epoch: string;
  readonly clock: Clock;
  readonly table: () => FlowTable | undefined;
  readonly mode: () => ModeView;
  readonly gates: Gates;
  readonly counters: Counters;
  readonly limits: ConnectionLimits;
  readonly carriages: Carriages;
  /** Whether this is the proxy back end, which connects as any process does. */
  readonly isProxy: () => boolean;
  readonly send: (report: ChannelReport) => boolean;
  readonly log: Logger;
  /** Milliseconds a piece may wait to be recorded, if not as long as usual. */
  readonly recordedWithin?: number;
}

interface Channel {
  readonly terms: ChannelTerms;
  readonly expected: Expected;
  timer: NodeJS.Timeout | undefined;
  /** While its target is dialled. */
  socket: Socket | undefined;
  open: OpenChannel | undefined;
}

/** Nobody is expected. */
export function createVendorChannels(options: VendorChannelsOptions): VendorChannels {
  const { directory, epoch, clock, table, mode, gates, counters, limits, carriages, send, log } = options;
  const channels = new Map<string, Channel>();
  const places = createPlaces({ perPair: limits.total, total: limits.total });
  const handovers = createHandovers({
    send,
    wall: clock.wall,
    now: clock.monotonic,
    ...(options.recordedWithin === undefined ? {} : { patience: options.recordedWithin }),
  });
  const doorway = directory === undefined ? undefined : createDoorway({ directory, epoch });
  /** Ends that the engine has not taken yet. */
  let unsaid: ChannelReport[] = [];
  let offset = clock.wall() - clock.monotonic();
  let onEmpty: (() => void) | undefined;

  async function expect(terms: ChannelTerms): Promise<void> {
    if (channels.has(terms.channel)) return;
    const come = (socket: Socket): void => void lead(channel, socket);
    const expected = { token: terms.token, come };
    const channel: Channel = { terms, expected, timer: undefined, socket: undefined, open: undefined };
    channels.set(terms.channel, channel);
    const admission = judge(terms.target);
    if (!admission.ok) return conclude(channel, admission.reason);
    if (channels.size > limits.total) return conclude(channel, 'connection-limit');
    try {
      if (doorway === undefined) throw new Error('no directory was given for it');
      const path = await doorway.open();
      if (!isCurrent(channel)) return;
      doorway.expect(expected);
      channel.timer = setTimeout(() => conclude(channel, 'client-closed'), terms.patience);
      tellOrEnd(channel, { what: 'expected', channel: terms.channel, path });
    } catch (cause) {
      log.error({ problem: cause instanceof Error ? cause.message : String(cause) }, 'no data socket');
      conclude(channel, 'carrier-lost');
    }
  }

  function judge(target: string): Admission {
    const policy = table();
    if (policy === undefined) return { ok: false, reason: 'policy-changed', permit: undefined };
    return admitTarget(policy, target, { gates, mode: mode(), now: now() });
  }

  /** The wall clock as it was when gates were told, run on: nobody's setting of the clock moves a session's end. */
  function now(): number {
    return clock.monotonic() + offset;
  }

  async function lead(channel: Channel, socket: Socket): Promise<void> {
    const { terms } = channel;
    clearTimeout(channel.timer);
    channel.socket = socket;
    const startedAt = clock.wall();
    const admission = judge(terms.target);
    if (!admission.ok) return conclude(channel, admission.reason);
    const { permit } = admission;
    const server = terms.dial ?? targetOf(permit);
    const release = places.take({ client: terms.client, server }, permit);
    if (release === undefined) return conclude(channel, 'connection-limit');
    // Nothing may come before it is let in, and who leaves meanwhile is not dialled for any longer.
    const leave = (): void => void socket.destroy();
    socket.on('data', leave).once('end', leave).resume();
    const dial = terms.dial === undefined && !options.isProxy() ? markedDialler : plainDialler;
    const passage: Passage = {
      client: createStreamLeg(socket),
      server,
      caller: terms.person,
      judge: () => judge(terms.target),
      dial: (signal) => dial(server, signal),
    };
    // A serial line takes whole requests, and of a protocol nobody reads there are none.
    const canBeDialled = !isOpaque(permit) || permit.device.line === undefined;
    const led = canBeDialled ? await carriages.lead(passage, permit) : undefined;
    socket.off('data', leave).off('end', leave);
    if (led?.ok !== true) {
      release();
      return conclude(channel, led?.reason ?? 'server-unreachable');
    }
    tellOrEnd(channel, { what: 'opened', channel: terms.channel, at: clock.wall(), server });
    if (!isCurrent(channel)) {
      release();
      return led.server.reset();
    }
    const ended = (closed: ChannelReport): void => {
      release();
      forget(channel, closed);
    };
    const parts = { terms, socket, passage, led, server, startedAt, carriages, counters, handovers, clock };
    channel.open = openChannel({ ...parts, report: send, ended });
    channel.socket = undefined;
  }

  /** Ends one that is not open yet, or no longer. */
  function conclude(channel: Channel, reason: Reason): void {
    const nothing = { bytesFromClient: 0, bytesFromServer: 0, requests: 0, writes: 0, refused: 0, pieces: 0 };
    if (!isCurrent(channel)) return;
    channel.socket?.destroy();
    forget(channel, { what: 'closed', channel: channel.terms.channel, at: clock.wall(), reason, ...nothing });
  }

  function forget(channel: Channel, closed: ChannelReport): void {
    if (!isCurrent(channel)) return;
    channels.delete(channel.terms.channel);
    clearTimeout(channel.timer);
    doorway?.forget(channel.expected);
    if (unsaid.length > 0 || !send(closed)) unsaid.push(closed);
    if (channels.size === 0) onEmpty?.();
  }

  function cut(channel: Channel, reason: Reason): void {
    if (channel.open === undefined) conclude(channel, reason);
    else channel.open.carriage.connection.cut(reason);
  }

  function tellOrEnd(channel: Channel, report: ChannelReport): void {
    if (!send(report)) cut(channel, 'evidence-lost');
  }

  function isCurrent(channel: Channel): boolean {
    return channels.get(channel.terms.channel) === channel;
  }

  function endShut(): void {
    for (const channel of channels.values()) {
      const admission = judge(channel.terms.target);
      if (!admission.ok) cut(channel, admission.reason);
    }
  }

  return {
    expect,
    end: (names, reason) => {
      for (const name of names) {
        const channel = channels.get(name);
        if (channel !== undefined) cut(channel, reason);
      }
    },
    recorded: (name, upTo) => channels.get(name)?.open?.recorded(upTo),
    gatesTold: () => {
      offset = clock.wall() - clock.monotonic();
    },
    reconsider: (changed) => {
      for (const channel of channels.values()) {
        const admission = judge(channel.terms.target);
        if (channel.open !== undefined) channel.open.carriage.reconsider(admission, changed);
        else if (!admission.ok) conclude(channel, admission.reason);
      }
    },
    endShut,
    untilNextEnd: () => {
      const end = gates.nextEnd(now());
      return end === undefined ? undefined : Math.max(0, end - now());
    },
    engineLost: () => {
      unsaid = [];
      for (const channel of channels.values()) {
        cut(channel, channel.terms.recordBytes ? 'recording-lost' : 'evidence-lost');
      }
    },
    tell: () => {
      const from = unsaid.findIndex((report) => !send(report));
      unsaid = from < 0 ? [] : unsaid.slice(from);
      for (const { open } of channels.values()) {
        const progress = open?.progress();
        if (progress !== undefined) send(progress);
      }
    },
    close: async (reason) => {
      const empty = new Promise<void>((resolve) => {
        onEmpty = resolve;
        if (channels.size === 0) resolve();
      });
      for (const channel of channels.values()) cut(channel, reason);
      await empty;
      await doorway?.close();
    },
  };
}

/** Where the policy says a target is. */
function targetOf({ flow }: Permit): Peer {
  const [prefix = ''] = flow.destinations[0]?.prefixes ?? [];
  return { address: prefix.replace(/\/\d+$/, ''), port: flow.ports[0]?.first ?? 0 };
}
