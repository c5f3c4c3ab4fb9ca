import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { InspectorShards, type Policy } from '../../rules/policy.ts';
import { systemClock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { InspectorState } from './inspector-member.ts';

/**
 * A file that says that this box can carry, for whoever decides which box of a pair does (hardware/pair). One that is
 * gone or old says no, which is what a dead or frozen engine leaves. It holds four numbers: when it was written, in
 * hundredths of a second since the box started, so that no step of the clock makes it old or young; the engine's process;
 * for how many hundredths of a second the quietest inspector that carries has said nothing; its process. By the
 * processes it can be told whether one is frozen or only kept waiting. 62443-3-3 SR 7.1.
 */
export interface CarryingSign {
  readonly start: () => void;
  /** Takes the file away. */
  readonly stop: () => void;
}

export interface CarryingFacts {
  readonly policy: Policy | undefined;
  /** Differences between the kernel's table and the policy, found by the last look. */
  readonly drift: readonly string[];
  readonly inspectors: readonly Pick<InspectorState, 'pid' | 'shards' | 'silence'>[];
}

export function createCarryingSign(file: string, facts: () => CarryingFacts, log: Logger): CarryingSign {
  let timer: NodeJS.Timeout | undefined;
  let trouble = '';
  let startedAt = 0;

  function look(): void {
    try {
      const now = facts();
      if (carries(now)) show(signOf(now, uptime(), process.pid));
      else if (systemClock.monotonic() - startedAt >= Grace) takeAway();
      trouble = '';
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      if (problem !== trouble) log.warn({ problem }, 'cannot say that this box carries');
      trouble = problem;
    }
  }

  /** By a rename: nobody reads half of it. */
  function show(sign: string): void {
    writeFileSync(`${file}.new`, `${sign}\n`);
    renameSync(`${file}.new`, file);
  }

  function takeAway(): void {
    rmSync(file, { force: true });
  }

  return {
    start: () => {
      startedAt = systemClock.monotonic();
      look();
      timer = setInterval(look, Interval);
    },
    stop: () => {
      clearInterval(timer);
      takeAway();
    },
  };
}

/** A policy is in force, the kernel holds it, and each shard of the servers has an inspector. */
export function carries({ policy, drift, inspectors }: CarryingFacts): boolean {
  const carried = new Set(inspectors.flatMap(({ shards }) => shards));
  return policy !== undefined && drift.length === 0 && carried.size === InspectorShards;
}

/** What the file holds. @param up seconds since the box started */
export function signOf(
  { inspectors }: Pick<CarryingFacts, 'inspectors'>,
  up: number,
  engine: number,
): string {
  const [quietest = { pid: engine, silence: 0 }] = inspectors
    .filter(({ shards }) => shards.length > 0)
    .toSorted((one, other) => other.silence - one.silence);
  return [Math.floor(up * 100), engine, Math.round(quietest.silence / 10), quietest.pid].join(' ');
}

/** Milliseconds. */
const Interval = 250;
/**
 * Milliseconds after the start in which no sign is taken away: what a former engine left when it was killed ages by
 * itself. Its inspectors carry on and try ten times a second to come back; without the sign the addresses move at once.
 */
const Grace = 2_000;
