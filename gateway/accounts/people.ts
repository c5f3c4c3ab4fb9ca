import type { Act } from '../../rules/record/record.ts';
import { refuse } from '../access/refusals.ts';
import type { Clock } from '../clock.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import { createLine } from '../one-at-a-time.ts';
import { type Account, endsSignIns, knownOf, lostBy } from './account.ts';
import type { Refusal, RevokedCause } from './account-book.ts';
import type { AccountStore } from './account-store.ts';
import { createSignIns, type SignIn, type SignIns } from './sign-ins.ts';

/** What is to become of an account, and the act that is on record before it does. */
export interface Edit {
  readonly ok: true;
  readonly next: Account;
  /** Left out for what is no change of the account: which code was used last, when it was signed in. */
  readonly act?: Act;
  /** Done once the account is on disk and before any other change. */
  readonly effect?: () => void;
}

/** Every change of an account goes through here, one after the other. */
export interface People {
  readonly store: AccountStore;
  readonly signIns: SignIns;
  /** On record, then on disk, then its sign-ins end and others are told. Refuses where there is no such account. */
  readonly change: (
    name: string,
    edit: (account: Account) => Edit | Refusal | Promise<Edit | Refusal>,
    /** A sign-in that goes on. */
    stays?: SignIn,
  ) => Promise<{ readonly ok: true; readonly account: Account } | Refusal>;
  /** A new one, if `make` still wants it when its turn has come. */
  readonly add: (make: () => Edit | Refusal) => Promise<{ readonly ok: true } | Refusal>;
  /** On record without waiting. */
  readonly note: (act: Act) => void;
  readonly onRevoked: (listener: (account: string, cause: RevokedCause) => void) => void;
  /** Ends what is over by the clock; every second. */
  readonly sweep: () => void;
  readonly settled: () => Promise<void>;
}

export interface PeopleOptions {
  readonly store: AccountStore;
  readonly evidence: Pick<EvidenceLog, 'append' | 'appendDurable'>;
  readonly clock: Clock;
}

export function createPeople({ store, evidence, clock }: PeopleOptions): People {
  const inTurn = createLine();
  const listeners: ((account: string, cause: RevokedCause) => void)[] = [];
  const note = (act: Act): void => evidence.append({ kind: 'act', at: clock.wall(), act });
  const signIns = createSignIns(clock, ({ account, id }, why) =>
    note({ kind: 'signedOut', account, session: id, why }),
  );
  const over = new Set(endedNow());

  function endedNow(): readonly string[] {
    const now = clock.wall();
    return store.all().flatMap((one) => (one.endsAt !== 0 && now >= one.endsAt ? [one.name] : []));
  }

  function tell(account: string, causes: readonly RevokedCause[]): void {
    for (const cause of causes) for (const listener of listeners) listener(account, cause);
  }

  /** Nothing that is not on record happens (62443-3-3 SR 2.8). */
  async function recorded(act: Act | undefined): Promise<boolean> {
    if (act === undefined) return true;
    return evidence.appendDurable({ kind: 'act', at: clock.wall(), act }).then(
      () => true,
      () => false,
    );
  }

  function takeEffect(before: Account, next: Account, stays: SignIn | undefined): void {
    if (endsSignIns(before, next)) signIns.endAll(before.name, 'the account was changed', stays);
    tell(before.name, lostBy(before, next, clock.wall()));
  }

  return {
    store,
    signIns,
    change: (name, edit, stays) =>
      inTurn(async () => {
        const before = store.find(name);
        if (before === undefined) return refuse('PST_NOT_HERE');
        const wanted = await edit(before);
        if (!wanted.ok) return wanted;
        const { next, act, effect } = wanted;
        if (!(await recorded(act))) return refuse('PST_NO_RECORD');
        try {
          await store.put(next);
        } catch (cause) {
          // What takes rights away is done all the same: a broken disk must not keep somebody in.
          if (lostBy(before, next, clock.wall()).length > 0) {
            store.hold(next);
            takeEffect(before, next, undefined);
          }
          throw cause;
        }
        takeEffect(before, next, stays);
        effect?.();
        return { ok: true, account: next };
      }),
    add: (make) =>
      inTurn(async () => {
        const wanted = make();
        if (!wanted.ok) return wanted;
        if (!(await recorded(wanted.act))) return refuse('PST_NO_RECORD');
        await store.put(wanted.next);
        return { ok: true };
      }),
    note,
    onRevoked: (listener) => void listeners.push(listener),
    sweep: () => {
      signIns.sweep();
      for (const name of endedNow()) {
        if (over.has(name)) continue;
        over.add(name);
        signIns.endAll(name, 'the account has ended');
        tell(name, ['account-revoked', 'approval-lost']);
      }
      for (const name of over) {
        const account = store.find(name);
        if (account === undefined || knownOf(account, clock.wall()).usable) over.delete(name);
      }
    },
    settled: () => inTurn(async () => undefined),
  };
}
