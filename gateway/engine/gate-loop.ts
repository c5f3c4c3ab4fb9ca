import {
  canTellTime,
  nextGateChange,
  openGates,
  type TimeKnowledge,
} from '../../rules/admission/open-gates.ts';
import type { OpenFlow } from '../../rules/nft/gates.ts';
import type { Policy } from '../../rules/policy.ts';
import type { OpenGate } from '../enforce/enforcement.ts';
import type { Logger } from '../log.ts';
import type { OneAtATime } from '../one-at-a-time.ts';

/** Opens and shuts the gated flows of the policy in force as time goes on. */
export interface GateLoop {
  /** Which gates a policy has open now. Changes nothing. */
  readonly judge: (policy: Policy) => readonly OpenGate[];
  /** This policy is in force with these gates open: from now on it is followed, instead of the one before. */
  readonly follow: (policy: Policy, open: readonly OpenGate[]) => void;
  readonly open: () => readonly OpenGate[];
  /** Whether a permission with an end can be judged now. */
  readonly tellsTime: () => boolean;
  /** What is granted has changed: gates are turned at once, as soon as nobody else changes enforcement. Never rejects. */
  readonly turnNow: () => Promise<void>;
  readonly stop: () => void;
}

export interface GateLoopOptions {
  readonly time: () => TimeKnowledge;
  /** What granted sessions hold open under a policy: what another one permits by the same id is not what was granted. */
  readonly granted: (policy: Policy) => readonly OpenFlow[];
  /** Makes exactly these gates open, in the kernel and with the inspectors, and says what the clock is worth. */
  readonly turn: (open: readonly OpenGate[], tellsTime: boolean) => Promise<void>;
  /** The line in which policies are changed: gates of one policy must not be turned under another. */
  readonly inTurn: OneAtATime;
  readonly log: Logger;
}

export function createGateLoop({ time, granted, turn, inTurn, log }: GateLoopOptions): GateLoop {
  let open: readonly OpenGate[] = [];
  let told = false;
  let timer: NodeJS.Timeout | undefined;
  let followed: Policy | undefined;

  function wait(policy: Policy): void {
    clearTimeout(timer);
    const { now } = time();
    const change = nextGateChange(policy, now, granted(policy)) ?? Number.POSITIVE_INFINITY;
    // Also in between: the clock may be set, or become synchronised, at any time.
    timer = setTimeout(() => void look(() => policy), Math.min(LongestWait, Math.max(0, change - now)));
  }

  /** @param which asked when the turn has come: another policy may be in force by then */
  async function look(which: () => Policy | undefined): Promise<void> {
    try {
      await inTurn(() => turnIfChanged(which()));
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      log.error({ problem }, 'gates cannot be turned; the kernel still ends the open ones by itself');
    }
    const policy = which();
    if (policy !== undefined && followed === policy) wait(policy);
  }

  async function turnIfChanged(policy: Policy | undefined): Promise<void> {
    if (policy === undefined || followed !== policy) return;
    const next = openGates(policy, time(), granted(policy));
    const tells = tellsTime();
    if (tells === told && JSON.stringify(next) === JSON.stringify(open)) return;
    await turn(next, tells);
    open = next;
    told = tells;
  }

  function tellsTime(): boolean {
    return canTellTime(time());
  }

  return {
    judge: (policy) => openGates(policy, time(), granted(policy)),
    follow: (policy, now) => {
      followed = policy;
      open = now;
      told = tellsTime();
      wait(policy);
    },
    open: () => open,
    tellsTime,
    turnNow: () => look(() => followed),
    stop: () => {
      followed = undefined;
      clearTimeout(timer);
    },
  };
}

/** Milliseconds. */
const LongestWait = 5_000;
