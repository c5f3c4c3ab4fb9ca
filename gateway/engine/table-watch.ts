import type { Policy } from '../../rules/policy.ts';
import type { Act } from '../../rules/record/record.ts';
import type { Enforcement, EnforcementCounts } from '../enforce/enforcement.ts';
import type { Logger } from '../log.ts';

/** What the last look at the kernel showed. */
export interface TableWatch {
  readonly counts: () => EnforcementCounts;
  /** Differences between the kernel's table and the policy, one sentence each. */
  readonly drift: () => readonly string[];
  /** Why it cannot be looked at, or empty. */
  readonly blindness: () => string;
  readonly start: () => void;
  /** Resolves when the look in progress is over. */
  readonly stop: () => Promise<void>;
}

export interface TableWatchOptions {
  readonly enforcement: Pick<Enforcement, 'counts' | 'verify'>;
  readonly policy: () => Policy | undefined;
  /** Enforces this policy again, unless another one came into force meanwhile. @throws GatewayError */
  readonly putBack: (policy: Policy) => Promise<void>;
  readonly record: (act: Act) => void;
  readonly log: Logger;
}

/**
 * Somebody who flushes the ruleset opens the box: the table is looked at again and again and put back, and
 * that it had to be is on record. 62443-3-3 SR 3.3 RE2.
 */
export function createTableWatch(options: TableWatchOptions): TableWatch {
  const { enforcement, policy, putBack, record, log } = options;
  let counts: EnforcementCounts = { flows: [], drops: [] };
  let drift: readonly string[] = [];
  let blindness = '';
  /** How the change that lasts was recorded; undefined while the table is right. */
  let recordedAs: 'put back' | 'standing' | undefined;
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function look(): Promise<void> {
    try {
      counts = await enforcement.counts();
      const expected = policy();
      drift = expected === undefined ? [] : await enforcement.verify();
      blindness = '';
      if (expected === undefined || drift.length === 0) recordedAs = undefined;
      else await mend(expected);
    } catch (cause) {
      const problem = textOf(cause);
      if (problem !== blindness) log.warn({ problem }, 'cannot look at the kernel table');
      blindness = problem;
    }
    if (!stopped) timer = setTimeout(lookAgain, Interval);
  }

  async function mend(expected: Policy): Promise<void> {
    const problem = await putBack(expected).then(() => '', textOf);
    const outcome = problem === '' ? 'put back' : 'standing';
    // Acts are never given up for room: whoever changes the table every second fills one record, not the disk.
    if (outcome === recordedAs) return;
    recordedAs = outcome;
    const [first = ''] = drift;
    record({ kind: 'tableChanged', first, differences: drift.length, putBack: problem === '' });
    log.error({ drift: drift.slice(0, 5), problem }, `somebody changed the kernel table; ${outcome}`);
  }

  function lookAgain(): void {
    looking = look();
  }

  return {
    counts: () => counts,
    drift: () => drift,
    blindness: () => blindness,
    start: lookAgain,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return looking;
    },
  };
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Milliseconds between two looks. */
const Interval = 2_000;
