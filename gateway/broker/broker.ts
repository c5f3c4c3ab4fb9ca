import type { OpenFlow } from '../../rules/nft/gates.ts';
import type { Policy } from '../../rules/policy.ts';
import type { CallHandlers } from '../access/caller.ts';
import type { CallName } from '../ipc/calls.ts';
import type { CarriersNow } from '../ipc/carriers-body.ts';
import type { ChannelReport } from '../ipc/channel-body.ts';

/** What people ask of the broker. */
export type BrokerCall = Extract<
  CallName,
  | 'offer'
  | 'grants'
  | 'grant'
  | `grant-${string}`
  | 'operations'
  | 'switch-mode'
  | 'evidence'
  | 'evidence-accept'
  | 'evidence-witness'
  | `carrier-${string}`
>;

/** A connected front, as far as the broker speaks to it. */
export interface FrontLink {
  readonly send: (carriers: CarriersNow) => void;
}

/** Vendors' granted sessions on this box: asked for, approved, open, ended, and proved afterwards. */
export interface Broker {
  readonly handlers: CallHandlers<BrokerCall>;
  /**
   * What grants hold open now under a policy: ids of flows and of vendor targets, with their ends on the wall clock.
   * Of a policy that permits something else by these names than what was approved, nothing.
   */
  readonly granted: (policy: Policy) => readonly OpenFlow[];
  /** What an inspecting process says of a channel; `epoch` tells the processes apart. */
  readonly onChannel: (epoch: string, report: ChannelReport) => void;
  readonly frontCame: (front: FrontLink) => void;
  readonly frontLost: (front: FrontLink) => void;
  /** Something that holds grants open may have changed: mode, policy, key switch, evidence, an account. */
  readonly look: () => void;
  readonly summary: () => GrantsSummary;
  /** Closes on record what an earlier engine had open, and begins to watch. */
  readonly begin: () => Promise<void>;
  /** Ends every grant in order. */
  readonly close: () => Promise<void>;
}

/** Numbers for status and metrics. */
export interface GrantsSummary {
  readonly requested: number;
  readonly approved: number;
  readonly open: readonly {
    readonly grant: string;
    readonly vendor: string;
    readonly person: string;
    readonly targets: readonly string[];
    readonly secondsLeft: number;
    readonly openFor: number;
    readonly channels: number;
    readonly bytesFromClient: number;
    readonly bytesFromServer: number;
    readonly writes: number;
    readonly refused: number;
    readonly breakGlass: boolean;
  }[];
  /** Since the start of the engine. */
  readonly opened: number;
  /** By cause, since the start of the engine. */
  readonly closed: ReadonlyMap<string, number>;
}
