import type { Reason } from '../../rules/reason.ts';
import type { ChannelReport, ChannelTerms } from '../ipc/channel-body.ts';
import type { EngineToInspector } from '../ipc/messages.ts';
import type { Member } from './inspector-member.ts';

/** Which inspecting process has which channel of a granted session. */
export interface ChannelOwners {
  /**
   * Tells the process that carries this shard to expect a channel; what becomes of it comes as reports.
   * @returns its epoch, or undefined where nobody carries the shard now
   */
  readonly expect: (shard: number, terms: ChannelTerms) => string | undefined;
  /** These end now; one that nobody has is passed over. */
  readonly end: (channels: readonly string[], reason: Reason) => void;
  /** What was handed over of a channel is on the medium up to this piece. */
  readonly recorded: (channel: string, upTo: number) => void;
  /** Notes a report. @returns whether it is of a channel this process was told to expect and that has not ended */
  readonly take: (epoch: string, report: ChannelReport) => boolean;
  /** The process is gone. @returns the ends of the channels that went with it, as far as was told of them */
  readonly lose: (epoch: string, at: number) => readonly ClosedChannel[];
}

export type ClosedChannel = Extract<ChannelReport, { readonly what: 'closed' }>;
type Counts = Omit<ClosedChannel, 'what' | 'channel' | 'at' | 'reason'>;

export interface ChannelOwnersOptions {
  readonly members: () => readonly Member[];
  readonly tell: (member: Member, message: EngineToInspector) => void;
}

/** Nobody has any. */
export function createChannelOwners({ members, tell }: ChannelOwnersOptions): ChannelOwners {
  const owned = new Map<string, { readonly epoch: string; counts: Counts }>();

  function memberOf(epoch: string | undefined): Member | undefined {
    return members().find((member) => member.epoch === epoch);
  }

  return {
    expect: (shard, terms) => {
      // Which listens there: that one sees all that the plant says to the server as well.
      const member = members().find(({ listening }) => listening.includes(shard));
      if (member === undefined) return undefined;
      owned.set(terms.channel, { epoch: member.epoch, counts: Nothing });
      tell(member, { kind: 'expect-channel', terms });
      return member.epoch;
    },
    end: (channels, reason) => {
      const byOwner = Map.groupBy(channels, (channel) => owned.get(channel)?.epoch);
      for (const [epoch, own] of byOwner) {
        const member = memberOf(epoch);
        if (member !== undefined) tell(member, { kind: 'end-channels', channels: own, reason });
      }
    },
    recorded: (channel, upTo) => {
      const member = memberOf(owned.get(channel)?.epoch);
      if (member !== undefined) tell(member, { kind: 'recorded', channel, upTo });
    },
    take: (epoch, report) => {
      const one = owned.get(report.channel);
      if (one?.epoch !== epoch) return false;
      if (report.what === 'closed') owned.delete(report.channel);
      else one.counts = counted(one.counts, report);
      return true;
    },
    lose: (epoch, at) => {
      const lost = [...owned].filter(([, one]) => one.epoch === epoch);
      return lost.map(([channel, { counts }]) => {
        owned.delete(channel);
        return { what: 'closed', channel, at, reason: 'inspector-lost', ...counts };
      });
    },
  };
}

function counted(counts: Counts, report: ChannelReport): Counts {
  switch (report.what) {
    case 'bytes':
      return { ...counts, pieces: report.piece };
    case 'progress': {
      const { bytesFromClient, bytesFromServer } = report;
      return { ...counts, bytesFromClient, bytesFromServer };
    }
    case 'operation': {
      const refused = report.outcome === 'refused' ? 1 : 0;
      const written = report.write && refused === 0 ? 1 : 0;
      const { requests, writes } = counts;
      return {
        ...counts,
        requests: requests + 1,
        writes: writes + written,
        refused: counts.refused + refused,
      };
    }
    default:
      return counts;
  }
}

const Nothing: Counts = {
  bytesFromClient: 0,
  bytesFromServer: 0,
  requests: 0,
  writes: 0,
  refused: 0,
  pieces: 0,
};
