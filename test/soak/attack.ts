import type { SoakBench } from './soak-bench.ts';
import type { FlowName } from './steady.ts';

/** One way in which the gateway is attacked, or loses what it needs. */
export interface Attack {
  readonly name: string;
  /** What is done, for people. */
  readonly what: string;
  /** Permitted flows whose connections this ends by design; absent where it may end none. */
  readonly cuts?: Cut;
  /**
   * Flows whose controllers are away meanwhile: what was asked of them may be answered by the gateway, after the time-out
   * of the profile, with the exception that says so.
   */
  readonly takesAway?: readonly FlowName[];
  /** Why all permitted traffic has to wait by design, so that its latency is not judged; absent where it is. */
  readonly delays?: string;
  /** The engine's counters begin anew: what it counted before has to be in the evidence first. */
  readonly endsEngine?: boolean;
  /** What of it cannot be done here, or empty. */
  readonly obstacle?: (bench: SoakBench) => string;
  /** Does it and undoes it; resolves when whoever did it has ended. */
  readonly run: (bench: SoakBench, seconds: number) => Promise<Done>;
}

/** Connections that end by design, and how soon the next transaction has to pass, milliseconds. */
export interface Cut {
  readonly why: string;
  readonly flows: readonly FlowName[];
  readonly within: number;
}

/** What the gateway has refused, by those who were. */
export interface Refusals {
  readonly flow: string;
  /** Of every reason where absent. */
  readonly reason?: string;
  readonly count: number;
  /** Where connections end by design some that were sent may never have come: all that were; `count` is what was answered. */
  readonly orAtMost?: number;
}

/** What was done, by those who did it. */
export interface Done {
  /** Requests and connections the gateway had to refuse, by flow: each has to be in its counters, and no other. */
  readonly refusals?: Refusals;
  /** Packets the kernel had to refuse. */
  readonly drops?: { readonly reason: string; readonly count: number };
  /** What was not as it has to be, one sentence each. */
  readonly wrong?: readonly string[];
  /** What else was seen. */
  readonly notes?: readonly string[];
}

/** What {@link Attack.run} says where something has to hold. */
export function unless(holds: boolean, sentence: string): readonly string[] {
  return holds ? [] : [sentence];
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
