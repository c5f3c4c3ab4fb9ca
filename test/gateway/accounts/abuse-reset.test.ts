import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalRest } from '../../../gateway/accounts/account.ts';
import {
  addPerson,
  codeFrom,
  contextOf,
  enrol,
  firstAdministrator,
  freshCode,
  openWorld,
  type Person,
  signIn,
  type World,
} from './world.ts';

let world: World;
let ada: Person;
let bo: Person;
let pia: Person;
beforeEach(async () => {
  world = openWorld();
  ada = await firstAdministrator(world);
  bo = await addPerson(world, ada.session, 'bo', ['administrator']);
  pia = await addPerson(world, ada.session, 'pia', ['approver'], { duties: ['shift-lead'] });
});
afterEach(() => world.close());

const Why = 'lost the phone in the weir';
const YoungBoth = `${Why}; of these two ada and bo had an account for less than a day`;
const reset = (by: string, name = 'pia') => world.call('account-reset', { name, why: Why }, by);
const mayApprove = (session: string) =>
  world.book.caller(contextOf(session), { call: 'grant-approve', duties: ['shift-lead'] }).ok;

describe('a reset of somebody’s authenticators', () => {
  test('takes two administrators; both are on record', async () => {
    expect(await reset(ada.session)).toEqual({ ok: true, body: { state: 'waiting' } });
    expect(codeFrom(await world.call('me', {}, pia.session))).toBe('done');
    const done = await reset(bo.session);
    expect(done).toMatchObject({ ok: true, body: { state: 'done', invitation: { name: 'pia' } } });
    const acts = world.acts.filter((act) => act.kind === 'accountChanged' && act.what.startsWith('reset'));
    expect(acts).toEqual([
      { kind: 'accountChanged', account: 'pia', what: 'reset-asked', detail: Why, by: 'ada', second: '' },
      { kind: 'accountChanged', account: 'pia', what: 'reset', detail: YoungBoth, by: 'ada', second: 'bo' },
    ]);
  });

  test('tells an auditor of an administrator who may have been made for it', async () => {
    world.pass(2 * 86_400_000);
    const cy = await addPerson(world, 'console', 'cy', ['administrator']);
    await reset(await signIn(world, ada));
    await reset(cy.session);
    expect(world.acts.findLast((act) => act.kind === 'accountChanged')).toMatchObject({
      detail: `${Why}; of these two cy had an account for less than a day`,
    });
    await reset(await signIn(world, ada));
    await reset(await signIn(world, bo));
    expect(world.acts.findLast((act) => act.kind === 'accountChanged')).toMatchObject({ detail: Why });
  });

  test.for<[string, () => Promise<string>]>([
    ['by the same administrator twice', async () => ada.session],
    ['by the same one from another place', () => signIn(world, ada, '10.20.0.88')],
    ['by somebody who is no administrator', async () => pia.session],
  ])('is not done %s', async ([, second]) => {
    await reset(ada.session);
    const again = await reset(await second());
    expect(again.ok ? again.body.state : again.refusal.code).not.toBe('done');
    expect(codeFrom(await world.call('me', {}, pia.session))).toBe('done');
  });

  test('is not done by the person, nor as one of the two', async () => {
    expect(codeFrom(await reset(ada.session, 'ada'))).toBe('PST_NOT_PERMITTED');
    await reset(bo.session, 'ada');
    expect(codeFrom(await reset(ada.session, 'ada'))).toBe('PST_NOT_PERMITTED');
  });

  test('is not done by one person who says different names at the console', async () => {
    const console = (by: string) =>
      world.call('account-reset', { name: 'pia', why: Why }, { at: 'console', by });
    expect(await console('anna (as root)')).toMatchObject({ body: { state: 'waiting' } });
    expect(await console('bert (as root)')).toMatchObject({ body: { state: 'waiting' } });
    expect(await reset(bo.session)).toMatchObject({ body: { state: 'done' } });
  });

  test('is not done with the word of somebody who lost the role, nor with one of yesterday', async () => {
    await reset(ada.session);
    await world.done('account-set', { name: 'ada', disabled: true }, bo.session);
    expect(await reset(bo.session)).toMatchObject({ body: { state: 'waiting' } });
    world.pass(24 * 3_600_000);
    const cy = await addPerson(world, 'console', 'cy', ['administrator']);
    expect(await reset(cy.session)).toMatchObject({ body: { state: 'waiting' } });
  });

  test('wants a factor given just now', async () => {
    world.pass(14 * 60_000);
    await world.call('me', {}, ada.session);
    world.pass(2 * 60_000);
    expect(codeFrom(await reset(ada.session))).toBe('PST_FACTOR_NEEDED');
  });

  test('is done at the console alone only where no second administrator is left', async () => {
    expect(await reset('console', 'ada')).toMatchObject({ body: { state: 'waiting' } });
    await world.done('account-set', { name: 'bo', disabled: true }, ada.session);
    const { body } = (await reset('console', 'ada')) as { body: { state: string } };
    expect(body.state).toBe('done');
    expect(world.acts.findLast((act) => act.kind === 'accountChanged')).toMatchObject({
      what: 'reset',
      by: 'console:root',
      second: '',
      detail: expect.stringContaining('alone'),
    });
  });

  test('ends the sign-ins, voids password, factors and codes, and tells what no longer stands', async () => {
    const elsewhere = await signIn(world, pia);
    await reset(ada.session);
    await reset(bo.session);
    for (const session of [pia.session, elsewhere]) {
      expect(codeFrom(await world.call('me', {}, session))).toBe('PST_NOT_SIGNED_IN');
    }
    expect(world.revoked).toEqual(['pia factor-lost', 'pia account-revoked', 'pia approval-lost']);
    const asks = { name: 'pia', password: pia.password, second: freshCode(world, pia.secret) };
    expect(codeFrom(await world.call('sign-in', asks))).toBe('PST_SIGN_IN_REFUSED');
    const [code = ''] = pia.codes;
    const recovery = { ...asks, second: { kind: 'recovery', code } as const };
    expect(codeFrom(await world.call('sign-in', recovery))).toBe('PST_SIGN_IN_REFUSED');
  });

  test('lets nobody approve for a day with what was made anew, and receipts tell of it', async () => {
    expect(mayApprove(pia.session)).toBe(true);
    await reset(ada.session);
    const done = await reset(bo.session);
    if (!done.ok || done.body.invitation === undefined) throw new Error('no invitation');
    const thief = await enrol(world, done.body.invitation);
    expect(mayApprove(thief.session)).toBe(false);
    expect(world.book.find('pia')).toMatchObject({ usable: true, mayApprove: false });
    expect(world.book.resetWithin('pia', ApprovalRest)).toBe(true);
    expect((await world.done('me', {}, thief.session)).account.mayNotApproveUntil).toBe(
      world.time.wall + ApprovalRest,
    );
    await world.restart();
    world.pass(ApprovalRest - 60_000);
    expect(mayApprove(await signIn(world, thief))).toBe(false);
    world.pass(60_000);
    expect(mayApprove(await signIn(world, thief))).toBe(true);
    expect(world.book.resetWithin('pia', ApprovalRest)).toBe(false);
    expect(world.book.resetWithin('pia', 30 * 86_400_000)).toBe(true);
  });

  test('of an invitation that nobody took up takes one administrator and rests nothing', async () => {
    const asks = { fullName: 'Ida', duties: [], vendor: '', endsAt: 0, roles: ['approver' as const] };
    const former = await world.done('account-add', { name: 'ida', ...asks }, ada.session);
    const again = await reset(ada.session, 'ida');
    if (!again.ok || again.body.invitation === undefined) throw new Error('no invitation');
    const taken = { name: 'ida', code: former.code, password: 'four tanks of lime' };
    expect(codeFrom(await world.call('accept-invitation', taken))).toBe('PST_SIGN_IN_REFUSED');
    const ida = await enrol(world, again.body.invitation);
    expect(world.book.caller(contextOf(ida.session), { call: 'grant-approve' }).ok).toBe(true);
  });
});
