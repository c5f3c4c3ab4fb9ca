import type { Policy } from '../../rules/policy.ts';
import type { OpenGate } from '../enforce/enforcement.ts';
import type { Logger } from '../log.ts';
import { nextGateChange, openGates, type TimeKnowledge } from './gate-keeper.ts';

/** Opens and shuts the gated flows of the policy in force as time goes on. */
export interface GateLoop {
  /** Which gates a policy has open now; they stay the current ones. */
  readonly judge: (policy: Policy) => readonly OpenGate[];
  /** Follows this policy from now on, instead of the one before. */
  readonly follow: (policy: Policy) => void;
  readonly open: () => readonly OpenGate[];
  readonly stop: () => void;
}

export interface GateLoopOptions {
  readonly time: () => TimeKnowledge;
  /** Makes exactly these gates open, in the kernel and with the inspectors. */
  readonly turn: (open: readonly OpenGate[]) => Promise<void>;
  readonly log: Logger;
}

export function createGateLoop({ time, turn, log }: GateLoopOptions): GateLoop {
  let open: readonly OpenGate[] = [];
  let timer: NodeJS.Timeout | undefined;
  let followed: Policy | undefined;

  function follow(policy: Policy): void {
    followed = policy;
    clearTimeout(timer);
    const { now } = time();
    const change = nextGateChange(policy, now) ?? Number.POSITIVE_INFINITY;
    // Also in between: the clock may be set, or become synchronised, at any time.
    timer = setTimeout(() => void look(policy), Math.min(LongestWait, Math.max(0, change - now)));
  }

  async function look(policy: Policy): Promise<void> {
    const next = openGates(policy, time());
    if (JSON.stringify(next) !== JSON.stringify(open)) {
      try {
        await turn(next);
        if (followed === policy) open = next;
      } catch (cause) {
        const problem = cause instanceof Error ? cause.message : String(cause);
        log.error({ problem }, 'gates cannot be turned; the kernel still ends the open ones by itself');
      }
    }
    if (followed === policy) follow(policy);
  }

  return {
    judge: (policy) => {
      open = openGates(policy, time());
      return open;
    },
    follow,
    open: () => open,
    stop: () => {
      followed = undefined;
      clearTimeout(timer);
    },
  };
}

/** Milliseconds. */
const LongestWait = 5_000;
