import type { Reason } from '../reason.ts';
import type { AccessAct } from '../record/access-act.ts';

/*
 * A grant: one vendor's granted session, from the asking to the end. Plain data that is replaced and never changed
 * in place; `step.ts` is all that makes the next one of it.
 */

/** One moment on both clocks, milliseconds. The wall clock may jump; only the monotonic one measures time. */
export interface Moment {
  readonly wall: number;
  readonly mono: number;
}

/** What was asked for, as every approval is bound to it. */
export interface GrantRequest {
  readonly site: string;
  readonly gateway: string;
  readonly grant: string;
  readonly vendor: string;
  /** Account of the person it is for. */
  readonly person: string;
  /** Account of whoever asked: that person, or for more time somebody of the plant. */
  readonly by: string;
  /** Ids of vendor targets, or of flows that it opens. */
  readonly targets: readonly string[];
  readonly carrier: string;
  readonly reason: string;
  readonly ticket: string;
  /** Milliseconds it is to be open. */
  readonly length: number;
  /** Milliseconds more that are asked for while it is open; 0 when it is asked for first. */
  readonly extension: number;
  /** Wall time of the asking. */
  readonly askedAt: number;
  readonly policyVersion: number;
  /** SHA-256 of the policy in force then, hexadecimal. */
  readonly policyDigest: string;
}

/** One person's yes to exactly one digest. */
export interface Approval {
  readonly digest: string;
  readonly by: string;
  /** The duty of the model it was given in; empty for break-glass. */
  readonly role: string;
  /** Wall time. */
  readonly at: number;
  readonly means: 'passkey' | 'totp' | 'break-glass';
  readonly weak: boolean;
}

/** A request with its digest and who has approved it so far. */
export interface Asked {
  readonly request: GrantRequest;
  /** Hexadecimal SHA-256 of the request. */
  readonly digest: string;
  readonly approvals: readonly Approval[];
  /** Monotonic time at which nobody may answer it any more. */
  readonly endsAt: number;
}

/** `approved` waits for every condition to hold; `closing` is cut and waits for its last counts. */
export type GrantPhase = 'requested' | 'approved' | 'open' | 'closing' | 'closed' | 'refused';

/** Since when it is open, and when it ends at the latest. */
export interface Opened {
  readonly at: Moment;
  /** Monotonic; wall-clock steps change nothing. */
  readonly until: number;
  /** SHA-256 of its client certificate, hexadecimal, or empty. */
  readonly certificate: string;
}

export interface Ended {
  readonly at: Moment;
  /** Empty where it was never open. */
  readonly cause: Reason | '';
  /** A person, or empty. */
  readonly by: string;
  readonly why: string;
}

export interface Grant {
  readonly phase: GrantPhase;
  readonly asked: Asked;
  /** Known by its address alone. */
  readonly weak: boolean;
  /** What the policy permitted when it was asked for; another text permits something else. */
  readonly terms: string;
  /** Duties that have to approve, one or two. */
  readonly duties: readonly string[];
  /** More time that is asked for and not approved yet. */
  readonly more: Asked | undefined;
  readonly opened: Opened | undefined;
  /** Monotonic time of the last payload byte in either direction, or of the opening. */
  readonly activeAt: number;
  readonly ended: Ended | undefined;
}

/** Times in milliseconds, data in bytes; what a box and a vendor are held to. */
export interface GrantRules {
  /** A request nobody answers ends after this long, and so does an approved one whose conditions do not come to hold. */
  readonly requestLasts: number;
  /** Longest time open, extensions included; 0 is no limit. */
  readonly maxDuration: number;
  /** How long, from now on, window and contract let it be open at most; Infinity where nothing ends it. */
  readonly longest: number;
  /** Without payload in either direction; 0 is no limit. */
  readonly idle: number;
  /** Payload of both directions together. */
  readonly maxBytes: number;
}

/** What the channels of a grant carried. */
export interface GrantTotals {
  readonly bytesFromClient: number;
  readonly bytesFromServer: number;
  readonly channels: number;
  readonly writes: number;
  readonly refused: number;
}

/** Who answers a request, as the accounts know them. */
export interface Answerer {
  readonly name: string;
  readonly roles: readonly string[];
  readonly duties: readonly string[];
  /** False for a day after their authenticators were reset. */
  readonly mayApprove: boolean;
}

export interface Proof {
  readonly means: 'passkey' | 'totp';
  readonly weak: boolean;
  /** The passkey's assertion as it came, JSON, or empty. */
  readonly assertion: string;
}

/** What can befall a grant. */
export type GrantEvent =
  | {
      readonly kind: 'approve';
      readonly by: Answerer;
      readonly digest: string;
      readonly proof: Proof;
      /** SHA-256 of a new client certificate, hexadecimal, should this be the last yes to more time; or empty. */
      readonly certificate: string;
    }
  /** One person alone instead of everybody who is missing (62443-3-3 SR 2.1 RE3). */
  | {
      readonly kind: 'break-glass';
      readonly by: Answerer;
      readonly digest: string;
      readonly proof: Proof;
      readonly certificate: string;
      readonly why: string;
    }
  /** What is asked for is not given: denied, withdrawn, or it cannot come to hold. `by` is empty for the gateway. */
  | { readonly kind: 'refuse'; readonly by: string; readonly why: string }
  /** Refused unless every condition holds; the policy is the one in force at this moment. */
  | {
      readonly kind: 'open';
      readonly holds: boolean;
      readonly certificate: string;
      readonly policyVersion: number;
      readonly policyDigest: string;
    }
  /** More time is asked for. */
  | { readonly kind: 'extend'; readonly request: GrantRequest; readonly digest: string }
  | { readonly kind: 'activity' }
  /** Time has passed. */
  | { readonly kind: 'look'; readonly totals: GrantTotals }
  | { readonly kind: 'end'; readonly cause: Reason; readonly by: string; readonly why: string }
  /** Nothing of it moves any more: these are its last counts. */
  | { readonly kind: 'settled'; readonly totals: GrantTotals };

/** What has to be done, after the acts are on record; `cut` alone comes first. */
export type GrantEffect =
  /** Its gates open and its carrier may listen. */
  | 'open'
  /** Whoever keeps its end by themselves is told the new one. */
  | 'prolong'
  /** Channels, gates, carrier: everything of it ends. */
  | 'cut'
  /** The alarm of one who acted alone. */
  | 'alarm'
  /** It comes to nothing: whatever alarm there was is over. */
  | 'calm'
  /** Checkpoint and receipt. */
  | 'receipt';

/** What became of an event: the next grant, what goes on record, what is to be done. */
export type Stepped =
  | {
      readonly ok: true;
      readonly grant: Grant;
      readonly acts: readonly GrantAct[];
      readonly effects: readonly GrantEffect[];
    }
  | { readonly ok: false; readonly refusal: GrantRefusal; readonly detail: string };

export type GrantAct = Extract<
  AccessAct,
  {
    readonly kind:
      | 'grantRequested'
      | 'grantApproved'
      | 'grantRefused'
      | 'grantOpened'
      | 'grantExtended'
      | 'grantClosed';
  }
>;

/** Why an event is not taken. */
export type GrantRefusal =
  /** Not in this state. */
  | 'not-now'
  /** The digest is of another request than the one that stands. */
  | 'other-digest'
  /** By the one who asked, by one who has approved already, by one without the duty, or within a day of a reset. */
  | 'not-permitted'
  | 'too-long';
