import type { Policy } from '../../rules/policy.ts';
import type { Activation } from '../load/activation.ts';
import { type FlowSample, findHarm } from '../load/canary.ts';
import { type WatchedFlow, watchedFlows } from '../load/revocation.ts';
import { type EssentialTraffic, samplesSince } from './essential-traffic.ts';

/** Takes a policy that is yet to be confirmed back when it hurts an essential flow. */
export interface CanaryWatch {
  readonly start: () => void;
  readonly stop: () => void;
}

export interface CanaryOptions {
  readonly activation: Pick<Activation, 'active' | 'pending' | 'giveUp'>;
  readonly traffic: Pick<EssentialTraffic, 'sample'>;
  /** In another mode than the normal one refusals are wanted. */
  readonly isNormal: () => boolean;
}

/** Looks each second. What is compared with is at most {@link Memory} old. */
export function createCanaryWatch({ activation, traffic, isNormal }: CanaryOptions): CanaryWatch {
  let timer: NodeJS.Timeout | undefined;
  /** Of the policy in force while nothing is pending, oldest first, and the last look. */
  let history: Sample[] = [];
  let last: Sample | undefined;
  let looks = 0;
  let trial: Trial | undefined;
  let known: Policy | undefined;

  function look(): void {
    const active = activation.active()?.policy;
    const pending = activation.pending();
    if (active !== known) turn(active, pending?.before?.policy);
    if (active === undefined) return;
    const now = traffic.sample(active);
    if (pending === undefined) {
      trial = undefined;
      remember(now);
    } else if (!isNormal()) {
      trial = undefined;
    } else if (trial !== undefined) {
      const harm = findHarm(trial.watched, trial.before, samplesSince(trial.start, now));
      if (harm !== undefined) {
        trial = undefined;
        void activation.giveUp(harm.sentence);
      }
    }
  }

  /** Another policy is in force since the last look. */
  function turn(active: Policy | undefined, before: Policy | undefined): void {
    const [first] = history;
    if (active !== undefined && before !== undefined && before === known && first && last) {
      const watched = watchedFlows(before, active);
      trial = { watched, before: samplesSince(first, last), start: last };
    } else trial = undefined;
    history = [];
    looks = 0;
    known = active;
  }

  function remember(now: Sample): void {
    if (looks % LooksKept === 0) history.push(now);
    if (history.length > Memory) history.shift();
    looks += 1;
    last = now;
  }

  return {
    start: () => {
      timer = setInterval(look, Interval);
    },
    stop: () => clearInterval(timer),
  };
}

type Sample = ReadonlyMap<string, FlowSample>;

interface Trial {
  readonly watched: readonly WatchedFlow[];
  readonly before: Sample;
  /** The totals right before the policy came into force. */
  readonly start: Sample;
}

/** Milliseconds. */
const Interval = 1_000;

/** One look in so many is kept, and so many of these: ten minutes. */
const LooksKept = 10;
const Memory = 60;
