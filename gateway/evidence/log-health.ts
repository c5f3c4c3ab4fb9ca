import type { Act } from '../../rules/record/record.ts';

/** Whether the log is fit to let somebody in from outside, and who wants to know. */
export interface LogHealth {
  /** Why it is not, or empty. */
  readonly broken: () => string;
  readonly note: (broken: string) => void;
  /** After each try to write; `lost` counts records since the start that found no room. */
  readonly look: (seen: { readonly failing: string; readonly broken: string; readonly lost: number }) => void;
  readonly onChange: (listener: (broken: string) => void) => void;
}

export function createLogHealth(): LogHealth {
  const listeners: ((broken: string) => void)[] = [];
  let broken = '';
  let lostBefore = 0;

  function note(now: string): void {
    if (now === broken) return;
    broken = now;
    for (const listener of listeners) listener(now);
  }

  return {
    broken: () => broken,
    note,
    look: ({ failing, broken: held, lost }) => {
      if (failing !== '') return note(`Evidence is not being written: ${failing}`);
      // What is lost while somebody is let in may be what they did: as bad as a disk that takes nothing.
      note(held || (lost > lostBefore ? TooFast : ''));
      lostBefore = lost;
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
}

const TooFast = 'Evidence came faster than the disk takes it, and some is lost.';

/** That a person answers for going on with a log that is not what it was. */
export function acceptance(by: string, why: string, was: string): Act {
  const sentence = `${by} answers for going on although ${was}: ${why}`;
  return { kind: 'alarmChanged', code: 'EVIDENCE_BROKEN', sentence, raised: false };
}

/** Shares of the budget at which a warning goes on record, percent (62443-3-3 SR 2.9 RE1). */
export const QuotaSteps = [70, 85, 95] as const;

/** Tells each step once when it is reached, and again only after the share fell well below it. */
export interface QuotaWatch {
  readonly take: (bytes: number, maxBytes: number) => Act | undefined;
}

export function createQuotaWatch(): QuotaWatch {
  let told = 0;
  return {
    take: (bytes, maxBytes) => {
      const percent = percentOf(bytes, maxBytes);
      const reached = Math.max(0, ...QuotaSteps.filter((step) => step <= percent));
      if (reached <= told) {
        if (percent < told - Slack) told = reached;
        return undefined;
      }
      told = reached;
      return { kind: 'evidenceQuota', percent, bytes, maxBytes };
    },
  };
}

export function percentOf(bytes: number, maxBytes: number): number {
  return Math.floor((100 * bytes) / maxBytes);
}

const Slack = 5;
