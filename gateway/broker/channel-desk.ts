import { createHash, randomBytes } from 'node:crypto';
import type { Reason } from '../../rules/reason.ts';
import type { CallHandler } from '../access/caller.ts';
import { type AccessRefusalCode, refuse } from '../access/refusals.ts';
import type { ChannelReport } from '../ipc/channel-body.ts';
import { admitChannel, type ChannelWish, hostAndPort } from './admit-channel.ts';
import { createChannelPace } from './channel-pace.ts';
import { isAsGranted } from './facts.ts';
import type { Entry, GrantedTarget } from './grant-entry.ts';
import { type ChannelState, foldChannels, liveChannels } from './grant-entry.ts';
import { randomName } from './names.ts';
import type { Operations } from './operations.ts';
import type { BrokerParts } from './parts.ts';
import { createRefusedChannels } from './refused-channels.ts';

/** The channels of all grants: opened on record, watched while they live, ended with their grant. */
export interface ChannelDesk {
  readonly open: CallHandler<'carrier-open'>;
  readonly take: (epoch: string, report: ChannelReport) => void;
  /** Every channel of the grant ends now. */
  readonly cut: (entry: Entry, cause: Reason) => void;
  /** Resolves when no channel of the grant is left and all are on record, or after {@link StillTime}. */
  readonly still: (entry: Entry) => Promise<void>;
}

export interface ChannelDeskOptions extends BrokerParts {
  readonly find: (grant: string) => Entry | undefined;
  readonly operations: Operations;
  /** Payload has passed. */
  readonly onActivity: (entry: Entry) => void;
}

/** What is known of a channel beside its state. */
interface Live {
  readonly entry: Entry;
  readonly channel: ChannelState;
  /** Told once by the inspector: where to connect, or why it never will be. */
  readonly expected: PromiseWithResolvers<string>;
  /** Resolves when its end is on record. */
  readonly ended: PromiseWithResolvers<void>;
  closing: boolean;
}

export function createChannelDesk(options: ChannelDeskOptions): ChannelDesk {
  const { evidence, recorder, channels: port, people, policy, clock, log } = options;
  const live = new Map<string, Live>();
  const refused = createRefusedChannels(options);
  const pace = createChannelPace(clock.monotonic);

  const open: CallHandler<'carrier-open'> = async (asks, context) => {
    if (context.at !== 'front') return refuse('PST_NOT_PERMITTED');
    const source = hostAndPort(context.source, context.port ?? 0);
    const no = (code: AccessRefusalCode, why: string, grant = '') => {
      refused.note({ grant, carrier: asks.carrier, source, target: asks.target, why });
      return refuse(code);
    };
    const wish: ChannelWish = { ...asks, signedIn: people.signedIn(asks.proof) };
    const entry = options.find(asks.grant);
    const admitted = admitChannel(entry, wish);
    // Whoever does not prove that the grant is theirs is not told whether there is one.
    if (!admitted.ok) return no(admitted.known ? 'PST_NOT_NOW' : 'PST_NOT_HERE', admitted.why, entry?.id);
    if (entry === undefined) return refuse('PST_NOT_HERE');
    if (!pace.take(entry)) return no('PST_SLOW_DOWN', 'too many channels in a short time', entry.id);
    return begin(entry, admitted.target, source, { address: context.source, port: context.port ?? 0 });
  };

  async function begin(
    entry: Entry,
    target: GrantedTarget,
    source: string,
    client: { readonly address: string; readonly port: number },
  ) {
    const one = makeLive(entry, target, source);
    const { channel } = one;
    const { carrier, person, vendor } = entry.kept.grant.asked.request;
    const active = policy();
    const rule = active?.policy.vendors.find(({ id }) => id === vendor);
    const flow = rule?.targets.find(({ id }) => id === target.id);
    const dial = options.entry.targets.find(
      (known) => known.asset === target.asset && known.port === target.port,
    )?.server;
    const modelled = flow?.destinations[0]?.prefixes[0]?.replace(/\/\d+$/, '') ?? '';
    const server = dial ?? { address: modelled, port: target.port };
    const recordBytes = rule?.record.includes('bytes') === true;
    const about = { grant: entry.id, channel: channel.id, target: target.id };
    live.set(channel.id, one);
    entry.kept.channels.push(channel);
    entry.changed = true;
    try {
      await evidence.appendDurable({
        kind: 'act',
        at: Math.round(clock.wall()),
        act: { kind: 'channelOpened', ...about, carrier, source, profile: target.profile },
      });
      if (recordBytes) await recorder.begin({ ...about, person, server, client });
    } catch (cause) {
      log.error({ ...about, problem: String(cause) }, 'a channel cannot be put on record');
      await close(one, 'recording-lost');
      return refuse('PST_NO_RECORD');
    }
    // The grant may have ended while the disk took its time, or another policy come into force that permits it no more.
    const why = whyOver(entry, active);
    if (why !== undefined) {
      await close(one, why);
      return refuse('PST_NOT_NOW');
    }
    const token = randomBytes(32).toString('base64url');
    const epoch = port.expect({
      ...about,
      person,
      token: createHash('sha256').update(token).digest('hex'),
      patience: Patience,
      client,
      ...(dial === undefined ? {} : { dial }),
      recordBytes,
      reportReads: rule?.record.includes('modbus') === true,
    });
    channel.epoch = epoch ?? '';
    const path = epoch === undefined ? '' : await withTimeout(one.expected.promise, Patience);
    if (path === '') {
      port.end([channel.id], 'inspector-lost');
      await close(one, 'inspector-lost');
      return refuse('PST_NOT_DONE', 'No inspecting process carries this target now.');
    }
    return { ok: true, body: { channel: channel.id, path, token } } as const;
  }

  /** Why nothing of it may begin, also where nobody has looked at the grant yet. @param active what was read of the policy */
  function whyOver({ kept: { grant } }: Entry, active: ReturnType<typeof policy>): Reason | undefined {
    if (grant.phase !== 'open') return grant.ended?.cause || 'grant-ended';
    const isSame = active !== undefined && policy()?.digest === active.digest;
    return isSame && isAsGranted(active.policy, grant) ? undefined : 'policy-changed';
  }

  function makeLive(entry: Entry, target: GrantedTarget, source: string): Live {
    const now = Math.round(clock.wall());
    const channel: ChannelState = {
      id: randomName('C'),
      target: target.id,
      profile: target.profile,
      carrier: entry.kept.grant.asked.request.carrier as ChannelState['carrier'],
      source,
      since: now,
      epoch: '',
      live: true,
      bytesFromClient: 0,
      bytesFromServer: 0,
      lastActivity: now,
      writes: 0,
      refused: 0,
      chunks: 0,
      endedAt: 0,
      cause: '',
    };
    const [expected, ended] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
    return { entry, channel, expected, ended, closing: false };
  }

  function take(epoch: string, report: ChannelReport): void {
    const one = live.get(report.channel);
    // Of a channel that has ended, or that another process was told to expect.
    if (one === undefined || one.channel.epoch !== epoch) return;
    const { entry, channel } = one;
    entry.changed = true;
    switch (report.what) {
      case 'expected':
        return one.expected.resolve(report.path);
      case 'opened':
        return options.onActivity(entry);
      case 'bytes':
        return recorder.take(report);
      case 'progress': {
        const { bytesFromClient, bytesFromServer, lastActivity } = report;
        Object.assign(channel, { bytesFromClient, bytesFromServer, lastActivity });
        return options.onActivity(entry);
      }
      case 'operation':
        if (report.outcome === 'refused') channel.refused += 1;
        else if (report.write) channel.writes += 1;
        return options.operations.take(entry, channel, report);
      case 'closed': {
        const { bytesFromClient, bytesFromServer, writes, refused: denied } = report;
        Object.assign(channel, { bytesFromClient, bytesFromServer, writes, refused: denied });
        void close(one, report.reason);
        return;
      }
    }
  }

  /** Its recording is whole and its end on record when this resolves. */
  async function close(one: Live, cause: Reason): Promise<void> {
    if (one.closing) return one.ended.promise;
    one.closing = true;
    const { entry, channel } = one;
    one.expected.resolve('');
    channel.cause = cause;
    channel.endedAt = Math.round(clock.wall());
    channel.chunks = await recorder.end(channel.id).catch((problem: unknown) => {
      log.error({ channel: channel.id, problem: String(problem) }, 'the end of a recording is not on disk');
      return 0;
    });
    const { id, bytesFromClient, bytesFromServer, writes, refused: denied, chunks } = channel;
    const counts = { bytesFromClient, bytesFromServer, writes, refused: denied, chunks };
    evidence.append({
      kind: 'act',
      at: channel.endedAt,
      act: { kind: 'channelClosed', grant: entry.id, channel: id, cause, ...counts },
    });
    channel.live = false;
    foldChannels(entry.kept);
    live.delete(id);
    one.ended.resolve();
  }

  return {
    open,
    take,
    cut: (entry, cause) => {
      const ids = liveChannels(entry).map(({ id }) => id);
      if (ids.length > 0) port.end(ids, cause);
    },
    still: async (entry) => {
      const mine = [...live.values()].filter((one) => one.entry === entry);
      const all = Promise.all(mine.map(({ ended }) => ended.promise));
      await withTimeout(
        all.then(() => 'still'),
        StillTime,
      );
      const cause = entry.kept.grant.ended?.cause || 'grant-ended';
      // Whoever did not answer is not waited for: what it had counted last is what is told.
      await Promise.all(mine.map((one) => close(one, cause)));
    },
  };
}

/** @returns what it resolves to, or '' after so many milliseconds */
async function withTimeout(promise: Promise<string>, milliseconds: number): Promise<string> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(''), milliseconds);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** How long an inspector has to say where, and a carrier to come there. Milliseconds. */
const Patience = 5_000;
/** How long the ends of channels are waited for before the grant's own end goes on record. Milliseconds. */
export const StillTime = 800;
