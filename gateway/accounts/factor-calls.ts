import { randomBytes, randomUUID } from 'node:crypto';
import type { CallContext, CallHandlers } from '../access/caller.ts';
import { refuse } from '../access/refusals.ts';
import type { RecoveryCodesBody } from '../ipc/account-body.ts';
import { type Account, MostFactors } from './account.ts';
import type { Refusal } from './account-book.ts';
import { FreshFactor } from './call-rights.ts';
import { digestOfCode, newCode } from './one-time-codes.ts';
import { passkeyDetail } from './passkey-record.ts';
import { credentialOf, enrolmentOptions, readEnrolment } from './passkeys.ts';
import { passwordProblem } from './passwords.ts';
import { editOf, failIn, proveIn } from './prove.ts';
import { type Admitted, admitSignedIn, type Reception } from './reception.ts';
import { describeMe, NoName, passwordAct } from './sign-in-calls.ts';
import { newTotpSecret, stepOfCode, totpInvitation } from './totp.ts';

type FactorCall =
  | 'totp-begin'
  | 'totp-finish'
  | 'passkey-begin'
  | 'passkey-finish'
  | 'factor-remove'
  | 'recovery-codes'
  | 'change-password';

type Enrolment = 'totp-begin' | 'totp-finish' | 'passkey-begin' | 'passkey-finish';

/** By which means an account proves who it is: each person sees to their own. */
export function factorCalls(reception: Reception): CallHandlers<FactorCall> {
  const { people, clock, hasher, passkeys } = reception;

  /** Whoever found a screen open must not add a factor of their own: a further one wants a factor just given. */
  function enrolling(context: CallContext, call: Enrolment): Admitted | Refusal {
    const who = admitSignedIn(reception, context, { call });
    if (!who.ok || who.account.factors.length === 0) return who;
    if (who.account.factors.length >= MostFactors)
      return refuse('PST_NOT_NOW', `At most ${MostFactors} factors.`);
    return admitSignedIn(reception, context, { call, freshFactor: FreshFactor });
  }

  /** Adds it, with recovery codes where it is the first. */
  async function add(
    { signIn }: Admitted,
    factor: Account['factors'][number],
    detail: string,
  ): Promise<{ readonly ok: true; readonly body: RecoveryCodesBody } | Refusal> {
    let codes: readonly string[] = [];
    const done = await people.change(
      signIn.account,
      (account) => {
        if (isTaken(factor)) return refuse('PST_NOT_WORD', 'That passkey belongs to an account already.');
        codes = account.factors.length === 0 ? newCodes() : [];
        const next = {
          ...account,
          factors: [...account.factors, factor],
          ...(codes.length === 0 ? {} : { recoveryCodes: codes.map(digestOfCode) }),
          // Whoever got in by a recovery code alone must not approve with a factor made a minute later.
          ...(signIn.means === 'recovery' ? { resetAt: clock.wall() } : {}),
        };
        return editOf(next, changed(account.name, factor.kind, detail));
      },
      signIn,
    );
    if (!done.ok) return done;
    signIn.factorAt = clock.monotonic();
    return { ok: true, body: { codes: [...codes] } };
  }

  function isTaken(factor: Account['factors'][number]): boolean {
    if (factor.kind === 'totp') return false;
    const all = people.store.all().flatMap(({ factors }) => factors);
    return all.some((one) => one.kind === 'passkey' && one.credential === factor.credential);
  }

  return {
    'totp-begin': async (_, context) => {
      const who = enrolling(context, 'totp-begin');
      if (!who.ok) return who;
      const secret = newTotpSecret();
      who.signIn.newTotp = secret;
      const issuer = reception.name === '' ? `${reception.site} ${reception.gateway}` : reception.name;
      return { ok: true, body: { secret, ...totpInvitation(secret, who.caller.name, issuer) } };
    },

    'totp-finish': async ({ code, label }, context) => {
      const who = enrolling(context, 'totp-finish');
      if (!who.ok) return who;
      const { signIn } = who;
      const secret = signIn.newTotp;
      if (secret === '') return refuse('PST_NOT_NOW', 'No authenticator is being added.');
      const now = clock.wall();
      const step = stepOfCode(secret, code, now);
      if (step === undefined) {
        await failIn(reception, signIn, 'factor', 'wrong code at enrolment');
        return refuse(
          'PST_NOT_WORD',
          'The code does not belong to this secret; look at the clock of the device.',
        );
      }
      signIn.newTotp = '';
      const base = { id: randomUUID(), label, since: now, lastUsed: now };
      return add(who, { kind: 'totp', ...base, secret, lastStep: step }, label);
    },

    'passkey-begin': async (_, context) => {
      const who = enrolling(context, 'passkey-begin');
      if (!who.ok) return who;
      if (passkeys.rpId === '') return refuse('PST_NOT_NOW', NoName);
      const challenge = randomBytes(32);
      who.signIn.newPasskey = challenge.toString('base64url');
      const { name, fullName, factors } = who.account;
      const own = factors.filter((one) => one.kind === 'passkey');
      const options = await enrolmentOptions(passkeys, { name, fullName, passkeys: own }, challenge);
      return { ok: true, body: { options } };
    },

    'passkey-finish': async ({ response, label }, context) => {
      const who = enrolling(context, 'passkey-finish');
      if (!who.ok) return who;
      const { signIn } = who;
      const challenge = signIn.newPasskey;
      if (challenge === '') return refuse('PST_NOT_NOW', 'No passkey is being added.');
      signIn.newPasskey = '';
      const made = await readEnrolment(passkeys, response, challenge);
      const detail = made === undefined ? undefined : await passkeyDetail(made, passkeys.rpId);
      if (made === undefined || detail === undefined || credentialOf(response) !== made.credential) {
        await failIn(reception, signIn, 'factor', 'wrong passkey at enrolment');
        return refuse('PST_NOT_WORD', 'The passkey was not made for this page.');
      }
      const now = clock.wall();
      const base = { id: randomUUID(), label, since: now, lastUsed: now };
      return add(who, { kind: 'passkey', ...base, ...made }, detail);
    },

    'factor-remove': async ({ factor: id, second }, context) => {
      const who = admitSignedIn(reception, context, { call: 'factor-remove' });
      if (!who.ok) return who;
      const { signIn, account } = who;
      if (!account.factors.some((one) => one.id === id)) return refuse('PST_NOT_HERE');
      const proof = await proveIn(reception, signIn, second, { recovery: true });
      if (!proof.ok) return proof;
      const done = await people.change(
        account.name,
        (now) => {
          const gone = now.factors.find((one) => one.id === id);
          if (gone === undefined) return refuse('PST_NOT_HERE');
          if (now.factors.length === 1)
            return refuse('PST_NOT_NOW', 'It is the only one; add another first.');
          const name = gone.kind === 'passkey' ? gone.credential : gone.label;
          const next = { ...now, factors: now.factors.filter((one) => one !== gone) };
          return editOf(next, changed(now.name, gone.kind, `removed ${name}`));
        },
        signIn,
      );
      return done.ok ? { ok: true, body: describeMe(reception, done.account, signIn) } : done;
    },

    'recovery-codes': async ({ second }, context) => {
      const who = admitSignedIn(reception, context, { call: 'recovery-codes' });
      if (!who.ok) return who;
      const proof = await proveIn(reception, who.signIn, second, { recovery: false });
      if (!proof.ok) return proof;
      const codes = newCodes();
      const done = await people.change(who.account.name, (account) =>
        editOf(
          { ...account, recoveryCodes: codes.map(digestOfCode) },
          changed(account.name, 'recovery-codes', `${codes.length} new ones`),
        ),
      );
      return done.ok ? { ok: true, body: { codes: [...codes] } } : done;
    },

    'change-password': async ({ old, password }, context) => {
      const who = admitSignedIn(reception, context, { call: 'change-password' });
      if (!who.ok) return who;
      const { account, signIn } = who;
      const problem =
        old === password ? 'It is the password there is.' : passwordProblem(password, account.name);
      if (problem !== '') return refuse('PST_NOT_WORD', problem);
      const right = await hasher.verify(old, account.password, true);
      if (right === undefined) return refuse('PST_SLOW_DOWN');
      if (!right) {
        await failIn(reception, signIn, 'password', 'password at changing it');
        return refuse('PST_NOT_PERMITTED', 'The old password is not right.');
      }
      const hash = await hasher.hash(password);
      if (hash === undefined) return refuse('PST_SLOW_DOWN');
      const done = await people.change(
        account.name,
        (now) =>
          now.password === account.password
            ? editOf({ ...now, password: hash }, passwordAct(now.name, 'by its owner'))
            : refuse('PST_NOT_NOW'),
        signIn,
      );
      return done.ok ? { ok: true, body: describeMe(reception, done.account, signIn) } : done;
    },
  };
}

function changed(account: string, what: string, detail: string) {
  return { kind: 'accountChanged', account, what, detail, by: account, second: '' } as const;
}

function newCodes(): readonly string[] {
  return Array.from({ length: RecoveryCodes }, newCode);
}

/** Recovery codes somebody is given at once. */
const RecoveryCodes = 10;
