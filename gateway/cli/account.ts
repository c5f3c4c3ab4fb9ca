import type { AccountBody, InvitationBody, ResetBody, Role } from '../ipc/account-body.ts';
import { Roles } from '../ipc/account-body.ts';
import { readTime } from './check.ts';
import { type CallOptions, callAtConsole, printAnswer } from './console-call.ts';
import { UsageError } from './output.ts';
import { formatTable } from './table.ts';

/** `penstock account list`: every account, what it may, and how it is. */
export async function listAccounts(options: CallOptions): Promise<number> {
  return printAnswer(await callAtConsole('accounts', {}, options), options, describeAccounts);
}

/**
 * `penstock account first-administrator NAME`: the one account that nobody else has to make. Prints its invitation.
 * @returns 1 when there are accounts already
 */
export async function firstAdministrator(
  name: string,
  options: CallOptions & { readonly fullName: string },
): Promise<number> {
  const asks = { name: accountName(name), fullName: options.fullName };
  return printAnswer(await callAtConsole('first-administrator', asks, options), options, describeInvitation);
}

export interface AddOptions extends CallOptions {
  readonly fullName: string;
  readonly role: readonly string[];
  readonly duty?: readonly string[];
  readonly vendor?: string;
  /** Time. */
  readonly ends?: string;
}

/** `penstock account add NAME`: a new account; prints its invitation. */
export async function addAccount(name: string, options: AddOptions): Promise<number> {
  const asks = {
    name: accountName(name),
    fullName: options.fullName,
    roles: options.role.map(roleName),
    duties: [...(options.duty ?? [])],
    vendor: options.vendor ?? '',
    endsAt: options.ends === undefined ? 0 : readTime('--ends', options.ends),
  };
  return printAnswer(await callAtConsole('account-add', asks, options), options, describeInvitation);
}

/** `penstock account disable NAME`: at once, with everything that hangs on it. */
export async function disableAccount(name: string, options: CallOptions): Promise<number> {
  const asks = { name: accountName(name), disabled: true };
  const answer = await callAtConsole('account-set', asks, options);
  return printAnswer(answer, options, () => `${name} is disabled; its sign-ins and grants have ended`);
}

/** `penstock account unlock NAME`: ends a lock-out before its time. */
export async function unlockAccount(name: string, options: CallOptions): Promise<number> {
  const answer = await callAtConsole('account-unlock', { name: accountName(name) }, options);
  return printAnswer(answer, options, () => `${name} may sign in again`);
}

/** `penstock account reset NAME`: one half of it; an administrator on the page says the other. */
export async function resetAccount(
  name: string,
  options: CallOptions & { readonly reason: string },
): Promise<number> {
  const asks = { name: accountName(name), why: options.reason };
  return printAnswer(await callAtConsole('account-reset', asks, options), options, describeReset);
}

/** The accounts as a table, the plainest first. */
export function describeAccounts(accounts: readonly AccountBody[]): string {
  if (accounts.length === 0)
    return 'nobody has an account; penstock account first-administrator makes the first';
  const rows = accounts.map((one) => [
    one.name,
    one.fullName,
    one.roles.join(' '),
    one.duties.join(' '),
    one.vendor,
    one.state,
    remarks(one),
  ]);
  return formatTable([['name', 'person', 'roles', 'duties', 'vendor', 'state', ''], ...rows]);
}

function remarks(one: AccountBody): string {
  const words = [one.factors.length === 0 ? 'no second factor' : ''];
  if (one.signIns > 0) words.push(`signed in ×${one.signIns}`);
  if (one.endsAt !== 0) words.push(`ends ${moment(one.endsAt)}`);
  if (one.lockedUntil !== 0) words.push(`locked until ${moment(one.lockedUntil)}`);
  if (one.mayNotApproveUntil !== 0) words.push(`may not approve until ${moment(one.mayNotApproveUntil)}`);
  if (one.resetAskedBy !== '') words.push(`reset asked for by ${one.resetAskedBy}`);
  return words.filter((word) => word !== '').join(', ');
}

function describeInvitation({ name, code, until }: InvitationBody): string {
  return `invitation for ${name}  ${code}
  Hand it over in person. It is good once, until ${moment(until)}, for a password on the page; it is not shown again.`;
}

function describeReset({ state, invitation }: ResetBody): string {
  if (state === 'done' && invitation !== undefined) return describeInvitation(invitation);
  return 'on record; an administrator has to ask for the same on the page within a day';
}

function accountName(name: string): string {
  if (/^[a-z0-9][a-z0-9._@-]{0,63}$/.test(name)) return name;
  throw new UsageError(
    `${name} is no name of an account.`,
    'Use small letters, digits and . _ @ -, at most 64, with a letter or digit first.',
  );
}

function roleName(role: string): Role {
  const known = Roles.find((one) => one === role);
  if (known !== undefined) return known;
  throw new UsageError(`There is no role ${role}.`, `Roles are ${Roles.join(', ')}.`);
}

function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
