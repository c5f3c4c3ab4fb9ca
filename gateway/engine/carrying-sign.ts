import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { InspectorShards, type Policy } from '../../rules/policy.ts';
import type { Logger } from '../log.ts';
import type { InspectorState } from './inspector-member.ts';

/**
 * A file that says that this box can carry, for whoever decides which box of a pair does (hardware/pair). It holds
 * the seconds since the box started, so that no step of the clock makes it old or young; one that is gone or old
 * says no, which is what a dead or frozen engine leaves. 62443-3-3 SR 7.1.
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
  readonly inspectors: readonly Pick<InspectorState, 'shards' | 'silence'>[];
}

export function createCarryingSign(file: string, facts: () => CarryingFacts, log: Logger): CarryingSign {
  let timer: NodeJS.Timeout | undefined;
  let trouble = '';

  function look(): void {
    try {
      if (carries(facts())) show();
      else takeAway();
      trouble = '';
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      if (problem !== trouble) log.warn({ problem }, 'cannot say that this box carries');
      trouble = problem;
    }
  }

  /** By a rename: nobody reads half of it. */
  function show(): void {
    writeFileSync(`${file}.new`, `${Math.floor(uptime())}\n`);
    renameSync(`${file}.new`, file);
  }

  function takeAway(): void {
    rmSync(file, { force: true });
  }

  return {
    start: () => {
      look();
      timer = setInterval(look, Interval);
    },
    stop: () => {
      clearInterval(timer);
      takeAway();
    },
  };
}

/** A policy is in force, the kernel holds it, and each shard of the servers has an inspector that speaks. */
export function carries({ policy, drift, inspectors }: CarryingFacts): boolean {
  const speaking = inspectors.filter(({ silence }) => silence <= LongestSilence);
  const carried = new Set(speaking.flatMap(({ shards }) => shards));
  return policy !== undefined && drift.length === 0 && carried.size === InspectorShards;
}

/** Milliseconds. */
const Interval = 500;
/** An inspector says something each second; as long as for its alarm. Milliseconds. */
const LongestSilence = 5_000;
