import type { Reason } from '../../rules/reason.ts';
import { broken } from '../../rules/session/conditions.ts';
import type {
  GrantAct,
  GrantEffect,
  GrantEvent,
  GrantRules,
  Moment,
  Stepped,
} from '../../rules/session/grant.ts';
import { step } from '../../rules/session/step.ts';
import type { GrantJudge } from './facts.ts';
import { type Entry, totalsOf } from './grant-entry.ts';
import { note } from './history.ts';
import type { BrokerParts } from './parts.ts';

/** Carries out what the state machine says: on record first, then in effect; what ends something the other way round. */
export interface GrantKeeper {
  /** What would become of an event now. Changes nothing. */
  readonly foresee: (entry: Entry, event: GrantEvent) => Stepped;
  /** @throws GatewayError PST_ERR_EVIDENCE: it could not be put on record, and nothing has changed */
  readonly take: (entry: Entry, event: GrantEvent) => Promise<Stepped>;
  /** Opens an approved grant if every condition holds. @throws GatewayError PST_ERR_EVIDENCE, PST_ERR_STATE_DIR */
  readonly open: (entry: Entry) => Promise<void>;
  /** Ends it: at once where it is open, else as soon as what is under way is done. */
  readonly end: (entry: Entry, cause: Reason, by: string, why: string) => void;
  /** What takes effect before it is on record: the end of what is open, and signs of life. @returns whether it was cut */
  readonly takeNow: (
    entry: Entry,
    event: Extract<GrantEvent, { readonly kind: 'activity' | 'look' | 'end' }>,
    now: Moment,
    /** What a look is measured by; signs of life and ends need none. */
    rules?: GrantRules,
  ) => boolean;
  /** Puts the end of a grant that was cut on record, with its last counts. Never rejects; may be called again. */
  readonly settle: (entry: Entry) => Promise<void>;
  /** Makes the receipt of a grant whose end is on record. Never rejects. */
  readonly conclude: (entry: Entry) => Promise<void>;
  /** Keeps what its channels did meanwhile; what is lost of that with the process, the log still holds. Never rejects. */
  readonly keep: (entry: Entry) => Promise<void>;
  /** A new grant, as it was asked for. @throws GatewayError PST_ERR_EVIDENCE, PST_ERR_STATE_DIR */
  readonly begin: (
    entry: Entry,
    asked: Extract<Stepped, { readonly ok: true }>,
    now: Moment,
  ) => Promise<void>;
}

/** What follows from a transition. */
export interface GrantEffects {
  /** Whatever must be had before the opening: a certificate. @returns its SHA-256, or '' */
  readonly prepare: (entry: Entry, until: number) => Promise<string>;
  readonly opened: (entry: Entry) => void;
  readonly prolonged: (entry: Entry) => void;
  /** Everything of it ends now. */
  readonly cut: (entry: Entry, cause: Reason) => void;
  readonly alone: (entry: Entry) => void;
  /** It came to nothing. */
  readonly calm: (entry: Entry) => void;
  /** Resolves when nothing of it moves any more and its channels are on record, or when that was waited for long enough. */
  readonly still: (entry: Entry) => Promise<void>;
  readonly ended: (entry: Entry) => Promise<void>;
}

export function createGrantKeeper(parts: BrokerParts, judge: GrantJudge, effects: GrantEffects): GrantKeeper {
  const { evidence, store, policy, log, people } = parts;

  async function record(acts: readonly GrantAct[], now: Moment): Promise<void> {
    await Promise.all(acts.map((act) => evidence.appendDurable({ kind: 'act', at: now.wall, act })));
  }

  function take(entry: Entry, event: GrantEvent): Promise<Stepped> {
    return entry.line(async () => {
      const now = judge.now();
      const { rules } = judge.judge(entry, now);
      const before = entry.kept.grant;
      const first = step(before, event, now, rules);
      if (!first.ok) return first;
      await record(first.acts, now);
      // It may have been cut while the disk took its time: then this comes to nothing.
      const stands = entry.kept.grant === before ? first : step(entry.kept.grant, event, now, rules);
      if (!stands.ok) return stands;
      commit(entry, stands, now);
      await save(entry);
      return stands;
    });
  }

  function commit(entry: Entry, stepped: Extract<Stepped, { readonly ok: true }>, now: Moment): void {
    entry.kept.grant = stepped.grant;
    for (const act of stepped.acts) note(entry.kept, act, now.wall, people);
    for (const effect of stepped.effects) perform(entry, effect);
  }

  function perform(entry: Entry, effect: GrantEffect): void {
    switch (effect) {
      case 'open':
        return effects.opened(entry);
      case 'prolong':
        return effects.prolonged(entry);
      case 'alarm':
        return effects.alone(entry);
      case 'calm':
        return effects.calm(entry);
      case 'cut':
        effects.cut(entry, entry.kept.grant.ended?.cause || 'shutdown');
        void settle(entry);
        return;
      case 'receipt':
        return;
    }
  }

  /** Where it fails nothing is lost but the memory of what has ended: what is open closes with the process anyway. */
  async function save({ kept, id }: Entry): Promise<void> {
    await store
      .save(kept)
      .catch((cause: unknown) => log.error({ grant: id, problem: textOf(cause) }, 'a grant cannot be kept'));
  }

  function open(entry: Entry): Promise<void> {
    return entry.line(async () => {
      const { kept } = entry;
      if (kept.grant.phase !== 'approved' || !holds(entry)) return;
      kept.opening = true;
      try {
        const certificate = await effects.prepare(entry, longestEnd(entry));
        // Before the record: whatever happens now, the next start closes it.
        await store.save(kept);
        const now = judge.now();
        const { conditions, rules } = judge.judge(entry, now);
        const active = policy();
        const opened = step(
          kept.grant,
          {
            kind: 'open',
            holds: broken(conditions) === undefined && entry.endWanted === undefined,
            certificate,
            policyVersion: active?.policy.version ?? 0,
            policyDigest: active?.digest ?? '',
          },
          now,
          rules,
        );
        if (!opened.ok) return;
        await record(opened.acts, now);
        kept.grant = opened.grant;
        for (const act of opened.acts) note(kept, act, now.wall, people);
        // On record it is open. What has come to be meanwhile closes it before anything passes.
        if (!endIfBroken(entry)) effects.opened(entry);
      } finally {
        kept.opening = false;
        await save(entry);
      }
    });
  }

  function holds(entry: Entry): boolean {
    return broken(judge.judge(entry, judge.now()).conditions) === undefined && entry.endWanted === undefined;
  }

  function endIfBroken(entry: Entry): boolean {
    const now = judge.now();
    const wanted = entry.endWanted;
    if (wanted !== undefined) return takeNow(entry, { kind: 'end', ...wanted }, now);
    const gone = broken(judge.judge(entry, now).conditions);
    if (gone === undefined) return false;
    return takeNow(entry, { kind: 'end', cause: gone.cause, by: '', why: gone.sentence }, now);
  }

  function longestEnd(entry: Entry): number {
    const now = judge.now();
    const { rules } = judge.judge(entry, now);
    const { length } = entry.kept.grant.asked.request;
    const most = rules.maxDuration === 0 ? length : Math.min(length, rules.maxDuration);
    return now.wall + Math.min(most, rules.longest);
  }

  function end(entry: Entry, cause: Reason, by: string, why: string): void {
    if (takeNow(entry, { kind: 'end', cause, by, why }, judge.now())) return;
    entry.endWanted = { cause, by, why };
    void take(entry, { kind: 'end', cause, by, why }).catch((failed: unknown) => {
      log.error({ grant: entry.id, problem: textOf(failed) }, 'the end of a request cannot be put on record');
    });
  }

  function takeNow(entry: Entry, event: GrantEvent, now: Moment, rules: GrantRules = Unmeasured): boolean {
    if (entry.kept.grant.phase !== 'open') return false;
    const stepped = step(entry.kept.grant, event, now, rules);
    // What yields a record waits for it: nothing of that kind belongs here.
    if (!stepped.ok || stepped.acts.length > 0) return false;
    commit(entry, stepped, now);
    return stepped.effects.includes('cut');
  }

  async function settle(entry: Entry): Promise<void> {
    if (entry.settling || entry.kept.grant.phase !== 'closing') return;
    entry.settling = true;
    const kept = entry.line(() => save(entry));
    try {
      await effects.still(entry);
      await kept;
      const stepped = await take(entry, { kind: 'settled', totals: totalsOf(entry.kept) });
      if (stepped.ok) await entry.line(async () => finish(entry));
    } catch (cause) {
      // It stays cut, and its end is put on record as soon as anything can be.
      entry.retryAt = judge.now().mono + RetryInterval;
      log.error(
        { grant: entry.id, problem: textOf(cause) },
        'the end of a grant cannot be put on record yet',
      );
    } finally {
      entry.settling = false;
    }
  }

  async function finish(entry: Entry): Promise<void> {
    await effects.ended(entry).catch((cause: unknown) => {
      log.error({ grant: entry.id, problem: textOf(cause) }, 'no receipt could be made');
    });
    await save(entry);
  }

  return {
    foresee: (entry, event) => {
      const now = judge.now();
      return step(entry.kept.grant, event, now, judge.judge(entry, now).rules);
    },
    take,
    open,
    end,
    takeNow,
    settle,
    conclude: (entry) => entry.line(() => finish(entry)),
    keep: (entry) => entry.line(() => save(entry)),
    begin: (entry, asked, now) =>
      entry.line(async () => {
        // Kept before it is on record: what is on record of it will have an end, whatever happens now.
        await store.save(entry.kept);
        await record(asked.acts, now).catch(async (cause: unknown) => {
          await store.forget(entry.id);
          throw cause;
        });
      }),
  };
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const Unmeasured: GrantRules = {
  requestLasts: 0,
  maxDuration: 0,
  longest: 0,
  idle: 0,
  maxBytes: Number.POSITIVE_INFINITY,
};

/** Between two tries to put something on record, milliseconds. */
export const RetryInterval = 1_000;
