import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  FreeTries,
  FreeTriesOfPlace,
  LockOutTime,
  MostFromStrangers,
} from '../../../gateway/accounts/lock-out.ts';
import { MostKinds } from '../../../gateway/accounts/refused-sign-ins.ts';
import {
  addPerson,
  codeFrom,
  codeOf,
  Desk,
  firstAdministrator,
  freshCode,
  None,
  openWorld,
  type Person,
  signIn,
  type World,
} from './world.ts';

let world: World;
let ada: Person;
let olle: Person;
beforeEach(async () => {
  world = openWorld();
  ada = await firstAdministrator(world);
  olle = await addPerson(world, ada.session, 'olle', ['operator']);
});
afterEach(() => world.close());

/** Tries a password, with no factor. */
const guess = (name: string, source: string, password = 'not the password') =>
  world.call('sign-in', { name, password, second: None }, { source });

describe('a code', () => {
  test('is taken once, not again, and not by a second factor proof either', async () => {
    const second = freshCode(world, olle.secret);
    const asks = { name: 'olle', password: olle.password, second };
    expect(codeFrom(await world.call('sign-in', asks))).toBe('done');
    expect(codeFrom(await world.call('sign-in', asks))).toBe('PST_SIGN_IN_REFUSED');
    expect(codeFrom(await world.call('prove-factor', { second }, olle.session))).toBe('PST_FACTOR_NEEDED');
  });

  test('used before a restart is not taken after it', async () => {
    const second = freshCode(world, olle.secret);
    const asks = { name: 'olle', password: olle.password, second };
    expect(codeFrom(await world.call('sign-in', asks))).toBe('done');
    await world.restart();
    expect(codeFrom(await world.call('sign-in', asks))).toBe('PST_SIGN_IN_REFUSED');
  });

  test('given twice at the same time is taken once', async () => {
    const second = freshCode(world, olle.secret);
    const asks = { name: 'olle', password: olle.password, second };
    const both = await Promise.all([world.call('sign-in', asks), world.call('sign-in', asks)]);
    expect(both.map(codeFrom).sort()).toEqual(['PST_SIGN_IN_REFUSED', 'done']);
  });

  test('of a minute ago or of the minute to come is not taken, of half a minute is', async () => {
    const asks = (code: string) => ({
      name: 'olle',
      password: olle.password,
      second: { kind: 'totp', code } as const,
    });
    world.pass(120_000);
    const old = codeOf(world, olle.secret);
    world.pass(60_000);
    expect(codeFrom(await world.call('sign-in', asks(old)))).toBe('PST_SIGN_IN_REFUSED');
    const slow = codeOf(world, olle.secret);
    world.pass(30_000);
    expect(codeFrom(await world.call('sign-in', asks(slow)))).toBe('done');
    // Older than the one just taken, though within the window.
    expect(codeFrom(await world.call('sign-in', asks(slow)))).toBe('PST_SIGN_IN_REFUSED');
  });

  test.for(['', '12345', '1234567', 'abcdef', '１２３４５６', '-12345', '1e5000', '      '])(
    '%j is none',
    async (code) => {
      const second = { kind: 'totp', code } as const;
      expect(codeFrom(await world.call('prove-factor', { second }, olle.session))).toBe('PST_FACTOR_NEEDED');
    },
  );

  test('guessed with the right password locks the account for everybody, soon and for a while', async () => {
    const wrong = { kind: 'totp', code: '000000' } as const;
    let tries = 0;
    for (let place = 0; place < 6; place += 1) {
      for (let one = 0; one < FreeTries - 1; one += 1) {
        const asks = { name: 'olle', password: olle.password, second: wrong };
        await world.call('sign-in', asks, { source: `203.0.113.${place}` });
        tries += 1;
      }
    }
    expect(tries).toBeLessThan(30);
    expect(world.acts).toContainEqual(expect.objectContaining({ what: 'locked', account: 'olle', by: '' }));
    const right = () => ({ name: 'olle', password: olle.password, second: freshCode(world, olle.secret) });
    expect(codeFrom(await world.call('sign-in', right()))).toBe('PST_SIGN_IN_REFUSED');
    expect(await world.done('accounts', {}, 'console')).toContainEqual(
      expect.objectContaining({ name: 'olle', state: 'locked' }),
    );
    // Whoever works goes on working.
    expect(codeFrom(await world.call('me', {}, olle.session))).toBe('done');
    world.pass(LockOutTime);
    expect(codeFrom(await world.call('sign-in', right()))).toBe('done');
  });

  test('guessed in an open session ends it', async () => {
    for (let one = 0; one < 5; one += 1) {
      const second = { kind: 'totp', code: String(one).repeat(6) } as const;
      await world.call('prove-factor', { second }, olle.session);
    }
    expect(codeFrom(await world.call('me', {}, olle.session))).toBe('PST_NOT_SIGNED_IN');
    expect(world.acts.at(-1)).toMatchObject({ kind: 'signedOut', why: 'too many wrong passwords or codes' });
  });
});

describe('a recovery code', () => {
  test('is no approval', async () => {
    const [code = ''] = olle.codes;
    const admission = world.book.caller(
      { at: 'front', session: olle.session, source: Desk, attended: true },
      { call: 'switch-mode' },
    );
    if (!admission.ok) throw new Error(admission.refusal.sentence);
    const proof = await world.book.proveSecond(admission.caller, { kind: 'recovery', code });
    expect(proof).toMatchObject({ ok: false });
    // And it was not used up by that.
    const second = { kind: 'recovery', code } as const;
    expect(codeFrom(await world.call('sign-in', { name: 'olle', password: olle.password, second }))).toBe(
      'done',
    );
  });

  test('gets nobody a factor to approve with on the same day', async () => {
    const pia = await addPerson(world, 'console', 'pia', ['approver']);
    const [code = ''] = pia.codes;
    const second = { kind: 'recovery', code } as const;
    const { session } = await world.done('sign-in', { name: 'pia', password: pia.password, second });
    const { secret } = await world.done('totp-begin', {}, session);
    await world.done('totp-finish', { code: codeOf(world, secret), label: 'thief' }, session);
    expect(world.book.find('pia')).toMatchObject({ usable: true, mayApprove: false });
    expect(world.book.resetWithin('pia', 3_600_000)).toBe(true);
    expect(world.revoked).toContain('pia approval-lost');
  });

  test('gets nobody such a factor in a page that somebody left open either', async () => {
    const pia = await addPerson(world, 'console', 'pia', ['approver']);
    const [code = ''] = pia.codes;
    world.pass(14 * 60_000);
    await world.done('me', {}, pia.session);
    world.pass(2 * 60_000);
    await world.done('prove-factor', { second: { kind: 'recovery', code } }, pia.session);
    const { secret } = await world.done('totp-begin', {}, pia.session);
    await world.done('totp-finish', { code: codeOf(world, secret), label: 'thief' }, pia.session);
    expect(world.book.find('pia')).toMatchObject({ usable: true, mayApprove: false });
  });
});

describe('the secret of a sign-in', () => {
  test.for([
    ['empty', ''],
    ['one letter off', 'flip'],
    ['cut short', 'cut'],
    ['its public name', 'name'],
    ['what is stored of it', 'digest'],
  ])('that is %s opens nothing', async ([, how]) => {
    const { session } = await world.done('me', {}, olle.session);
    const first = olle.session.startsWith('A') ? 'B' : 'A';
    const forged: Record<string, string> = {
      flip: first + olle.session.slice(1),
      cut: olle.session.slice(0, -1),
      name: session,
      digest: createHash('sha256').update(olle.session).digest('base64'),
    };
    expect(codeFrom(await world.call('me', {}, forged[how ?? ''] ?? ''))).toBe('PST_NOT_SIGNED_IN');
  });

  test('stolen is of no use after the account was disabled, or its person signed out', async () => {
    const stolen = await signIn(world, olle);
    await world.done('sign-out', {}, stolen);
    expect(codeFrom(await world.call('me', {}, stolen))).toBe('PST_NOT_SIGNED_IN');
    await world.done('account-set', { name: 'olle', disabled: true }, 'console');
    expect(codeFrom(await world.call('me', {}, olle.session))).toBe('PST_NOT_SIGNED_IN');
    expect(world.book.signedIn(olle.session)).toBeUndefined();
  });

  test('is 256 bits, and no two are alike', async () => {
    const secrets = [ada.session, olle.session];
    for (let one = 0; one < 5; one += 1) secrets.push(await signIn(world, ada));
    expect(new Set(secrets).size).toBe(secrets.length);
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  });

  test('does not let whoever finds it change the password or add a factor', async () => {
    world.pass(14 * 60_000);
    await world.call('me', {}, olle.session);
    world.pass(2 * 60_000);
    expect(codeFrom(await world.call('totp-begin', {}, olle.session))).toBe('PST_FACTOR_NEEDED');
    const asks = { old: 'a guess at it', password: 'four tanks of lime' };
    expect(codeFrom(await world.call('change-password', asks, olle.session))).toBe('PST_NOT_PERMITTED');
  });
});

describe('which names there are', () => {
  test('cannot be told from the answer: unknown, disabled, ended, invited, wrong and locked are the same', async () => {
    await world.done('account-set', { name: 'olle', disabled: true }, 'console');
    const endsAt = world.time.wall + 1_000;
    const vic = await addPerson(world, 'console', 'vic', ['vendor'], { endsAt });
    world.pass(2_000);
    await world.done(
      'account-add',
      { name: 'ida', fullName: 'Ida', roles: ['viewer'], duties: [], vendor: '', endsAt: 0 },
      'console',
    );
    const answers = [
      await guess('nobody', '203.0.113.1'),
      await guess('ada', '203.0.113.2'),
      await guess('ida', '203.0.113.3'),
      await guess('olle', '203.0.113.4', olle.password),
      await guess('vic', '203.0.113.5', vic.password),
      await guess('../ada', '203.0.113.6'),
      await world.call('accept-invitation', { name: 'nobody', code: 'X', password: 'four tanks of lime' }),
      await world.call('accept-invitation', { name: 'ida', code: 'X', password: 'four tanks of lime' }),
    ];
    const [first] = answers;
    for (const answer of answers) expect(answer).toEqual(first);
    expect(first).toMatchObject({ refusal: { code: 'PST_SIGN_IN_REFUSED' } });
  });

  test('cannot be told from the waiting, nor from the options for a passkey', async () => {
    const waits = async (name: string, source: string) => {
      const codes: string[] = [];
      for (let one = 0; one < FreeTries + 2; one += 1) codes.push(codeFrom(await guess(name, source)));
      return codes;
    };
    expect(await waits('nobody', '203.0.113.1')).toEqual(await waits('ada', '203.0.113.2'));
    const options = async (name: string) => {
      const { challenge: _, ...rest } = JSON.parse((await world.done('sign-in-options', { name })).options);
      return rest;
    };
    expect(await options('nobody')).toEqual(await options('ada'));
  });

  test('do not get on record when they are typed wrong: it may be a password', async () => {
    await guess('four tanks of lime', '203.0.113.1');
    expect(world.acts.at(-1)).toEqual({
      kind: 'signInRefused',
      account: '',
      source: '203.0.113.1',
      why: 'password',
      count: 1,
    });
  });
});

describe('a lock-out', () => {
  test('of one place leaves every other place alone', async () => {
    for (let one = 0; one < 40; one += 1) await guess('olle', '203.0.113.66');
    expect(codeFrom(await guess('olle', '203.0.113.66', olle.password))).toBe('PST_SLOW_DOWN');
    const second = freshCode(world, olle.secret);
    expect(codeFrom(await world.call('sign-in', { name: 'olle', password: olle.password, second }))).toBe(
      'done',
    );
  });

  test('by many places shuts strangers out and not the person at a desk of theirs', async () => {
    const attack = async () => {
      for (let one = 0; one < MostFromStrangers; one += 1) await guess('olle', `198.51.100.${one}`);
    };
    await attack();
    const from = async (source: string) => {
      const asks = { name: 'olle', password: olle.password, second: freshCode(world, olle.secret) };
      return codeFrom(await world.call('sign-in', asks, { source }));
    };
    expect(await from('203.0.113.7')).toBe('PST_SIGN_IN_REFUSED');
    expect(await from(Desk)).toBe('done');
    await world.done('account-unlock', { name: 'olle' }, 'console');
    expect(await from('203.0.113.7')).toBe('done');
  });

  test('is not the doing of a person who mistypes at their own desk, however often', async () => {
    for (let one = 0; one < 2 * MostFromStrangers; one += 1) {
      await guess('olle', Desk);
      world.pass(15 * 60_000);
    }
    const asks = { name: 'olle', password: olle.password, second: freshCode(world, olle.secret) };
    expect(codeFrom(await world.call('sign-in', asks, { source: '203.0.113.7' }))).toBe('done');
  });

  test('of a place waits longer with each further failure, whatever the names', async () => {
    for (let one = 0; one < FreeTriesOfPlace; one += 1) await guess(`name-${one}`, '203.0.113.9');
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      let seconds = 0;
      while (codeFrom(await guess(`other-${round}`, '203.0.113.9')) === 'PST_SLOW_DOWN') {
        world.pass(1_000);
        seconds += 1;
      }
      waits.push(seconds);
    }
    expect(waits).toEqual([15, 30, 60]);
  });

  test('counts all addresses one subscriber has in IPv6 as one place', async () => {
    for (let one = 0; one < FreeTries; one += 1) await guess('olle', `2001:db8:1:2:${one}::1`);
    expect(codeFrom(await guess('olle', '2001:db8:1:2:ffff::9'))).toBe('PST_SLOW_DOWN');
    expect(codeFrom(await guess('olle', '2001:db8:1:3::9'))).toBe('PST_SIGN_IN_REFUSED');
  });

  test('does not reach the console', async () => {
    for (let one = 0; one < 200; one += 1) await guess('ada', 'console');
    expect(codeFrom(await world.call('accounts', {}, 'console'))).toBe('done');
  });

  test('is on record without filling it', async () => {
    const before = world.acts.length;
    for (let one = 0; one < 2_000; one += 1) await guess(`name-${one}`, `198.51.${one % 200}.${one % 250}`);
    expect(world.acts.length - before).toBeLessThanOrEqual(MostKinds);
    await world.book.close();
    const told = world.acts.slice(before).filter((act) => act.kind === 'signInRefused');
    expect(told.length).toBeLessThanOrEqual(2 * MostKinds + 1);
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(2_000);
  });
});
