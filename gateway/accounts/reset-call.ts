import type { CallHandlers } from '../access/caller.ts';
import { refuse } from '../access/refusals.ts';
import type { InvitationBody } from '../ipc/account-body.ts';
import {
  type Account,
  ApprovalRest,
  InvitationTime,
  knownOf,
  resetAskedBy,
  withoutAuthenticators,
} from './account.ts';
import { digestOfCode, newCode } from './one-time-codes.ts';
import { editOf } from './prove.ts';
import { admit, Console, type Reception } from './reception.ts';

/**
 * A person who has lost what they prove themselves with gets a new invitation. It takes two different administrators,
 * neither of them that person: one alone could else become anybody (62443-3-3 SR 1.5, SR 2.1 RE4). The console counts
 * as one, whoever sits there; alone it may do it only where no second administrator is left. An invitation nobody has
 * taken up yet may be given again by one.
 */
export function resetCall(reception: Reception): CallHandlers<'account-reset'> {
  const { people, clock, lockOut } = reception;

  /** Whether some other administrator could say the same. */
  function canBeSeconded(by: string, subject: string): boolean {
    return people.store.all().some((account) => {
      const { usable, hasFactor, roles } = knownOf(account, clock.wall());
      const other = account.name !== by && account.name !== subject;
      return other && usable && hasFactor && roles.includes('administrator');
    });
  }

  /** An administrator made a day ago may be a second name of the first one: an auditor is told. */
  function youngAmong(names: readonly string[], now: number): string {
    const young = names.filter((one) => now < (people.store.find(one)?.createdAt ?? 0) + ApprovalRest);
    return young.length === 0 ? '' : `of these two ${young.join(' and ')} had an account for less than a day`;
  }

  /** Whether who asked first may still do so. */
  function stillMay(by: string): boolean {
    const account = people.store.find(by);
    if (account === undefined) return by.startsWith(Console);
    const { usable, roles } = knownOf(account, clock.wall());
    return usable && roles.includes('administrator');
  }

  return {
    'account-reset': async ({ name, why }, context) => {
      const who = admit(reception, context, { call: 'account-reset' });
      if (!who.ok) return who;
      const by = who.caller.name;
      if (by === name) return refuse('PST_NOT_PERMITTED', 'Nobody resets their own authenticators.');
      let invitation: InvitationBody | undefined;
      const done = await people.change(name, (account) => {
        const now = clock.wall();
        const first = resetAskedBy(account, now);
        const seconded = first !== '' && identity(first) !== identity(by) && stillMay(first);
        const alone = account.activeSince === 0 || (isConsole(by) && !canBeSeconded(by, name));
        const act = (what: string, one: string, second: string, detail: string) =>
          ({ kind: 'accountChanged', account: name, what, detail, by: one, second }) as const;
        if (!seconded && !alone) {
          const asked = { ...account, resetAskedBy: by, resetAskedAt: now };
          return editOf(asked, act('reset-asked', by, '', why));
        }
        const code = newCode();
        invitation = { name, code, until: now + InvitationTime };
        const [asker, second] = seconded ? [first, by] : [by, ''];
        const lone = account.activeSince === 0 ? NeverUsed : Alone;
        const remark = seconded ? youngAmong([asker, second], now) : lone;
        const detail = [why, remark].filter((words) => words !== '').join('; ');
        const next = afterReset(account, digestOfCode(code), now);
        return editOf(next, act('reset', asker, second, detail));
      });
      if (!done.ok) return done;
      if (invitation === undefined) return { ok: true, body: { state: 'waiting' } };
      lockOut.forgive(name);
      return { ok: true, body: { state: 'done', invitation } };
    },
  };
}

function afterReset(account: Account, invitation: string, now: number): Account {
  return {
    ...account,
    ...withoutAuthenticators(invitation, now),
    lockedUntil: 0,
    places: [],
    resetAt: account.activeSince === 0 ? 0 : now,
    resetAskedBy: '',
    resetAskedAt: 0,
  };
}

function isConsole(by: string): boolean {
  return by.startsWith(Console);
}

/** What somebody says of themselves at the console makes no second person of them. */
function identity(by: string): string {
  return isConsole(by) ? Console : by;
}

const NeverUsed = 'its invitation was never accepted';
const Alone = 'at the console alone: no second administrator is left';
