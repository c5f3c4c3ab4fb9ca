import type { ModeState } from '../../rules/admission/mode.ts';
import type { TimeKnowledge } from '../../rules/admission/open-gates.ts';
import type { Policy } from '../../rules/policy.ts';
import type { Reason } from '../../rules/reason.ts';
import type { EvidenceRecord } from '../../rules/record/record.ts';
import type { AccountBook } from '../accounts/account-book.ts';
import type { Authority } from '../authority/authority.ts';
import type { Clock } from '../clock.ts';
import type { VendorEntry } from '../config.ts';
import type { ChannelReport, ChannelTerms } from '../ipc/channel-body.ts';
import type { EvidenceBody } from '../ipc/grant-body.ts';
import type { SwitchedBody } from '../ipc/mode-body.ts';
import type { Logger } from '../log.ts';
import type { GrantStore } from './grant-store.ts';

/** The people of the box, as far as grants need them. */
export type People = Pick<
  AccountBook,
  | 'caller'
  | 'signedIn'
  | 'proveSecond'
  | 'passkeyChallenge'
  | 'find'
  | 'isUsable'
  | 'resetWithin'
  | 'factorAt'
>;

/** The inspecting processes, as far as channels need them. */
export interface ChannelPort {
  /**
   * Tells the process that owns the target's server to expect a channel.
   * @returns the epoch of that process, or undefined where nobody carries the target now
   */
  readonly expect: (terms: ChannelTerms) => string | undefined;
  /** These channels end now, wherever they are. */
  readonly end: (channels: readonly string[], reason: Reason) => void;
  /** What was recorded of a channel, up to this piece, is on disk. */
  readonly recorded: (channel: string, upTo: number) => void;
}

/** What is recorded of channels. */
export interface RecorderPort {
  /** Before the channel is expected: from here on its bytes are taken. @throws where nothing can be recorded */
  readonly begin: (channel: RecordedChannel) => Promise<void>;
  /** Takes bytes and tells `recorded` once they are on disk. Never throws. */
  readonly take: (report: Extract<ChannelReport, { readonly what: 'bytes' }>) => void;
  /** Writes what is left. @returns how many chunks its recording has */
  readonly end: (channel: string) => Promise<number>;
}

export interface RecordedChannel {
  readonly channel: string;
  readonly grant: string;
  readonly person: string;
  readonly target: string;
  readonly server: { readonly address: string; readonly port: number };
  readonly client: { readonly address: string; readonly port: number };
}

/** The evidence log, as far as grants need it. */
export interface EvidencePort {
  readonly append: (record: EvidenceRecord) => void;
  /** Resolves when it is on the medium. @throws GatewayError PST_ERR_EVIDENCE */
  readonly appendDurable: (record: EvidenceRecord) => Promise<void>;
  /** Signs what there is. @returns the signed checkpoint as text @throws GatewayError PST_ERR_EVIDENCE */
  readonly checkpoint: () => Promise<string>;
  /** Why nothing may be let in, or ''. */
  readonly broken: () => string;
  readonly body: () => EvidenceBody;
  /** Takes a cosigned checkpoint. @returns why it is not taken, or '' */
  readonly addWitness: (note: string) => Promise<string>;
  /** A person answers for going on with a log that is not what it was. @throws GatewayError PST_ERR_EVIDENCE */
  readonly accept: (by: string, why: string) => Promise<void>;
  /** Ed25519 with the key of the log. The bytes say themselves what they are: a DSSE encoding. */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
  /** What the log tells of these grants, the kinds of their acts by grant: looked up after a sudden stop only. */
  readonly toldOf: (grants: ReadonlySet<string>) => Promise<ReadonlyMap<string, ReadonlySet<string>>>;
}

/** The key switch; `absent` where the box is not told to have one. */
export type KeySwitchState = 'closed' | 'open' | 'absent';

/** Who takes part in granting sessions. */
export interface BrokerParts {
  readonly site: string;
  readonly gateway: string;
  /** DNS name or address that vendors reach the box by. */
  readonly name: string;
  readonly entry: Pick<VendorEntry, 'tls' | 'ssh' | 'targets'>;
  readonly store: GrantStore;
  readonly people: People;
  readonly authority: Authority;
  readonly evidence: EvidencePort;
  readonly recorder: RecorderPort;
  readonly channels: ChannelPort;
  readonly policy: () => { readonly policy: Policy; readonly digest: string } | undefined;
  readonly mode: () => ModeState;
  readonly keySwitch: () => KeySwitchState;
  /** Bytes a flow has carried since some beginning, as far as anybody counts them; for pinholes. */
  readonly flowBytes: (flow: string) => number;
  readonly time: () => TimeKnowledge;
  readonly clock: Clock;
  /** The set of what grants hold open has changed: kernel and inspectors are to know at once. Never rejects. */
  readonly turnGates: () => Promise<void>;
  /** @throws GatewayError of mode-keeper.ts */
  readonly switchMode: (
    wish: { readonly mode: string; readonly why: string; readonly pace: number | 'confirm' },
    by: string,
  ) => Promise<SwitchedBody>;
  /** Checkpoints are made more often while somebody is let in. */
  readonly keepSigning: (sessionOpen: boolean) => void;
  readonly limits: BrokerLimits;
  readonly log: Logger;
}

export interface BrokerLimits {
  /** Milliseconds a request waits for its answer. */
  readonly requestLasts: number;
  /** Milliseconds since the last second factor of the person whose grant it is. */
  readonly factorLasts: number;
  /** Payload of one grant, both directions, bytes. */
  readonly grantBytes: number;
  /** Requests of one person; each goes on record, and nothing of that is ever given up. */
  readonly requestsPerHour: number;
}

export const DefaultLimits: BrokerLimits = {
  requestLasts: 3_600_000,
  factorLasts: 28_800_000,
  grantBytes: 1_073_741_824,
  requestsPerHour: 30,
};
