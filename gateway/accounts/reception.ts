import type { CallContext, Caller } from '../access/caller.ts';
import { refuse } from '../access/refusals.ts';
import type { Clock } from '../clock.ts';
import { type Account, knownOf, mayNotApproveUntil } from './account.ts';
import type { Admission, Refusal, Wants } from './account-book.ts';
import { CallRights, whyNot } from './call-rights.ts';
import type { Challenges } from './challenges.ts';
import type { LockOut } from './lock-out.ts';
import type { PasskeyPlace } from './passkeys.ts';
import type { PasswordHasher } from './password-hash.ts';
import type { People } from './people.ts';
import type { RefusedSignIns } from './refused-sign-ins.ts';
import type { SignIn } from './sign-ins.ts';

/** What every call about people works with. */
export interface Reception {
  readonly people: People;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  readonly lockOut: LockOut;
  readonly refused: RefusedSignIns;
  readonly challenges: Challenges;
  readonly passkeys: PasskeyPlace;
  readonly site: string;
  readonly gateway: string;
  /** DNS name of the box, or empty. */
  readonly name: string;
  readonly banner: string;
  /** Whether the zone model lets this account do without a second factor. */
  readonly isWaived: (account: string) => boolean;
}

/** A person who called through the front and may. */
export interface Admitted {
  readonly ok: true;
  readonly caller: Caller;
  readonly signIn: SignIn;
  readonly account: Account;
}

/** Who calls, wherever they do; see `AccountBook.caller`. */
export function admit(reception: Reception, context: CallContext, wants: Wants): Admission {
  if (context.at === 'front') return admitSignedIn(reception, context, wants);
  if (!CallRights[wants.call].console) {
    return refuse('PST_NOT_PERMITTED', 'It is asked for on the page, by somebody who is signed in.');
  }
  return { ok: true, caller: atConsole(context.by) };
}

/** The same where only a person who is signed in will do. */
export function admitSignedIn(
  { people, clock, isWaived }: Reception,
  context: CallContext,
  wants: Wants,
): Admitted | Refusal {
  if (context.at === 'console') {
    return refuse('PST_NOT_PERMITTED', 'It is asked for on the page, by somebody who is signed in.');
  }
  const carried = wants.call === 'carrier-open' || wants.call === 'carrier-grants';
  const how = carried ? 'carrier' : context.attended ? 'attended' : 'unattended';
  const signIn = people.signIns.use(context.session, how);
  const account = signIn === undefined ? undefined : people.store.find(signIn.account);
  if (signIn === undefined || account === undefined) return refuse('PST_NOT_SIGNED_IN');
  const known = knownOf(account, clock.wall());
  if (!known.usable) {
    people.signIns.end(signIn, 'the account cannot be used');
    return refuse('PST_NOT_SIGNED_IN');
  }
  const mayApprove = mayNotApproveUntil(account, clock.wall()) === 0;
  const standing = {
    ...known,
    mayApprove,
    locked: signIn.locked,
    mustEnrol: mustEnrol(account, isWaived),
    factorAt: signIn.factorAt,
  };
  const refusal = whyNot(wants.call, standing, wants, clock.monotonic());
  if (refusal !== undefined) return { ok: false, refusal };
  const { name, fullName, roles, duties, vendor } = known;
  const { id: session, factorAt } = signIn;
  const caller = {
    name,
    fullName,
    roles,
    duties,
    vendor,
    session,
    at: 'front',
    factorAt,
    mayApprove,
  } as const;
  return { ok: true, caller, signIn, account };
}

/** Whether a second factor has to be added before anything else. */
export function mustEnrol({ name, factors }: Account, isWaived: (account: string) => boolean): boolean {
  return factors.length === 0 && !isWaived(name);
}

/** No account has a colon in its name: whoever acts at the console is told apart in every record. */
function atConsole(by: string): Caller {
  return {
    name: `${Console}${by}`,
    fullName: '',
    roles: [],
    duties: [],
    vendor: '',
    session: '',
    at: 'console',
    factorAt: undefined,
    mayApprove: false,
  };
}

/** What the name of everybody at the console begins with. */
export const Console = 'console:';
