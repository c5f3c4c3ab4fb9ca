import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CallRights, FreshFactor, type Standing, whyNot } from '../../../gateway/accounts/call-rights.ts';
import { type Role, Roles } from '../../../gateway/ipc/account-body.ts';
import { type CallName, Calls } from '../../../gateway/ipc/calls.ts';
import { addPerson, contextOf, firstAdministrator, openWorld, type World } from './world.ts';

/**
 * Who may make each call, written down a second time: v viewer, o operator, p approver, e engineer, u auditor,
 * a administrator, n vendor; * anybody, + whoever is signed in; c at the console.
 */
const Expected: Readonly<Record<CallName, string>> = {
  welcome: '* c',
  'sign-in-options': '*',
  'sign-in': '*',
  'accept-invitation': '*',
  'sign-out': '+',
  me: '+',
  lock: '+',
  unlock: '+',
  'prove-factor': '+',
  'totp-begin': '+',
  'totp-finish': '+',
  'passkey-begin': '+',
  'passkey-finish': '+',
  'factor-remove': '+',
  'recovery-codes': '+',
  'change-password': '+',
  accounts: 'ua c',
  'account-add': 'a c',
  'account-set': 'a c',
  'account-reset': 'a c',
  'account-unlock': 'a c',
  'sign-ins': 'ua c',
  'sign-in-end': '+ c',
  'first-administrator': ' c',
  offer: 'n',
  grants: 'vopeuan c',
  grant: 'vopeuan c',
  'grant-request': 'n',
  'grant-challenge': 'pe',
  'grant-approve': 'p',
  'grant-break-glass': 'pe',
  'grant-deny': 'pn',
  'grant-end': 'opean c',
  'grant-end-all': 'opea c',
  'grant-extend': 'n',
  'grant-credentials': 'n',
  'grant-receipt': 'vopeuan c',
  operations: 'vopeua c',
  'switch-mode': 'oe',
  evidence: 'vopeua c',
  'evidence-accept': 'a c',
  'evidence-witness': 'ua c',
  'carrier-open': '*',
  'carrier-grants': 'n',
};

const Letters: Readonly<Record<Role, string>> = {
  viewer: 'v',
  operator: 'o',
  approver: 'p',
  engineer: 'e',
  auditor: 'u',
  administrator: 'a',
  vendor: 'n',
};

const calls = Object.keys(Calls) as CallName[];
const pairs = calls.flatMap((call) => Roles.map((role): [CallName, Role] => [call, role]));
const standing = (change: Partial<Standing>): Standing => ({
  roles: [],
  duties: [],
  locked: false,
  mustEnrol: false,
  mayApprove: true,
  factorAt: 1_000,
  ...change,
});
const code = (call: CallName, change: Partial<Standing>) =>
  whyNot(call, standing(change), {}, 1_000)?.code ?? 'may';
/** What a role gets through the front. */
const expected = (call: CallName, role: Role): string => {
  if (call === 'first-administrator') return 'PST_CONSOLE_ONLY';
  const [who = ''] = Expected[call].split(' ');
  return /[*+]/.test(who) || who.includes(Letters[role]) ? 'may' : 'PST_NOT_PERMITTED';
};

describe('every call', () => {
  test('has a row here and in the table', () => {
    expect(Object.keys(Expected).sort()).toEqual([...calls].sort());
    expect(Object.keys(CallRights).sort()).toEqual([...calls].sort());
  });

  test.for(pairs)('%s is judged as written for %s', ([call, role]) => {
    expect(code(call, { roles: [role] })).toBe(expected(call, role));
  });

  test.for(calls)('%s is refused to somebody without a role unless it is for everybody', (call) => {
    const open = /^[*+]/.test(Expected[call]);
    const refusal = call === 'first-administrator' ? 'PST_CONSOLE_ONLY' : 'PST_NOT_PERMITTED';
    expect(code(call, { roles: [] })).toBe(open ? 'may' : refusal);
  });

  test.for(calls)('%s is shut to a locked sign-in, but for what unlocks, leaves or tells of it', (call) => {
    if (CallRights[call].who === 'anybody') return;
    const open = ['unlock', 'sign-out', 'me', 'lock'].includes(call);
    const roles = [...Roles];
    const refusal = call === 'first-administrator' ? 'PST_CONSOLE_ONLY' : 'PST_SCREEN_LOCKED';
    expect(code(call, { roles, locked: true })).toBe(open ? 'may' : refusal);
  });

  test.for(calls)('%s waits for a second factor, but for what enrols one or leaves', (call) => {
    if (CallRights[call].who === 'anybody') return;
    const enrols = ['totp-begin', 'totp-finish', 'passkey-begin', 'passkey-finish'];
    const open = [...enrols, 'unlock', 'sign-out', 'me', 'lock'].includes(call);
    const refusal = call === 'first-administrator' ? 'PST_CONSOLE_ONLY' : 'PST_ENROL_FIRST';
    expect(code(call, { roles: [...Roles], mustEnrol: true })).toBe(open ? 'may' : refusal);
  });

  test.for(calls)('%s is no approval within a day of a reset', (call) => {
    const approves = ['grant-approve', 'grant-break-glass'].includes(call);
    const roles = [...Roles];
    expect(code(call, { roles, mayApprove: false }) === 'PST_NOT_PERMITTED').toBe(approves);
  });

  test.for(calls)('%s wants a factor given just now where it changes what others may', (call) => {
    const account = ['account-add', 'account-set', 'account-reset', 'account-unlock'].includes(call);
    const fresh = account || call === 'evidence-accept';
    const roles = [...Roles];
    for (const factorAt of [undefined, 1_000 - FreshFactor - 1]) {
      expect(code(call, { roles, factorAt }) === 'PST_FACTOR_NEEDED').toBe(fresh);
    }
  });
});

describe('a narrower wish', () => {
  test('asks for one of several duties', () => {
    const roles: Role[] = ['approver'];
    const judge = (duties: readonly string[]) =>
      whyNot('grant-approve', standing({ roles, duties }), { duties: ['shift-lead', 'ot-engineer'] }, 0)
        ?.code;
    expect(judge(['ot-engineer'])).toBeUndefined();
    expect(judge(['shift-leader'])).toBe('PST_NOT_PERMITTED');
    expect(judge([])).toBe('PST_NOT_PERMITTED');
  });

  test('asks for a factor within its own time, and never loosens the table', () => {
    const roles: Role[] = ['approver', 'administrator'];
    const judge = (call: CallName, age: number, freshFactor: number) =>
      whyNot(call, standing({ roles, factorAt: 0 }), { freshFactor }, age)?.code;
    expect(judge('grant-approve', 60_000, 60_000)).toBeUndefined();
    expect(judge('grant-approve', 60_001, 60_000)).toBe('PST_FACTOR_NEEDED');
    expect(judge('account-add', FreshFactor + 1, 10 * FreshFactor)).toBe('PST_FACTOR_NEEDED');
  });
});

describe('through the account book', () => {
  let world: World;
  const sessions = new Map<Role, string>();
  beforeAll(async () => {
    world = openWorld();
    const ada = await firstAdministrator(world);
    sessions.set('administrator', ada.session);
    for (const role of Roles) {
      if (role === 'administrator') continue;
      sessions.set(role, (await addPerson(world, ada.session, `one-${role}`, [role])).session);
    }
  });
  afterAll(() => world.close());

  test.for(pairs)('%s by %s comes to the same', ([call, role]) => {
    const admission = world.book.caller(contextOf(sessions.get(role) ?? ''), { call });
    expect(admission.ok ? 'may' : admission.refusal.code).toBe(expected(call, role));
    if (admission.ok) expect(admission.caller).toMatchObject({ roles: [role], at: 'front' });
  });

  test.for(calls)('%s at the console', (call) => {
    const admission = world.book.caller(contextOf('console'), { call });
    expect(admission.ok).toBe(Expected[call].endsWith(' c'));
    if (admission.ok) {
      expect(admission.caller).toMatchObject({ name: 'console:root', roles: [], mayApprove: false });
    }
  });

  test.for(calls)('%s with a secret that nobody has', (call) => {
    const admission = world.book.caller(contextOf('x'.repeat(43)), { call });
    expect(admission).toMatchObject({ ok: false, refusal: { code: 'PST_NOT_SIGNED_IN' } });
  });
});
