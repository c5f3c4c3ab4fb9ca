import { BeatInterval } from '../ipc/bounds.ts';
import type { EngineToInspector } from '../ipc/messages.ts';
import type { Logger } from '../log.ts';
import { type Member, PrepareTimeout } from './inspector-member.ts';

/**
 * Counts how long each inspector has said nothing, and has one that is frozen killed by another, so that it is started
 * again and its servers get another one: its connections hang as long as it lives. One that works through a large
 * policy is silent as well, and killed for it would meet the same policy again; its processor time tells the two apart.
 * Silence is counted in the engine's own looks, so that an engine that was kept from running finds nobody silent for it.
 * 62443-3-3 SR 7.1.
 */
export interface SilenceWatch {
  readonly start: () => void;
  readonly stop: () => void;
}

export interface SilenceWatchOptions {
  readonly members: () => readonly Member[];
  readonly tell: (member: Member, message: EngineToInspector) => void;
  /** What a process has had of the processor, in any unit; undefined where nobody can tell. */
  readonly processorTime: (pid: number) => number | undefined;
  readonly log: Logger;
}

export function createSilenceWatch({ members, tell, processorTime, log }: SilenceWatchOptions): SilenceWatch {
  /** Of those that are silent: their processor time, and at which look it was first seen. */
  const standings = new WeakMap<Member, { readonly time: number | undefined; readonly since: number }>();
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    for (const member of members()) {
      member.missed += 1;
      if (member.missed % LooksPerTry === 0 && isFrozen(member)) end(member);
    }
  }

  /** Its processor time stands still, or no work that there is takes so long. */
  function isFrozen(member: Member): boolean {
    const time = processorTime(member.pid);
    const before = member.missed === LooksPerTry ? undefined : standings.get(member);
    const stands = before !== undefined && time !== undefined && before.time === time;
    const since = stands ? before.since : member.missed;
    standings.set(member, { time, since });
    return member.missed - since >= LooksStanding || member.missed >= LooksUntilEnd;
  }

  function end({ pid, missed }: Member): void {
    const awake = members().find((one) => one.missed <= LooksPerTry);
    const silence = missed * BeatInterval;
    log.error({ inspector: pid, silence, by: awake?.pid }, 'an inspector is frozen and is to be killed');
    if (awake !== undefined) tell(awake, { kind: 'end-process', pid });
  }

  return {
    start: () => {
      timer = setInterval(look, BeatInterval);
    },
    stop: () => clearInterval(timer),
  };
}

/** Once a second. */
const LooksPerTry = 4;
/**
 * After the first of silence four seconds in which it had nothing of the processor: one that is only kept from running
 * is worth more than its successor, which begins every connection anew.
 */
const LooksStanding = 16;
/** Twice what it is given for a policy. */
const LooksUntilEnd = (2 * PrepareTimeout) / BeatInterval;
