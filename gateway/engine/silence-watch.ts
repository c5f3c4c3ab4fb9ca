import { BeatInterval } from '../ipc/bounds.ts';
import type { EngineToInspector } from '../ipc/messages.ts';
import type { Logger } from '../log.ts';
import type { Member } from './inspector-member.ts';

/**
 * Counts how long each inspector has said nothing, and has one that is frozen killed by another, so that it is started
 * again and its servers get another one: its connections hang as long as it lives. Silence is counted in the engine's
 * own looks, so that an engine that was kept from running finds nobody silent for it. 62443-3-3 SR 7.1.
 */
export interface SilenceWatch {
  readonly start: () => void;
  readonly stop: () => void;
}

export interface SilenceWatchOptions {
  readonly members: () => readonly Member[];
  readonly tell: (member: Member, message: EngineToInspector) => void;
  readonly log: Logger;
}

export function createSilenceWatch({ members, tell, log }: SilenceWatchOptions): SilenceWatch {
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    for (const member of members()) {
      member.missed += 1;
      if (member.missed >= LooksUntilEnd && member.missed % LooksPerTry === 0) end(member);
    }
  }

  function end({ pid }: Member): void {
    const awake = members().find(({ missed }) => missed <= LooksPerTry);
    log.error({ inspector: pid, by: awake?.pid }, 'an inspector is frozen and is to be killed');
    if (awake !== undefined) tell(awake, { kind: 'end-process', pid });
  }

  return {
    start: () => {
      timer = setInterval(look, BeatInterval);
    },
    stop: () => clearInterval(timer),
  };
}

/** Five seconds: one that is only kept from running is worth more than its successor, which begins every connection anew. */
const LooksUntilEnd = 20;
const LooksPerTry = 4;
