import { createHash, randomBytes } from 'node:crypto';
import type { CallContext, CallHandlers } from '../../../gateway/access/caller.ts';
import { createDesk, type Desk } from '../../../gateway/access/desk.ts';
import { type AccessRefusalCode, refuse } from '../../../gateway/access/refusals.ts';
import type { AccountBody, MeBody, Role } from '../../../gateway/ipc/account-body.ts';
import { type Call, type CallName, Calls, type Second } from '../../../gateway/ipc/calls.ts';
import type { GrantBody, OperationBody } from '../../../gateway/ipc/grant-body.ts';
import { qrSvg } from '../../../gateway/qr.ts';
import { type By, grantHandlers, type Known } from './fake-grants.ts';
import { account, me, passkeyOptions, welcome } from './people.ts';

/** A desk that behaves as the engine's does, over a plant that stands still: for tests of what fronts and pages do. */
export interface FakeDesk extends Desk {
  readonly accounts: Map<string, FakeAccount>;
  grants: GrantBody[];
  operations: OperationBody[];
  /** Secret of a sign-in, and what is known of it. */
  readonly sessions: Map<string, FakeSession>;
  /** Every call that arrived. */
  readonly calls: { readonly name: CallName; readonly context: CallContext }[];
  /** Signs somebody in past the front. */
  readonly signIn: (name: string) => string;
}

interface FakeAccount {
  body: AccountBody;
  password: string;
  invitation: string;
}

interface FakeSession {
  readonly name: string;
  locked: boolean;
}

/** The right code, always. */
export const Totp = '123456';
export const Password = 'a long enough password';

export function fakeDesk(): FakeDesk {
  const plant: { grants: GrantBody[]; operations: OperationBody[] } = { grants: [], operations: [] };
  const calls: { readonly name: CallName; readonly context: CallContext }[] = [];
  const accounts = new Map<string, FakeAccount>();
  const sessions = new Map<string, FakeSession>();
  const add = (name: string, fullName: string, roles: Role[], more: Partial<AccountBody> = {}): void => {
    accounts.set(name, {
      body: account({ name, fullName, roles, ...more }),
      password: Password,
      invitation: '',
    });
  };
  add('vera', 'Vera Lind', ['viewer']);
  add('olof', 'Olof Berg', ['operator'], { duties: ['shift-lead'] });
  add('ada', 'Ada Holm', ['approver', 'operator'], { duties: ['shift-lead'] });
  add('erik', 'Erik Ek', ['engineer']);
  add('auda', 'Auda Sund', ['auditor']);
  add('root', 'Rut Ot', ['administrator']);
  add('pavel', 'Pavel Novak', ['vendor'], { vendor: 'pumpco' });
  add('other', 'Olga Other', ['vendor'], { vendor: 'valveco' });
  add('newby', 'Nils Nyman', ['viewer'], { factors: [], recoveryCodes: 0 });

  const signIn = (name: string): string => {
    const secret = randomBytes(32).toString('base64url');
    sessions.set(secret, { name, locked: false });
    return secret;
  };
  const meOf = ({ name, locked }: FakeSession): MeBody => {
    const { body } = accounts.get(name) as FakeAccount;
    return me(body, { locked, mustEnrol: body.factors.length === 0 });
  };
  const secondIsRight = (second: Second): boolean =>
    second.kind === 'passkey' || (second.kind === 'totp' && second.code === Totp);

  function known(
    context: CallContext,
    roles: readonly Role[] = [],
    evenLocked = false,
  ): Known | AccessRefusalCode {
    const session = context.at === 'front' ? sessions.get(context.session) : undefined;
    if (session === undefined) return 'PST_NOT_SIGNED_IN';
    if (session.locked && !evenLocked) return 'PST_SCREEN_LOCKED';
    const { body } = accounts.get(session.name) as FakeAccount;
    if (roles.length > 0 && body.factors.length === 0) return 'PST_ENROL_FIRST';
    if (roles.length > 0 && !roles.some((role) => body.roles.includes(role))) return 'PST_NOT_PERMITTED';
    return { account: body, session };
  }
  const by: By =
    (roles, act, evenLocked = false) =>
    async (asks, context) => {
      const caller = known(context, roles, evenLocked);
      if (typeof caller === 'string') return refuse(caller);
      const body = act(asks, caller);
      return typeof body === 'string' ? refuse(body) : { ok: true, body };
    };
  const signedIn = (name: string) => {
    const session = signIn(name);
    return {
      ok: true as const,
      body: { session, csrf: 'of the engine', me: meOf(sessions.get(session) as FakeSession) },
    };
  };

  const handlers = {
    ...nothingElse(),
    welcome: async () => ({ ok: true, body: { ...welcome, empty: accounts.size === 0 } }),
    'sign-in-options': async () => ({ ok: true, body: { options: passkeyOptions() } }),
    'sign-in': async ({ name, password, second }) => {
      const found = accounts.get(name);
      const right =
        found !== undefined &&
        found.password === password &&
        (found.body.factors.length === 0 ? second.kind === 'none' : secondIsRight(second));
      return right ? signedIn(name) : refuse('PST_SIGN_IN_REFUSED');
    },
    'accept-invitation': async ({ name, code, password }) => {
      const found = accounts.get(name);
      if (found === undefined || found.invitation === '' || found.invitation !== code) {
        return refuse('PST_SIGN_IN_REFUSED');
      }
      Object.assign(found, { password, invitation: '', body: { ...found.body, state: 'active' } });
      return signedIn(name);
    },
    'sign-out': async (_asks, context) => {
      if (context.at === 'front') sessions.delete(context.session);
      return { ok: true, body: {} };
    },
    me: by<'me'>([], (_asks, { session }) => meOf(session), true),
    lock: by<'lock'>([], (_asks, { session }) => {
      session.locked = true;
      return {};
    }),
    unlock: by<'unlock'>(
      [],
      ({ password }, { session }) => {
        if (password !== Password) return 'PST_SIGN_IN_REFUSED';
        session.locked = false;
        return meOf(session);
      },
      true,
    ),
    'totp-begin': by<'totp-begin'>([], () => ({
      secret: 'JBSWY3DPEHPK3PXP',
      uri: 'otpauth://totp/x',
      qr: qrSvg('otpauth://totp/x'),
    })),
    'totp-finish': by<'totp-finish'>([], ({ code }, { account: { name } }) => {
      if (code !== Totp) return 'PST_NOT_WORD';
      const found = accounts.get(name) as FakeAccount;
      found.body = { ...found.body, factors: account().factors };
      return { codes: ['ABCD-EFGH-1234', 'IJKL-MNOP-5678'] };
    }),
    'passkey-begin': by<'passkey-begin'>([], () => ({ options: passkeyOptions() })),
    'passkey-finish': by<'passkey-finish'>([], (_asks, { account: { name } }) => {
      const found = accounts.get(name) as FakeAccount;
      found.body = { ...found.body, factors: [{ ...account().factors[0]!, id: 'F-9', kind: 'passkey' }] };
      return { codes: ['ABCD-EFGH-1234'] };
    }),
    accounts: by<'accounts'>(['administrator'], () => [...accounts.values()].map(({ body }) => body)),
    'account-add': by<'account-add'>(['administrator'], (asks: Partial<AccountBody> & { name: string }) => {
      if (accounts.has(asks.name)) return 'PST_NOT_NOW';
      const code = 'WXYZ-1234';
      const body = account({ ...asks, state: 'invited', factors: [] });
      accounts.set(asks.name, { body, password: '', invitation: code });
      return { name: asks.name, code, until: Date.now() + 86_400_000 };
    }),
    'account-set': by<'account-set'>(
      ['administrator'],
      ({ name, disabled, ...rest }: Partial<AccountBody> & { name: string; disabled?: boolean }) => {
        const found = accounts.get(name);
        if (found === undefined) return 'PST_NOT_HERE';
        found.body = {
          ...found.body,
          ...rest,
          ...(disabled === undefined ? {} : { state: disabled ? 'disabled' : 'active' }),
        };
        if (disabled === true)
          for (const [secret, one] of sessions) if (one.name === name) sessions.delete(secret);
        return found.body;
      },
    ),
    'account-reset': by<'account-reset'>(['administrator'], () => ({ state: 'waiting' as const })),
    'sign-ins': by<'sign-ins'>(['administrator', 'auditor'], () =>
      [...sessions.entries()].map(([secret, { name, locked }]) => ({
        session: publicName(secret),
        account: name,
        source: '127.0.0.1',
        means: 'totp' as const,
        since: Date.now() - 60_000,
        lastCall: Date.now(),
        locked,
      })),
    ),
    'sign-in-end': by<'sign-in-end'>(['administrator'], ({ session }) => {
      for (const secret of sessions.keys()) if (publicName(secret) === session) sessions.delete(secret);
      return {};
    }),
    ...grantHandlers(plant, by, secondIsRight),
  } satisfies CallHandlers<CallName>;

  const { answer } = createDesk(handlers, (cause) => {
    throw cause;
  });
  // One object, so that what a test replaces is what the handlers see.
  return Object.assign(plant, {
    accounts,
    sessions,
    calls,
    signIn,
    answer: (call: Call, context: CallContext) => {
      calls.push({ name: call.name, context });
      return answer(call, context);
    },
  });
}

/** Nobody gets at a sign-in by its public name. */
function publicName(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 12);
}

function nothingElse(): CallHandlers<CallName> {
  const refuses = Object.keys(Calls).map((name) => [name, async () => refuse('PST_NOT_DONE')]);
  return Object.fromEntries(refuses) as CallHandlers<CallName>;
}
