import { type AccessRefusal, refuse } from '../access/refusals.ts';
import type { Role } from '../ipc/account-body.ts';
import type { CallName } from '../ipc/calls.ts';

/** Who may make a call at all; what a call does beyond that asks for more by itself. */
export interface CallRight {
  /** One of these roles; `anybody` needs no sign-in, `signed-in` no role. */
  readonly who: 'anybody' | 'signed-in' | readonly Role[];
  /** Whether it can be made at the console: by whoever may open the control socket, without roles. */
  readonly console: boolean;
  /** A locked sign-in may make it (62443-3-3 SR 2.5). */
  readonly whileLocked?: true;
  /** An account without a second factor may make it. Every other call waits for one (SR 1.1 RE3). */
  readonly beforeEnrolment?: true;
  /** It changes who may do what: wants a second factor given within {@link FreshFactor}. */
  readonly fresh?: true;
  /** It gives an approval: not within a day of a reset of the account's authenticators. */
  readonly approves?: true;
}

/** How long a second factor counts as just given, for acts that change rights. Milliseconds. */
export const FreshFactor = 15 * 60_000;

const Everybody = [
  'viewer',
  'operator',
  'approver',
  'engineer',
  'auditor',
  'administrator',
  'vendor',
] as const;
const Plant = ['viewer', 'operator', 'approver', 'engineer', 'auditor', 'administrator'] as const;
const Ends = ['operator', 'approver', 'engineer', 'administrator'] as const;

const Self = { who: 'signed-in', console: false } as const;
const SelfBeforeEnrolment = { ...Self, beforeEnrolment: true } as const;

/**
 * Every call and who may make it (62443-3-3 SR 2.1 RE1, RE2). Handlers narrow it further: a vendor sees what is
 * their own, an approval wants the duty that the zone model names.
 */
export const CallRights: { readonly [N in CallName]: CallRight } = {
  welcome: { who: 'anybody', console: true },
  'sign-in-options': { who: 'anybody', console: false },
  'sign-in': { who: 'anybody', console: false },
  'accept-invitation': { who: 'anybody', console: false },
  'sign-out': { ...SelfBeforeEnrolment, whileLocked: true },
  me: { ...SelfBeforeEnrolment, whileLocked: true },
  lock: { ...SelfBeforeEnrolment, whileLocked: true },
  unlock: { ...SelfBeforeEnrolment, whileLocked: true },
  'prove-factor': Self,
  'totp-begin': SelfBeforeEnrolment,
  'totp-finish': SelfBeforeEnrolment,
  'passkey-begin': SelfBeforeEnrolment,
  'passkey-finish': SelfBeforeEnrolment,
  'factor-remove': Self,
  'recovery-codes': Self,
  'change-password': Self,
  accounts: { who: ['administrator', 'auditor'], console: true },
  'account-add': { who: ['administrator'], console: true, fresh: true },
  'account-set': { who: ['administrator'], console: true, fresh: true },
  'account-reset': { who: ['administrator'], console: true, fresh: true },
  'account-unlock': { who: ['administrator'], console: true, fresh: true },
  'sign-ins': { who: ['administrator', 'auditor'], console: true },
  'sign-in-end': { who: 'signed-in', console: true },
  'first-administrator': { who: [], console: true },
  offer: { who: ['vendor'], console: false },
  grants: { who: Everybody, console: true },
  grant: { who: Everybody, console: true },
  'grant-request': { who: ['vendor'], console: false },
  'grant-challenge': { who: ['approver', 'engineer'], console: false },
  'grant-approve': { who: ['approver'], console: false, approves: true },
  'grant-break-glass': { who: ['approver', 'engineer'], console: false, approves: true },
  'grant-deny': { who: ['approver', 'vendor'], console: false },
  'grant-end': { who: [...Ends, 'vendor'], console: true },
  'grant-end-all': { who: Ends, console: true },
  'grant-extend': { who: ['vendor'], console: false },
  'grant-credentials': { who: ['vendor'], console: false },
  'grant-receipt': { who: Everybody, console: true },
  operations: { who: Plant, console: true },
  'switch-mode': { who: ['operator', 'engineer'], console: false },
  evidence: { who: Plant, console: true },
  'evidence-accept': { who: ['administrator'], console: true, fresh: true },
  'evidence-witness': { who: ['auditor', 'administrator'], console: true },
  // A TLS carrier has no sign-in: the client certificate of the grant stands for it.
  'carrier-open': { who: 'anybody', console: false },
  'carrier-grants': { who: ['vendor'], console: false },
};

/** What is known of a sign-in when it makes a call. Times are monotonic milliseconds. */
export interface Standing {
  readonly roles: readonly Role[];
  readonly duties: readonly string[];
  readonly locked: boolean;
  readonly mustEnrol: boolean;
  readonly mayApprove: boolean;
  readonly factorAt: number | undefined;
}

/** What one call asks for beyond its row in the table. */
export interface Narrower {
  readonly duties?: readonly string[] | undefined;
  readonly freshFactor?: number | undefined;
}

/** Why somebody who is signed in may not make this call now, or undefined where they may. */
export function whyNot(
  call: CallName,
  standing: Standing,
  narrower: Narrower,
  now: number,
): AccessRefusal | undefined {
  const right = CallRights[call];
  const { locked, mustEnrol, mayApprove, factorAt, duties } = standing;
  if (call === 'first-administrator') return refuse('PST_CONSOLE_ONLY').refusal;
  if (locked && right.whileLocked !== true) return refuse('PST_SCREEN_LOCKED').refusal;
  if (mustEnrol && right.beforeEnrolment !== true) return refuse('PST_ENROL_FIRST').refusal;
  if (!holdsRole(right.who, standing.roles)) return refuse('PST_NOT_PERMITTED').refusal;
  if (narrower.duties !== undefined && !narrower.duties.some((one) => duties.includes(one))) {
    return refuse('PST_NOT_PERMITTED', `It wants the duty ${narrower.duties.join(' or ')}.`).refusal;
  }
  if (right.approves === true && !mayApprove) return refuse('PST_NOT_PERMITTED', AfterReset).refusal;
  const within = Math.min(right.fresh === true ? FreshFactor : Infinity, narrower.freshFactor ?? Infinity);
  if (within !== Infinity && !(factorAt !== undefined && now - factorAt <= within)) {
    return refuse('PST_FACTOR_NEEDED').refusal;
  }
  return undefined;
}

function holdsRole(who: CallRight['who'], roles: readonly Role[]): boolean {
  return typeof who === 'string' || roles.some((role) => who.includes(role));
}

const AfterReset = 'The authenticators of this account were reset less than a day ago.';
