import type { Static } from 'typebox';
import type { Reason } from '../../rules/reason.ts';
import type { Grant, GrantTotals } from '../../rules/session/grant.ts';
import type { ClientIdentity } from '../authority/authority.ts';
import type { Carrier, OfferedTarget } from '../ipc/grant-body.ts';
import { createLine, type OneAtATime } from '../one-at-a-time.ts';

/** A target as it was granted: what people are told stays what it was, whatever the policy becomes. */
export type GrantedTarget = Static<typeof OfferedTarget>;

/** One connection of the vendor through a carrier to one target. */
export interface ChannelState {
  readonly id: string;
  readonly target: string;
  readonly profile: string;
  readonly carrier: Carrier;
  /** `198.51.100.7:40312` */
  readonly source: string;
  /** Wall time. */
  readonly since: number;
  /** Of the inspecting process; empty after a restart. */
  epoch: string;
  live: boolean;
  bytesFromClient: number;
  bytesFromServer: number;
  /** Wall time of the last payload. */
  lastActivity: number;
  writes: number;
  refused: number;
  chunks: number;
  /** Wall time and cause of its end; 0 and '' while it is live. */
  endedAt: number;
  cause: string;
}

/** A Modbus request that wrote or was refused, for the change report. */
export interface KeptOperation {
  readonly at: number;
  readonly channel: string;
  readonly target: string;
  readonly text: string;
  readonly outcome: string;
  readonly reason: string;
  readonly unit: number;
  readonly functionCode: number;
  readonly address?: number;
  readonly values: readonly number[];
  readonly before?: readonly number[];
}

/** One yes, as the receipt tells it. */
export interface KeptApproval {
  /** Wall time. */
  readonly at: number;
  readonly by: string;
  readonly role: string;
  readonly means: string;
  readonly weak: boolean;
  readonly digest: string;
  /** Milliseconds more that it was for; 0 for the grant itself. */
  readonly extension: number;
  readonly why: string;
  /** The approver's authenticators had been reset within thirty days. */
  readonly recentlyReset: boolean;
}

/** What of a grant survives a restart, and what its receipt is made of. */
export interface KeptGrant {
  readonly format: 1;
  grant: Grant;
  readonly company: string;
  readonly fullName: string;
  readonly targets: readonly GrantedTarget[];
  /** Its opening is being put on record: after a sudden stop nobody knows whether it was. */
  opening: boolean;
  /** Everybody's yes, in order, those to more time included. */
  readonly approvals: KeptApproval[];
  /** Each time more was approved: the end it got then, wall time. */
  readonly extensions: { readonly at: number; readonly by: string; readonly until: number }[];
  /** Those that live, and the latest that ended. */
  readonly channels: ChannelState[];
  /** What the earlier ones carried. */
  earlier: GrantTotals;
  /** The first {@link MostKeptOperations}; the log holds all. */
  readonly operations: KeptOperation[];
  operationsLeftOut: number;
  receipt: { readonly text: string; readonly signature: string } | undefined;
}

/** A grant of the book: what is kept of it, and what lives with the process. */
export interface Entry {
  readonly id: string;
  readonly kept: KeptGrant;
  /** What changes it happens one after the other. */
  readonly line: OneAtATime;
  /** Made for an opening or for more time that may still come to nothing, by SHA-256; with the one in use before. */
  readonly issued: Map<string, { readonly identity: ClientIdentity; readonly former: string }>;
  /** Its certificate and key, until they are handed out, and the one before, which is still good until then. */
  identity: ClientIdentity | undefined;
  formerCertificate: string;
  /** Its end as it was told on the wall clock last; see `gates.ts`. */
  toldUntil: number;
  /** Its end is being put on record. */
  settling: boolean;
  /** Somebody ended it while it was being opened. */
  endWanted: { readonly cause: Reason; readonly by: string; readonly why: string } | undefined;
  /** Monotonic time before which nothing that failed is tried again. */
  retryAt: number;
  /** Bytes that its pinhole's flows had carried when it was last looked at. */
  carried: number;
  /** How often more time was asked for. */
  asks: number;
  /** Something of its channels is not kept yet. */
  changed: boolean;
  /** Monotonic time of the last try to keep that. */
  keptAt: number;
}

/** Operations that one grant keeps for its receipt. */
export const MostKeptOperations = 5_000;

export function entryOf(kept: KeptGrant): Entry {
  return {
    id: kept.grant.asked.request.grant,
    kept,
    line: createLine(),
    issued: new Map(),
    identity: undefined,
    formerCertificate: '',
    toldUntil: 0,
    settling: false,
    endWanted: undefined,
    retryAt: 0,
    carried: 0,
    asks: 0,
    changed: false,
    keptAt: 0,
  };
}

/** What all channels of a grant carried so far. */
export function totalsOf({ channels, earlier }: Pick<KeptGrant, 'channels' | 'earlier'>): GrantTotals {
  return channels.reduce(add, earlier);
}

/** Of a tool that connects anew for each question only the latest channels are kept one by one. */
export function foldChannels(kept: Pick<KeptGrant, 'channels' | 'earlier'>): void {
  while (kept.channels.length > MostKeptChannels) {
    const place = kept.channels.findIndex(({ live }) => !live);
    const [gone] = place < 0 ? [] : kept.channels.splice(place, 1);
    if (gone === undefined) return;
    kept.earlier = add(kept.earlier, gone);
  }
}

/** No channel yet. */
export const NoTotals: GrantTotals = {
  bytesFromClient: 0,
  bytesFromServer: 0,
  channels: 0,
  writes: 0,
  refused: 0,
};

function add(totals: GrantTotals, channel: ChannelState): GrantTotals {
  return {
    bytesFromClient: totals.bytesFromClient + channel.bytesFromClient,
    bytesFromServer: totals.bytesFromServer + channel.bytesFromServer,
    channels: totals.channels + 1,
    writes: totals.writes + channel.writes,
    refused: totals.refused + channel.refused,
  };
}

/** Channels that one grant keeps for its receipt; those that live are always kept. */
const MostKeptChannels = 500;

export function liveChannels({ kept }: Entry): readonly ChannelState[] {
  return kept.channels.filter(({ live }) => live);
}
