import type { Policy } from '../../rules/policy.ts';
import type { Act } from '../../rules/record/record.ts';
import type { Clock } from '../clock.ts';
import type { Enforcement, EnforcementCounts } from '../enforce/enforcement.ts';
import type { Logger } from '../log.ts';

/** What the last look at the kernel showed. */
export interface TableWatch {
  readonly counts: () => EnforcementCounts;
  /** Differences between the kernel's table and the policy in the last seconds, one sentence each. */
  readonly drift: () => readonly string[];
  /** How often the table was found changed since the start; one change that stands counts once. */
  readonly changes: () => number;
  /** Why it cannot be looked at, or empty. */
  readonly blindness: () => string;
  readonly start: () => void;
  /** Resolves when the look in progress is over. */
  readonly stop: () => Promise<void>;
}

export interface TableWatchOptions {
  readonly enforcement: Pick<Enforcement, 'counts' | 'verify' | 'onTouch'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly policy: () => Policy | undefined;
  /** Whether a changed table is put back, or only told. */
  readonly onDrift: 'repair' | 'report';
  /** Enforces this policy again, unless another one came into force meanwhile. @throws GatewayError */
  readonly putBack: (policy: Policy) => Promise<void>;
  readonly record: (act: Act) => void;
  readonly log: Logger;
}

/**
 * Somebody who flushes the ruleset cuts everybody off, and opens the box where the guard is not: the table is looked at
 * as soon as anybody has changed a ruleset, and again and again besides, and put back, and that it had to be is on record.
 * Where it is only to be reported, alarm and record are all. 62443-3-3 SR 3.3 RE2.
 */
export function createTableWatch(options: TableWatchOptions): TableWatch {
  const { enforcement, clock, policy, onDrift, putBack, record, log } = options;
  let counts: EnforcementCounts = { flows: [], drops: [], undeclared: 0 };
  let drift: readonly string[] = [];
  let blindness = '';
  /** How the change that lasts, or comes again and again, was recorded; undefined after a minute of calm. */
  let recordedAs: 'put back' | 'standing' | undefined;
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let isLooking = false;
  let hurriedAt = Number.NEGATIVE_INFINITY;
  /** Monotonic, milliseconds: when to count next, and when the table was last found changed. */
  let countAt = Number.NEGATIVE_INFINITY;
  let driftedAt = Number.NEGATIVE_INFINITY;
  let changes = 0;

  async function look(): Promise<void> {
    const isCounting = clock.monotonic() >= countAt;
    try {
      if (isCounting) await count();
      const expected = policy();
      const found = expected === undefined ? [] : await enforcement.verify();
      if (isCounting) blindness = '';
      if (expected !== undefined && found.length > 0) {
        if (onDrift === 'repair' || drift.join() !== found.join()) changes += 1;
        drift = found;
        await mend(expected);
      } else {
        const calm = clock.monotonic() - driftedAt;
        if (calm >= Shown) drift = [];
        if (calm >= Calm) recordedAs = undefined;
      }
    } catch (cause) {
      const problem = textOf(cause);
      if (problem !== blindness) log.warn({ problem }, 'cannot look at the kernel table');
      blindness = problem;
    }
    if (!stopped) timer = setTimeout(lookAgain, Interval);
  }

  async function count(): Promise<void> {
    const begun = clock.monotonic();
    countAt = begun + CountInterval;
    counts = await enforcement.counts();
    const now = clock.monotonic();
    countAt = now + Math.min(Math.max(CountInterval, (now - begun) * PausePerCount), LongestPause);
  }

  async function mend(expected: Policy): Promise<void> {
    driftedAt = clock.monotonic();
    const problem = onDrift === 'report' ? ToBeReported : await putBack(expected).then(() => '', textOf);
    const outcome = problem === '' ? 'put back' : 'standing';
    // Acts are never given up for room: whoever changes the table every second fills one record, not the disk.
    if (outcome === recordedAs) return;
    recordedAs = outcome;
    const [first = ''] = drift;
    record({ kind: 'tableChanged', first, differences: drift.length, putBack: problem === '' });
    log.error({ drift: drift.slice(0, 5), problem }, `somebody changed the kernel table; ${outcome}`);
  }

  function lookAgain(): void {
    isLooking = true;
    looking = look().finally(() => {
      isLooking = false;
    });
  }

  /** An interval after the last such look at the earliest: whoever changes rulesets without end must not keep us looking. */
  function hurry(): void {
    if (stopped || isLooking || clock.monotonic() - hurriedAt < Interval) return;
    clearTimeout(timer);
    lookAgain();
    looking = looking.finally(() => {
      hurriedAt = clock.monotonic();
    });
  }

  return {
    counts: () => counts,
    drift: () => drift,
    changes: () => changes,
    blindness: () => blindness,
    start: () => {
      lookAgain();
      enforcement.onTouch(hurry);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return looking;
    },
  };
}

const ToBeReported = 'drift: report in gateway.yaml';

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * Milliseconds between two looks that nobody's change has called for; such a look at a kernel that nobody has spoken to
 * is one short question for its generation.
 */
const Interval = 100;
/**
 * Counting lists the whole table, which takes long where it is large: then it is done more seldom, and often enough for
 * those who tell by the counts of some seconds ago what was used since (observation.ts, grants that are watched).
 */
const CountInterval = 2_000;
const PausePerCount = 30;
const LongestPause = 4_500;
/** How long a difference is shown after it was put right, and until the next one is another one. */
const Shown = 2_000;
const Calm = 60_000;
