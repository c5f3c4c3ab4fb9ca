import type { CallHandlers } from '../access/caller.ts';
import { refuse } from '../access/refusals.ts';
import { failIn, proveIn } from './prove.ts';
import { admit, admitSignedIn, type Reception } from './reception.ts';
import { describeMe } from './sign-in-calls.ts';

type SessionCall = 'sign-out' | 'me' | 'lock' | 'unlock' | 'prove-factor' | 'sign-ins' | 'sign-in-end';

/** What somebody does with a sign-in, their own or, as an administrator, another's. */
export function sessionCalls(reception: Reception): CallHandlers<SessionCall> {
  const { people, clock, hasher } = reception;
  return {
    'sign-out': async (_, context) => {
      const who = admitSignedIn(reception, context, { call: 'sign-out' });
      if (!who.ok) return who;
      people.signIns.end(who.signIn, 'asked to');
      return { ok: true, body: {} };
    },

    me: async (_, context) => {
      const who = admitSignedIn(reception, context, { call: 'me' });
      return who.ok ? { ok: true, body: describeMe(reception, who.account, who.signIn) } : who;
    },

    lock: async (_, context) => {
      const who = admitSignedIn(reception, context, { call: 'lock' });
      if (!who.ok) return who;
      who.signIn.locked = true;
      return { ok: true, body: {} };
    },

    unlock: async ({ password }, context) => {
      const who = admitSignedIn(reception, context, { call: 'unlock' });
      if (!who.ok) return who;
      const { account, signIn } = who;
      const right = await hasher.verify(password, account.password, true);
      if (right === undefined) return refuse('PST_SLOW_DOWN');
      if (!right) {
        await failIn(reception, signIn, 'password', 'password at unlocking');
        return refuse('PST_SIGN_IN_REFUSED');
      }
      // It may have ended while the password was hashed.
      if (people.signIns.find(signIn.id) !== signIn) return refuse('PST_NOT_SIGNED_IN');
      signIn.locked = false;
      signIn.lastCall = clock.monotonic();
      signIn.failures = 0;
      return { ok: true, body: describeMe(reception, account, signIn) };
    },

    'prove-factor': async ({ second }, context) => {
      const who = admitSignedIn(reception, context, { call: 'prove-factor' });
      if (!who.ok) return who;
      const proof = await proveIn(reception, who.signIn, second, { recovery: true });
      if (!proof.ok) return proof;
      const account = people.store.find(who.account.name) ?? who.account;
      return { ok: true, body: describeMe(reception, account, who.signIn) };
    },

    'sign-ins': async (_, context) => {
      const who = admit(reception, context, { call: 'sign-ins' });
      if (!who.ok) return who;
      const { wall, monotonic } = clock;
      const body = people.signIns.all().map(({ id, account, source, means, since, lastCall, locked }) => ({
        session: id,
        account,
        source,
        means,
        since,
        lastCall: Math.round(wall() + lastCall - monotonic()),
        locked,
      }));
      return { ok: true, body };
    },

    'sign-in-end': async ({ session }, context) => {
      const who = admit(reception, context, { call: 'sign-in-end' });
      if (!who.ok) return who;
      const { caller } = who;
      const signIn = people.signIns.find(session);
      const may =
        signIn?.account === caller.name || caller.at === 'console' || caller.roles.includes('administrator');
      if (signIn === undefined || !may) return refuse('PST_NOT_HERE');
      people.signIns.end(signIn, `ended by ${caller.name}`);
      return { ok: true, body: {} };
    },
  };
}
