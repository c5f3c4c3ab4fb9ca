import type { ModeState } from '../../rules/admission/mode.ts';
import type { Policy } from '../../rules/policy.ts';
import type { ErrorCode } from '../errors.ts';

/** What holds traffic to the policy: the kernel, or nothing but our own listeners in the proxy back end. */
export interface Enforcement {
  readonly backEnd: 'kernel' | 'proxy';
  /**
   * For the start: where nothing of ours holds traffic yet, nothing passes from now on. What an earlier
   * engine or the boot left standing is not touched.
   * @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD
   */
  readonly holdShut: () => Promise<void>;
  /**
   * Everything that can be known without changing anything: the form of the ruleset, and a dry run.
   * @throws GatewayError PST_ERR_NFT_SCHEMA, PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD
   */
  readonly check: (policy: Policy) => Promise<void>;
  /**
   * Puts the policy in force with exactly these gates open, all or nothing, and reads it back. When it
   * throws, what was in force before still is; without a former ruleset everything stays closed.
   * @throws GatewayError PST_ERR_NFT_SCHEMA, PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD, PST_ERR_NFT_READ_BACK,
   * PST_ERR_ROUTING
   */
  readonly apply: (policy: Policy, open: readonly OpenGate[]) => Promise<void>;
  /** Exactly these gated flows are open from now on. @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD */
  readonly setGates: (open: readonly OpenGate[]) => Promise<void>;
  /**
   * This mode is in force from now on, with these flows of those it cuts opened again; packets of every other
   * flow it does not keep are dropped, open connections included. Kept over every later {@link apply}; before the
   * first one it is only remembered. A policy that has no such mode keeps what all its modes keep.
   * @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD: then the former mode is still in force
   */
  readonly setMode: (mode: string, reopened: readonly string[]) => Promise<void>;
  /**
   * What the kernel holds now and what it was loaded with; undefined where no kernel holds anything for us.
   * @throws GatewayError PST_ERR_NFT_CHILD
   */
  readonly loaded: () => Promise<LoadedTable | undefined>;
  /**
   * No policy is in force any more. What stood before the first one holds traffic again; where an earlier engine
   * left a policy standing nothing passes, and nothing reaches the box but over loopback.
   * @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD: then it is still in force
   */
  readonly withdraw: () => Promise<void>;
  /**
   * Whether what holds traffic is still what was applied: empty, or one sentence per difference.
   * @throws GatewayError PST_ERR_NFT_CHILD
   */
  readonly verify: () => Promise<readonly string[]>;
  /**
   * Calls `tell` when somebody, also ourselves, may have changed what holds traffic, within milliseconds. Only a hint:
   * whoever needs to know looks again and again besides.
   */
  readonly onTouch: (tell: () => void) => void;
  /** Totals since this object was made; a replaced ruleset does not set them back. @throws GatewayError PST_ERR_NFT_CHILD */
  readonly counts: () => Promise<EnforcementCounts>;
  readonly state: () => EnforcementState;
  /** Stops what works for it. What is in force stays in force. */
  readonly close: () => void;
}

/** A gated flow that is open now. */
export interface OpenGate {
  /** Id of the flow, `C-06/F-01`. */
  readonly flow: string;
  /** Milliseconds since the Unix epoch; 0 when it has no end. */
  readonly until: number;
}

/** Our table as the kernel lists it, and the circumstances it was loaded for. */
export interface LoadedTable {
  readonly objects: readonly object[];
  readonly mode: ModeState;
  readonly open: readonly OpenGate[];
}

export interface EnforcementCounts {
  /** Flows the kernel forwards by itself; inspected flows are counted by their inspectors. */
  readonly flows: readonly FlowCount[];
  /** By reason code of rules/reason.ts. */
  readonly drops: readonly DropCount[];
  /** Packets that no flow declares and that passed by the leave of a conduit's audit stage. */
  readonly undeclared: number;
}

export interface FlowCount {
  readonly flowId: string;
  readonly packets: number;
  readonly bytes: number;
}

export interface DropCount {
  readonly reason: string;
  readonly packets: number;
  readonly bytes: number;
}

export interface EnforcementState {
  readonly nftChild: 'up' | 'down' | 'none';
  readonly alarms: readonly Alarm[];
}

/** Something a person should mend although enforcement goes on. */
export interface Alarm {
  readonly code: ErrorCode;
  readonly sentence: string;
}
