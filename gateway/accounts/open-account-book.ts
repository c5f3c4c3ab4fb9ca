import { refuse } from '../access/refusals.ts';
import type { Clock } from '../clock.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import { knownOf } from './account.ts';
import type { AccountBook } from './account-book.ts';
import { accountCalls } from './account-calls.ts';
import { openAccountStore } from './account-store.ts';
import { createChallenges } from './challenges.ts';
import { factorCalls } from './factor-calls.ts';
import { createHashThread } from './hash-thread.ts';
import { createLockOut } from './lock-out.ts';
import { assertionOptions } from './passkeys.ts';
import { BoxCost, createPasswordHasher, type PasswordHasher } from './password-hash.ts';
import { createPeople } from './people.ts';
import { proveIn } from './prove.ts';
import { admit, type Reception } from './reception.ts';
import { createRefusedSignIns, FoldTime } from './refused-sign-ins.ts';
import { resetCall } from './reset-call.ts';
import { restate } from './restate.ts';
import { sessionCalls } from './session-calls.ts';
import { NoName, signInCalls } from './sign-in-calls.ts';

export interface AccountBookOptions {
  /** Where the accounts are kept, one file each; made with 0700. */
  readonly directory: string;
  readonly site: string;
  readonly gateway: string;
  /** DNS name of the box, or empty: passkeys are bound to it. */
  readonly name: string;
  /** Where the page listens: on loopback passkeys are bound to `localhost`, else to the name. */
  readonly page: { readonly loopback: boolean; readonly port: number };
  /** What everybody is told before signing in (62443-3-3 SR 1.12). */
  readonly banner: string;
  readonly evidence: Pick<EvidenceLog, 'append' | 'appendDurable'>;
  readonly clock: Clock;
  /** Whether the zone model lets this person do without a second factor (`mfa: false`). */
  readonly isWaived: (account: string) => boolean;
  /** Stands for the hashes of a box in tests. */
  readonly hasher?: PasswordHasher;
}

/** Opens the accounts of this box. Accounts that cannot be read are trouble of their own and stop nothing else. */
export function openAccountBook(options: AccountBookOptions): AccountBook {
  const { directory, site, gateway, name, page, banner, evidence, clock, isWaived } = options;
  const people = createPeople({ store: openAccountStore(directory), evidence, clock });
  const { store, signIns } = people;
  const thread = createHashThread();
  const hasher = options.hasher ?? createPasswordHasher(BoxCost, thread.derive);
  const refused = createRefusedSignIns(people.note);
  // A page on loopback is opened as localhost, also through somebody's tunnel, and by no other name.
  const rpId = page.loopback ? 'localhost' : name;
  const reception: Reception = {
    people,
    clock,
    hasher,
    lockOut: createLockOut(clock),
    refused,
    challenges: createChallenges(clock),
    passkeys: { rpId, port: page.port, title: `Penstock ${site}` },
    site,
    gateway,
    name,
    banner,
    isWaived,
  };
  const sweeping = setInterval(people.sweep, SweepTime).unref();
  const folding = setInterval(refused.flush, FoldTime).unref();
  const known = (account: string) => {
    const found = store.find(account);
    return found === undefined ? undefined : knownOf(found, clock.wall());
  };

  return {
    handlers: {
      ...signInCalls(reception),
      ...sessionCalls(reception),
      ...factorCalls(reception),
      ...accountCalls(reception),
      ...resetCall(reception),
    },
    caller: (context, wants) => {
      const admission = admit(reception, context, wants);
      return admission.ok ? { ok: true, caller: admission.caller } : admission;
    },
    signedIn: (secret) => {
      const signIn = signIns.use(secret, 'carrier');
      if (signIn === undefined || signIn.locked || known(signIn.account)?.usable !== true) return undefined;
      return { account: signIn.account, session: signIn.id };
    },
    proveSecond: async (caller, second, challenge) => {
      const signIn = signIns.find(caller.session);
      if (signIn === undefined) return refuse('PST_NOT_SIGNED_IN');
      const bound = challenge === undefined ? {} : { bound: challenge };
      return proveIn(reception, signIn, second, { recovery: false, ...bound });
    },
    passkeyChallenge: async (caller, challenge) => {
      const signIn = signIns.find(caller.session);
      if (signIn === undefined) return refuse('PST_NOT_SIGNED_IN');
      if (rpId === '') return refuse('PST_NOT_NOW', NoName);
      const own = (store.find(caller.name)?.factors ?? []).filter((one) => one.kind === 'passkey');
      if (own.length === 0) return refuse('PST_NOT_NOW', 'The account has no passkey.');
      signIns.challenge(signIn, challenge);
      return { ok: true, options: await assertionOptions(reception.passkeys, challenge, own) };
    },
    find: known,
    isUsable: (account) => known(account)?.usable === true,
    resetWithin: (account, milliseconds) => {
      const resetAt = store.find(account)?.resetAt ?? 0;
      return resetAt !== 0 && clock.wall() < resetAt + milliseconds;
    },
    factorAt: (account) => {
      const proved = signIns
        .of(account)
        .flatMap(({ factorAt }) => (factorAt === undefined ? [] : [factorAt]));
      return proved.length === 0 ? undefined : Math.max(...proved);
    },
    onRevoked: people.onRevoked,
    troubles: store.troubles,
    restate: () => restate(store.all(), rpId),
    close: async () => {
      clearInterval(sweeping);
      clearInterval(folding);
      refused.flush();
      await people.settled();
      await thread.close();
    },
  };
}

/** How often ends are looked for, milliseconds. */
const SweepTime = 500;
