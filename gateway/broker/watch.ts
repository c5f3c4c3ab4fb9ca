import { broken } from '../../rules/session/conditions.ts';
import type { Moment } from '../../rules/session/grant.ts';
import type { GrantJudge } from './facts.ts';
import { type Entry, totalsOf } from './grant-entry.ts';
import type { GrantKeeper } from './keeper.ts';
import { RetryInterval } from './keeper.ts';
import type { BrokerParts } from './parts.ts';

/** Looks at every grant, again and again: for what time brings, and for what nobody told of. */
export interface GrantWatch {
  readonly start: () => void;
  /** Looks at once, because something has changed. */
  readonly look: () => void;
  /** Looks at one grant. Never rejects. */
  readonly openIfReady: (entry: Entry) => Promise<void>;
  readonly stop: () => void;
}

export function createGrantWatch(
  { evidence, flowBytes, log }: Pick<BrokerParts, 'evidence' | 'flowBytes' | 'log'>,
  judge: GrantJudge,
  keeper: GrantKeeper,
  entries: () => readonly Entry[],
): GrantWatch {
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;

  function lookAtAll(): void {
    for (const entry of entries()) lookAt(entry);
  }

  function lookAt(entry: Entry): void {
    switch (entry.kept.grant.phase) {
      case 'open':
        return lookAtOpen(entry);
      case 'requested':
      case 'approved':
        return lookAtWaiting(entry);
      case 'closing':
        if (judge.now().mono >= entry.retryAt) void keeper.settle(entry);
        return;
      default:
        return;
    }
  }

  function lookAtOpen(entry: Entry): void {
    const now = judge.now();
    if (entry.changed && now.mono - entry.keptAt >= KeepInterval) {
      entry.changed = false;
      entry.keptAt = now.mono;
      void keeper.keep(entry);
    }
    const { conditions, rules } = judge.judge(entry, now);
    const gone = broken(conditions);
    if (gone === undefined) {
      feelPulse(entry, now);
      keeper.takeNow(entry, { kind: 'look', totals: totalsOf(entry.kept) }, now, rules);
      return;
    }
    keeper.takeNow(entry, { kind: 'end', cause: gone.cause, by: '', why: gone.sentence }, now);
  }

  /** What passes through a pinhole is counted by the kernel alone: more than before is a sign of life. */
  function feelPulse(entry: Entry, now: Moment): void {
    if (!entry.kept.grant.weak) return;
    const carried = entry.kept.targets.reduce((sum, { id }) => sum + flowBytes(id), 0);
    if (carried !== entry.carried) keeper.takeNow(entry, { kind: 'activity' }, now);
    entry.carried = carried;
  }

  function lookAtWaiting(entry: Entry): void {
    const now = judge.now();
    if (entry.kept.opening || now.mono < entry.retryAt) return;
    const { grant } = entry.kept;
    const { conditions } = judge.judge(entry, now);
    const gone = conditions.find(({ holds, lasting }) => lasting && !holds);
    if (gone !== undefined) return take(entry, { kind: 'refuse', by: '', why: gone.sentence });
    if (now.mono >= grant.asked.endsAt) return take(entry, { kind: 'look', totals: totalsOf(entry.kept) });
    if (grant.phase === 'approved' && broken(conditions) === undefined) void openIfReady(entry);
  }

  function take(entry: Entry, event: Parameters<GrantKeeper['take']>[1]): void {
    // Once until it is on record, or for a while where it cannot be.
    entry.retryAt = judge.now().mono + RetryInterval;
    keeper.take(entry, event).catch((cause: unknown) => tell(entry, cause));
  }

  async function openIfReady(entry: Entry): Promise<void> {
    if (evidence.broken() !== '') return;
    await keeper.open(entry).catch((cause: unknown) => {
      entry.retryAt = judge.now().mono + RetryInterval;
      tell(entry, cause);
    });
  }

  function tell({ id }: Entry, cause: unknown): void {
    const problem = cause instanceof Error ? cause.message : String(cause);
    log.error({ grant: id, problem }, 'a grant cannot go on; it is tried again');
  }

  return {
    start: () => {
      timer ??= setInterval(lookAtAll, LookInterval);
    },
    look: () => {
      soon ??= setImmediate(() => {
        soon = undefined;
        lookAtAll();
      });
    },
    openIfReady,
    stop: () => {
      clearInterval(timer);
      clearImmediate(soon);
    },
  };
}

/** How often what channels did is kept, milliseconds: seldom, for flash wears out and the log holds it all. */
const KeepInterval = 60_000;

/** Milliseconds: the most that an end can be late by itself. */
export const LookInterval = 250;
