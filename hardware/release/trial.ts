import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Health, type Look, sameProcesses, troublesOf } from './health.ts';
import { keepTrial, pointTo, readRelease, removeOthers } from './home.ts';

/** What a trial needs of the system; a test has a box of its own behind it. */
export interface TrialSystem {
  /** Makes sure that the box returns to the release `former` by itself: in time, and at its next start. */
  readonly arm: (former: string) => void;
  /** The release is kept: nothing returns any more. False where the return has begun already. */
  readonly disarm: () => boolean;
  /** Users, units and settings of the release that is current now, and its processes started. */
  readonly settle: (release: string) => void;
  /** Returns now; comes back when it has. */
  readonly giveUp: () => void;
  /** How the box stands, as the release itself and the kernel say. */
  readonly look: (release: string) => Promise<Omit<Look, 'before'>>;
  readonly pause: (ms: number) => Promise<void>;
  /** Milliseconds, never set back. */
  readonly monotonic: () => number;
}

export interface TrialOptions {
  readonly home: string;
  /** `releases/0.2.0`, unpacked and checked. */
  readonly release: string;
  /** How the gateway was before, or undefined where its engine did not answer. */
  readonly before: Health | undefined;
  /**
   * Asked once its processes are settled, which starts them where there is a bundle. False on a box that enforces
   * nothing yet: there is nothing to verify.
   */
  readonly enforces: () => boolean;
  /** Milliseconds in which it has to show that it enforces; below the five minutes after which the armed timer returns. */
  readonly patience: number;
  /** Told before each step. */
  readonly report: (step: TrialStep) => void;
}

export type TrialStep = 'arm' | 'mark' | 'switch' | 'settle' | 'watch' | 'keep' | 'return' | 'clean';
export type TrialEnd = { readonly kept: true } | { readonly kept: false; readonly why: string };

/**
 * Lets another release run and keeps it only when it enforces what the former one did, steadily, in time. From the
 * first step on the former one returns unless the last step is reached, whatever becomes of this process.
 */
export async function tryRelease(system: TrialSystem, options: TrialOptions): Promise<TrialEnd> {
  const { home, release, report } = options;
  const former = readRelease(home, 'current') ?? '';
  rmSync(join(home, 'trouble'), { force: true });
  report('arm');
  system.arm(former);
  report('mark');
  pointTo(home, 'trial', former);
  report('switch');
  pointTo(home, 'current', release);
  const why = await settleAndWatch(system, options);
  if (why === '') {
    report('keep');
    if (system.disarm()) {
      keepTrial(home);
      report('clean');
      removeOthers(home);
      return { kept: true };
    }
  }
  report('return');
  writeFileSync(join(home, 'trouble'), `${why}\n`);
  system.giveUp();
  report('clean');
  removeOthers(home);
  return { kept: false, why: why === '' ? 'Its time was up.' : why };
}

async function settleAndWatch(system: TrialSystem, options: TrialOptions): Promise<string> {
  const { release, enforces, report } = options;
  report('settle');
  try {
    system.settle(release);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
  if (!enforces()) return '';
  report('watch');
  return watch(system, options);
}

/** Why the release is not to be kept, or empty once it has enforced steadily for {@link HoldMs}. */
async function watch(system: TrialSystem, { release, before, patience }: TrialOptions): Promise<string> {
  const end = system.monotonic() + patience;
  let good: { readonly since: number; readonly health: Health } | undefined;
  let said = 'It was not looked at.';
  while (system.monotonic() < end) {
    const looked = await system.look(release);
    const [trouble] = troublesOf({ ...looked, before });
    const { now } = looked;
    const at = system.monotonic();
    if (trouble !== undefined || now === undefined) {
      good = undefined;
      said = trouble ?? said;
    } else if (good === undefined || !sameProcesses(good.health, now)) {
      said = good === undefined ? said : 'Its processes do not stay up.';
      good = { since: at, health: now };
    } else if (at - good.since >= HoldMs) return '';
    await system.pause(LookEveryMs);
  }
  return said;
}

/** For so long without a death. Milliseconds. */
const HoldMs = 10_000;
const LookEveryMs = 1_000;
