import type { CallHandlers } from '../access/caller.ts';
import { refuse } from '../access/refusals.ts';
import type { AccountBody, InvitationBody } from '../ipc/account-body.ts';
import type { Asks } from '../ipc/calls.ts';
import { type Account, contradiction, describeAccount, inviteAccount, type NewAccount } from './account.ts';
import type { Refusal } from './account-book.ts';
import { digestOfCode, newCode } from './one-time-codes.ts';
import { editOf } from './prove.ts';
import { admit, type Reception } from './reception.ts';

type AccountsCall = 'accounts' | 'account-add' | 'account-set' | 'account-unlock' | 'first-administrator';

/** Who has an account and what it may: for administrators, and at the console (62443-3-3 SR 1.3, SR 1.4). */
export function accountCalls(reception: Reception): CallHandlers<AccountsCall> {
  const { people, clock, lockOut } = reception;
  const { store } = people;

  const describe = (account: Account): AccountBody =>
    describeAccount(account, people.signIns.of(account.name).length, clock.wall());

  async function add(
    given: NewAccount,
    by: string,
    may: () => Refusal | undefined,
  ): Promise<{ readonly ok: true; readonly body: InvitationBody } | Refusal> {
    const code = newCode();
    const now = clock.wall();
    const account = inviteAccount(given, digestOfCode(code), now);
    const done = await people.add(() => {
      const refused = may();
      if (refused !== undefined) return refused;
      if (store.isTaken(given.name)) return refuse('PST_NOT_NOW', Taken);
      if (store.all().length >= MostAccounts) return refuse('PST_NOT_NOW', 'There are too many accounts.');
      return editOf(account, changed(given.name, 'added', describeRights(given), by));
    });
    if (!done.ok) return done;
    return { ok: true, body: { name: given.name, code, until: account.invitationUntil } };
  }

  return {
    accounts: async (_, context) => {
      const who = admit(reception, context, { call: 'accounts' });
      return who.ok ? { ok: true, body: store.all().map(describe) } : who;
    },

    'account-add': async (asks, context) => {
      const who = admit(reception, context, { call: 'account-add' });
      if (!who.ok) return who;
      const given = { ...asks, roles: distinct(asks.roles), duties: distinct(asks.duties) };
      const problem = contradiction(given, clock.wall());
      if (problem !== '') return refuse('PST_NOT_WORD', problem);
      return add(given, who.caller.name, () => undefined);
    },

    'first-administrator': async ({ name, fullName }, context) => {
      if (context.at !== 'console') return refuse('PST_CONSOLE_ONLY');
      const who = admit(reception, context, { call: 'first-administrator' });
      if (!who.ok) return who;
      const rights = { roles: ['administrator'], duties: [], vendor: '', endsAt: 0 } as const;
      const given = { name, fullName, ...rights, roles: [...rights.roles], duties: [] };
      return add(given, who.caller.name, () =>
        store.isEmpty() ? undefined : refuse('PST_NOT_NOW', 'There are accounts already.'),
      );
    },

    'account-set': async (asks, context) => {
      const who = admit(reception, context, { call: 'account-set' });
      if (!who.ok) return who;
      const { caller } = who;
      const { name, fullName: _, ...rights } = asks;
      if (caller.name === name && Object.keys(rights).length > 0)
        return refuse('PST_NOT_PERMITTED', NotOneself);
      const done = await people.change(name, (account) => {
        const next = withChanges(account, asks);
        const ofRights = rights.roles !== undefined || rights.endsAt !== undefined;
        const problem = ofRights ? contradiction(next, clock.wall()) : '';
        if (problem !== '') return refuse('PST_NOT_WORD', problem);
        const what = account.disabled === next.disabled ? 'changed' : next.disabled ? 'disabled' : 'enabled';
        return editOf(next, changed(name, what, describeRights(next), caller.name));
      });
      return done.ok ? { ok: true, body: describe(done.account) } : done;
    },

    'account-unlock': async ({ name }, context) => {
      const who = admit(reception, context, { call: 'account-unlock' });
      if (!who.ok) return who;
      const done = await people.change(name, (account) =>
        editOf({ ...account, lockedUntil: 0 }, changed(name, 'unlocked', '', who.caller.name)),
      );
      if (!done.ok) return done;
      lockOut.forgive(name);
      return { ok: true, body: describe(done.account) };
    },
  };
}

function withChanges(account: Account, asks: Asks<'account-set'>): Account {
  const { fullName, roles, duties, endsAt, disabled } = asks;
  return {
    ...account,
    fullName: fullName ?? account.fullName,
    roles: roles === undefined ? account.roles : distinct(roles),
    duties: duties === undefined ? account.duties : distinct(duties),
    endsAt: endsAt ?? account.endsAt,
    disabled: disabled ?? account.disabled,
  };
}

/** What an auditor reads later of an account's rights. */
/** How an act tells what an account may; verifying reads it out again. */
export function describeRights({ fullName, roles, duties, vendor, endsAt }: NewAccount): string {
  const words = [fullName, roles.join(' ')];
  if (duties.length > 0) words.push(`duties ${duties.join(' ')}`);
  if (vendor !== '') words.push(`of ${vendor}`);
  if (endsAt !== 0) words.push(`until ${new Date(endsAt).toISOString()}`);
  return words.join(', ');
}

function changed(account: string, what: string, detail: string, by: string) {
  return { kind: 'accountChanged', account, what, detail, by, second: '' } as const;
}

function distinct<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}

const Taken = 'The name is taken; it stays with the person who had it first.';
const NotOneself = 'Nobody changes their own rights; another administrator does.';

/** Accounts the box keeps. */
const MostAccounts = 1000;
