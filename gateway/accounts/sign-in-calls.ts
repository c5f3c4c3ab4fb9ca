import type { CallContext, CallHandlers } from '../access/caller.ts';
import { refuse } from '../access/refusals.ts';
import { csrfToken } from '../front/api/csrf.ts';
import type { Means, MeBody, SignedInBody } from '../ipc/account-body.ts';
import { type Account, describeAccount, stateOf } from './account.ts';
import type { Refusal } from './account-book.ts';
import { placeOf } from './lock-out.ts';
import { isCode } from './one-time-codes.ts';
import { assertionOptions } from './passkeys.ts';
import { passwordProblem } from './passwords.ts';
import { editOf, strangerAt, suspect } from './prove.ts';
import { mustEnrol, type Reception } from './reception.ts';
import { useSecond } from './second-factors.ts';
import { IdleTime, LongestTime, newSignInId, type SignIn } from './sign-ins.ts';

type SignInCall = 'welcome' | 'sign-in-options' | 'sign-in' | 'accept-invitation';

/** How people get in. Whatever is wrong, the answer is the same: nobody learns which names there are. */
export function signInCalls(reception: Reception): CallHandlers<SignInCall> {
  const { people, clock, hasher, lockOut, refused, challenges, passkeys } = reception;

  /** Where from and as whom somebody tries, unless they have to wait. */
  function arrive(context: CallContext, typed: string) {
    if (context.at === 'console') return undefined;
    const name = typed.trim().toLowerCase();
    const place = placeOf(context.source);
    const { source } = context;
    const waits = lockOut.arrive(place, name) > 0;
    if (waits) refused.add(people.store.find(name)?.name ?? '', place, 'too many tries');
    return { name, source, place, waits };
  }

  async function fail(
    name: string,
    place: string,
    why: string,
    wrong?: 'password' | 'factor',
  ): Promise<Refusal> {
    const known = people.store.find(name);
    lockOut.failed(place, name);
    refused.add(known?.name ?? '', place, why);
    if (known !== undefined && wrong !== undefined) {
      const familiar = known.places.includes(place);
      // A person who mistypes at their own desk does not lock others' places out.
      if (wrong === 'factor' || !familiar) await suspect(reception, known.name, wrong);
    }
    return refuse('PST_SIGN_IN_REFUSED');
  }

  function open(account: Account, id: string, source: string, means: Means): SignedInBody {
    const factorAt = means === 'password' ? undefined : clock.monotonic();
    const session = people.signIns.open({ id, account: account.name, source, means, factorAt });
    const signIn = people.signIns.find(id);
    if (signIn === undefined) throw new Error('a sign-in that was opened is not there');
    return { session, csrf: csrfToken(session), me: describeMe(reception, account, signIn) };
  }

  return {
    welcome: async () => {
      const { site, gateway, banner } = reception;
      const name = passkeys.rpId;
      return { ok: true, body: { site, gateway, name, banner, empty: people.store.isEmpty() } };
    },

    'sign-in-options': async (_, context) => {
      if (context.at === 'console') return refuse('PST_NOT_PERMITTED');
      if (passkeys.rpId === '') return refuse('PST_NOT_NOW', NoName);
      const signIn = people.signIns.use(context.session, 'unattended');
      const subject = signIn?.id ?? strangerAt(placeOf(context.source));
      const own = signIn === undefined ? [] : (people.store.find(signIn.account)?.factors ?? []);
      const offered = own.filter((one) => one.kind === 'passkey');
      const options = await assertionOptions(passkeys, challenges.issue(subject), offered);
      return { ok: true, body: { options } };
    },

    'sign-in': async ({ name: typed, password, second }, context) => {
      const here = arrive(context, typed);
      if (here === undefined || context.at === 'console') return refuse('PST_NOT_PERMITTED');
      const { name, place, source } = here;
      if (here.waits) return refuse('PST_SLOW_DOWN');
      const known = people.store.find(name);
      const familiar = known?.places.includes(place) ?? false;
      const right = await hasher.verify(password, known?.password ?? '', familiar);
      if (right === undefined) return refuse('PST_SLOW_DOWN');
      if (!right) return fail(name, place, 'password', 'password');

      const formerly = people.signIns.use(context.session, 'unattended');
      const isExpected = (challenge: Uint8Array): boolean =>
        challenges.isOpen(challenge, strangerAt(place)) ||
        (formerly !== undefined && challenges.isOpen(challenge, formerly.id));
      let why = '';
      let body: SignedInBody | undefined;
      const done = await people.change(name, async (account) => {
        why = whyShut(account, familiar, clock.wall());
        if (why !== '' || account.password !== known?.password) return refuse('PST_SIGN_IN_REFUSED');
        const used =
          account.factors.length === 0
            ? undefined
            : await useSecond(account, { second, recovery: true, isExpected }, passkeys, clock);
        if (used?.ok === false) {
          why = `factor: ${used.why}`;
          return refuse('PST_SIGN_IN_REFUSED');
        }
        if (used?.challenge !== undefined) challenges.use(used.challenge);
        const means = used?.proof.means ?? 'password';
        const id = newSignInId();
        const next = { ...(used?.next ?? account), ...seenAt(account, place, clock.wall()) };
        const act = { kind: 'signedIn', account: name, session: id, source, means } as const;
        if (used?.act !== undefined) people.note(used.act);
        return editOf(next, act, () => {
          body = open(next, id, source, means);
        });
      });
      if (why !== '') return fail(name, place, why, why.startsWith('factor') ? 'factor' : undefined);
      if (!done.ok) return done;
      lockOut.succeeded(place, name);
      return body === undefined ? refuse('PST_NOT_DONE') : { ok: true, body };
    },

    'accept-invitation': async ({ name: typed, code, password }, context) => {
      const here = arrive(context, typed);
      if (here === undefined) return refuse('PST_NOT_PERMITTED');
      const { name, place, source } = here;
      if (here.waits) return refuse('PST_SLOW_DOWN');
      const problem = passwordProblem(password, name);
      if (problem !== '') return refuse('PST_NOT_WORD', problem);
      const known = people.store.find(name);
      const fits = isCode(code, known?.invitation ?? '');
      if (!fits || known === undefined || !isInvited(known, clock.wall())) {
        return fail(name, place, 'invitation');
      }
      const hash = await hasher.hash(password);
      if (hash === undefined) return refuse('PST_SLOW_DOWN');
      let body: SignedInBody | undefined;
      const done = await people.change(name, (account) => {
        const now = clock.wall();
        if (!isInvited(account, now) || !isCode(code, account.invitation))
          return refuse('PST_SIGN_IN_REFUSED');
        const first = { activeSince: account.activeSince === 0 ? now : account.activeSince };
        const seen = seenAt(account, place, now);
        const next = { ...account, ...first, ...seen, password: hash, invitation: '', invitationUntil: 0 };
        const id = newSignInId();
        return editOf(next, passwordAct(name, 'by invitation'), () => {
          people.note({ kind: 'signedIn', account: name, session: id, source, means: 'password' });
          body = open(next, id, source, 'password');
        });
      });
      if (!done.ok) return done;
      lockOut.succeeded(place, name);
      return body === undefined ? refuse('PST_NOT_DONE') : { ok: true, body };
    },
  };
}

/** What somebody who is signed in is told of themselves. */
export function describeMe(
  { people, clock, banner, isWaived }: Reception,
  account: Account,
  signIn: SignIn,
): MeBody {
  const now = clock.wall();
  /** The wall clock as it is now: what is told is for people, what counts runs on the monotonic one. */
  const wall = (monotonic: number): number => Math.round(now + monotonic - clock.monotonic());
  const endsAt = wall(signIn.startedAt + LongestTime);
  return {
    account: describeAccount(account, people.signIns.of(account.name).length, now),
    session: signIn.id,
    means: signIn.means,
    signedInAt: signIn.since,
    factorAt: signIn.factorAt === undefined ? 0 : wall(signIn.factorAt),
    endsAt,
    idleEndsAt: signIn.carried ? endsAt : Math.min(endsAt, wall(signIn.lastCall + IdleTime)),
    locked: signIn.locked,
    mustEnrol: mustEnrol(account, isWaived),
    banner,
  };
}

/** On record when a password was set; what it is stands nowhere. */
export function passwordAct(account: string, detail: string) {
  return { kind: 'accountChanged', account, what: 'password', detail, by: account, second: '' } as const;
}

/** Why an account cannot be signed in to from here, or ''. */
function whyShut(account: Account, familiar: boolean, now: number): string {
  const state = stateOf(account, now);
  if (state === 'locked') return familiar && account.lockedFor === 'strangers' ? '' : 'account locked';
  return state === 'active' ? '' : `account ${state}`;
}

function isInvited(account: Account, now: number): boolean {
  return stateOf(account, now) === 'invited' && account.invitation !== '' && now < account.invitationUntil;
}

function seenAt({ places }: Account, place: string, now: number): Pick<Account, 'places' | 'lastSignIn'> {
  return { places: [place, ...places.filter((one) => one !== place)].slice(0, MostPlaces), lastSignIn: now };
}

/** Said where there is no name to bind passkeys to. */
export const NoName = 'This box has no name (name: in gateway.yaml), so passkeys cannot be used.';

/** Places an account is remembered to have been signed in from. */
const MostPlaces = 8;
