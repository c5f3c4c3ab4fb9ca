import { refuse } from '../access/refusals.ts';
import type { Second } from '../ipc/calls.ts';
import type { Account } from './account.ts';
import type { FactorProof, Refusal } from './account-book.ts';
import { LockOutTime, placeOf } from './lock-out.ts';
import type { Edit } from './people.ts';
import type { Reception } from './reception.ts';
import { useSecond } from './second-factors.ts';
import { MostFailures, type SignIn } from './sign-ins.ts';

/** What the proof is for. */
export interface ProofTerms {
  /** Whether a recovery code will do. */
  readonly recovery: boolean;
  /** What a passkey must have signed; where nothing is bound, a challenge of `sign-in-options`. */
  readonly bound?: Uint8Array;
}

/** Proves the second factor of somebody who is signed in. Wrong ones end the sign-in, and lock the account, in time. */
export async function proveIn(
  reception: Reception,
  signIn: SignIn,
  second: Second,
  { recovery, bound }: ProofTerms,
): Promise<FactorProof | Refusal> {
  const { people, clock, challenges, passkeys } = reception;
  let why = '';
  let proof: FactorProof | undefined;

  const isExpected = (challenge: Uint8Array): boolean => {
    if (bound === undefined) {
      const subjects = [signIn.id, strangerAt(placeOf(signIn.source))];
      return subjects.some((subject) => challenges.isOpen(challenge, subject));
    }
    const text = textOf(bound);
    return textOf(challenge) === text && (signIn.challenges.get(text) ?? 0) > clock.monotonic();
  };
  const done = await people.change(
    signIn.account,
    async (account) => {
      const used = await useSecond(account, { second, recovery, isExpected }, passkeys, clock);
      if (!used.ok) {
        why = used.why;
        return { ok: false, refusal: used.refusal };
      }
      proof = { ...used.proof, weak: bound === undefined || used.proof.weak };
      if (bound !== undefined) signIn.challenges.delete(textOf(bound));
      else if (used.challenge !== undefined) challenges.use(used.challenge);
      return editOf(used.next, used.act);
    },
    signIn,
  );
  if (why !== '') await failIn(reception, signIn, 'factor', why);
  if (!done.ok) return done;
  // The account may have been changed while the proof was judged: then nobody proved anything.
  if (people.signIns.find(signIn.id) !== signIn) return refuse('PST_NOT_SIGNED_IN');
  signIn.factorAt = clock.monotonic();
  // A factor that is added now has nothing behind it but a sheet of paper.
  if (proof?.means === 'recovery') signIn.means = 'recovery';
  signIn.failures = 0;
  return proof ?? refuse('PST_NOT_DONE');
}

/** Counts a wrong password or factor of somebody who is signed in. */
export async function failIn(
  reception: Reception,
  signIn: SignIn,
  wrong: 'password' | 'factor',
  why: string,
): Promise<void> {
  const { people, refused } = reception;
  signIn.failures += 1;
  refused.add(signIn.account, signIn.source, `in session: ${why}`);
  await suspect(reception, signIn.account, wrong);
  if (signIn.failures >= MostFailures) people.signIns.end(signIn, 'too many wrong passwords or codes');
}

/** Counts a failure against an account, and locks it when that is one too many. */
export async function suspect(
  { people, lockOut, clock }: Reception,
  name: string,
  wrong: 'password' | 'factor',
): Promise<void> {
  const lockedFor = lockOut.suspect(name, wrong);
  if (lockedFor === undefined) return;
  await people.change(name, (account: Account) => {
    const detail =
      lockedFor === 'everybody'
        ? 'wrong second factors after the right password'
        : 'wrong passwords, for places it was never signed in from';
    return {
      ok: true,
      next: { ...account, lockedUntil: clock.wall() + LockOutTime, lockedFor },
      act: { kind: 'accountChanged', account: name, what: 'locked', detail, by: '', second: '' },
    };
  });
}

/** Whom a challenge is for that was asked for without a sign-in. */
export function strangerAt(place: string): string {
  return `stranger at ${place}`;
}

/** An edit with its act, where there is one. */
export function editOf(next: Account, act: Edit['act'] | undefined, effect?: () => void): Edit {
  return {
    ok: true,
    next,
    ...(act === undefined ? {} : { act }),
    ...(effect === undefined ? {} : { effect }),
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
