import { createHash, randomBytes } from 'node:crypto';
import type { CallHandler } from '../../../gateway/access/caller.ts';
import type { AccessRefusalCode } from '../../../gateway/access/refusals.ts';
import type { AccountBody, Role } from '../../../gateway/ipc/account-body.ts';
import type { Answers, Asks, CallName, Second } from '../../../gateway/ipc/calls.ts';
import type { GrantBody, OperationBody } from '../../../gateway/ipc/grant-body.ts';
import { credentials, evidence, grant, offer, passkeyOptions, receipt } from './people.ts';

/** Somebody who is signed in at the fake desk. */
export interface Known {
  readonly account: AccountBody;
  readonly session: { readonly name: string; locked: boolean };
}

/** Makes a handler for whoever is signed in, in one of these roles where some are given. */
export type By = <N extends CallName>(
  roles: readonly Role[],
  act: (asks: Asks<N>, caller: Known) => Answers<N> | AccessRefusalCode,
  evenLocked?: boolean,
) => CallHandler<N>;

/** What the fake desk does about granted sessions. */
export function grantHandlers(
  desk: { grants: GrantBody[]; readonly operations: OperationBody[] },
  by: By,
  secondIsRight: (second: Second) => boolean,
) {
  const mine = (id: string, { account: { roles, name } }: Known): GrantBody | undefined =>
    desk.grants.find((one) => one.id === id && (!roles.includes('vendor') || one.person === name));
  const change = (id: string, caller: Known, changes: Partial<GrantBody>): GrantBody | AccessRefusalCode => {
    const found = mine(id, caller);
    if (found === undefined) return 'PST_NOT_HERE';
    const next = { ...found, ...changes };
    desk.grants = desk.grants.map((one) => (one === found ? next : one));
    return next;
  };
  const approve = (breakGlass: boolean) =>
    by<'grant-approve'>(Acting, ({ grant: id, digest, second }, caller) => {
      if (!secondIsRight(second)) return 'PST_FACTOR_NEEDED';
      const found = mine(id, caller);
      if (found === undefined) return 'PST_NOT_HERE';
      if (found.digest !== digest || found.state !== 'requested') return 'PST_NOT_NOW';
      const now = Date.now();
      return change(id, caller, {
        state: 'open',
        openedAt: now,
        endsAt: now + found.length,
        secondsLeft: found.length / 1000,
        missing: [],
        breakGlass,
        approvals: [
          {
            by: caller.account.name,
            role: 'shift-lead',
            at: now,
            means: breakGlass ? 'break-glass' : second.kind === 'passkey' ? 'passkey' : 'totp',
            weak: second.kind !== 'passkey',
          },
        ],
      });
    });
  const end = (changes: Partial<GrantBody>): Partial<GrantBody> => ({
    state: 'closed',
    closedAt: Date.now(),
    secondsLeft: 0,
    receipt: true,
    channels: [],
    ...changes,
  });
  return {
    offer: by<'offer'>(['vendor'], (_asks, { account: { vendor } }) =>
      offer.filter((one) => one.vendor === vendor),
    ),
    grants: by<'grants'>([], (_asks, caller) =>
      desk.grants.filter((one) => mine(one.id, caller) !== undefined),
    ),
    grant: by<'grant'>([], ({ grant: id }, caller) => mine(id, caller) ?? 'PST_NOT_HERE'),
    'grant-request': by<'grant-request'>(['vendor'], (asks, { account: { name, fullName, vendor } }) => {
      if (asks.vendor !== vendor) return 'PST_NOT_HERE';
      const { targets, ...rest } = asks;
      const known = offer.find((one) => one.vendor === vendor)?.targets ?? [];
      const made = grant({
        ...rest,
        id: `G-${randomBytes(4).toString('hex').toUpperCase()}`,
        digest: createHash('sha256').update(JSON.stringify(asks)).digest('hex'),
        person: name,
        fullName,
        targets: known.filter(({ id }) => targets.includes(id)),
        requestedAt: Date.now(),
      });
      desk.grants.unshift(made);
      return made;
    }),
    'grant-challenge': by<'grant-challenge'>(Acting, () => ({ options: passkeyOptions() })),
    'grant-approve': approve(false),
    'grant-break-glass': approve(true),
    'grant-deny': by<'grant-deny'>([...Acting, 'vendor'], ({ grant: id, why }, caller) =>
      change(id, caller, { state: 'refused', why, closedBy: caller.account.name, closedAt: Date.now() }),
    ),
    'grant-end': by<'grant-end'>([...Acting, 'vendor'], ({ grant: id, why }, caller) =>
      change(id, caller, end({ cause: 'grant-stopped', why, closedBy: caller.account.name })),
    ),
    'grant-end-all': by<'grant-end-all'>(Acting, ({ why }, caller) => {
      desk.grants = desk.grants.map((one) =>
        one.state === 'open'
          ? { ...one, ...end({ cause: 'grant-stopped', why, closedBy: caller.account.name }) }
          : one,
      );
      return desk.grants;
    }),
    'grant-extend': by<'grant-extend'>(['vendor', ...Acting], ({ grant: id, length }, caller) =>
      change(id, caller, { extension: length, code: 'EXTD-0001' }),
    ),
    'grant-credentials': by<'grant-credentials'>(['vendor'], ({ grant: id }, caller) =>
      mine(id, caller)?.state === 'open' ? credentials(id) : 'PST_NOT_NOW',
    ),
    'grant-receipt': by<'grant-receipt'>([], ({ grant: id }, caller) =>
      mine(id, caller)?.receipt === true ? receipt : 'PST_NOT_NOW',
    ),
    operations: by<'operations'>([], ({ after }, caller) =>
      desk.operations.filter((one) => one.number > after && mine(one.grant, caller) !== undefined),
    ),
    evidence: by<'evidence'>(
      ['auditor', 'operator', 'approver', 'administrator', 'viewer', 'engineer'],
      () => evidence,
    ),
    'evidence-witness': by<'evidence-witness'>(['auditor', 'administrator'], ({ note }) =>
      note.includes('—') ? { ...evidence, witnessedSize: evidence.size } : 'PST_NOT_WORD',
    ),
  };
}

const Acting: readonly Role[] = ['operator', 'approver', 'administrator'];
