import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  addPerson,
  codeFrom,
  codeOf,
  enrol,
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
beforeEach(async () => {
  world = openWorld();
  ada = await firstAdministrator(world);
});
afterEach(() => world.close());

describe('the first administrator', () => {
  test('is made at the console only, and only while nobody has an account', async () => {
    const asks = { name: 'eve', fullName: 'Eve' };
    expect(codeFrom(await world.call('first-administrator', asks, ada.session))).toBe('PST_CONSOLE_ONLY');
    expect(codeFrom(await world.call('first-administrator', asks, 'console'))).toBe('PST_NOT_NOW');
    expect(world.acts[0]).toEqual({
      kind: 'accountChanged',
      account: 'ada',
      what: 'added',
      detail: 'Ada Lind, administrator',
      by: 'console:root',
      second: '',
    });
  });

  test('is what the welcome asks for while there is none', async () => {
    const empty = openWorld();
    expect(await empty.done('welcome', {})).toMatchObject({
      empty: true,
      banner: 'For authorised people only.',
    });
    expect((await world.done('welcome', {})).empty).toBe(false);
    await empty.close();
  });
});

describe('an invitation', () => {
  const invite = () =>
    world.done(
      'account-add',
      { name: 'olle', fullName: 'Olle', roles: ['operator'], duties: [], vendor: '', endsAt: 0 },
      ada.session,
    );
  const accept = (code: string, password = 'the weir is closed at dawn') =>
    world.call('accept-invitation', { name: 'olle', code, password });

  test('is good for one password, typed with or without its dashes', async () => {
    const { code } = await invite();
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect(codeFrom(await accept(typed))).toBe('done');
    expect(codeFrom(await accept(code))).toBe('PST_SIGN_IN_REFUSED');
  });

  test('ends after a day', async () => {
    const { code } = await invite();
    world.pass(24 * 3_600_000);
    expect(codeFrom(await accept(code))).toBe('PST_SIGN_IN_REFUSED');
  });

  test.for([
    ['short', 'eleven char'],
    ['its owner', 'Olle-olle-olle-'],
    ['a common one', 'Password1234'],
    ['a common one with digits behind', 'administrator2026'],
    ['a run of keys', 'qwertyuiopas'],
    ['a run of digits', '987654321098'],
    ['one letter', 'aaaaaaaaaaaaaaaa'],
  ])('takes no password that is %s', async ([, password]) => {
    const { code } = await invite();
    expect(codeFrom(await accept(code, password))).toBe('PST_NOT_WORD');
    expect(codeFrom(await accept(code))).toBe('done');
  });
});

describe('signing in', () => {
  test('wants password and code, and is on record before it is told', async () => {
    const before = world.acts.length;
    const session = await signIn(world, ada);
    const me = await world.done('me', {}, session);
    expect(me).toMatchObject({ means: 'totp', mustEnrol: false, locked: false, account: { name: 'ada' } });
    expect(world.acts.slice(before)).toEqual([
      { kind: 'signedIn', account: 'ada', session: me.session, source: '10.20.0.7', means: 'totp' },
    ]);
    expect(JSON.stringify(world.acts)).not.toContain(session);
  });

  test('is on record with the very address it came from', async () => {
    await signIn(world, ada, '2001:db8:1:2:3:4:5:6');
    expect(world.acts.at(-1)).toMatchObject({ kind: 'signedIn', source: '2001:db8:1:2:3:4:5:6' });
  });

  test('works with a recovery code, once', async () => {
    const [code = ''] = ada.codes;
    const second = { kind: 'recovery', code: code.toLowerCase() } as const;
    const asks = { name: 'ada', password: ada.password, second };
    const first = await world.done('sign-in', asks);
    expect(first.me).toMatchObject({ means: 'recovery', account: { recoveryCodes: 9 } });
    expect(codeFrom(await world.call('sign-in', asks))).toBe('PST_SIGN_IN_REFUSED');
  });

  test('lets a person without a second factor do nothing but add one', async () => {
    const asks = {
      name: 'vera',
      fullName: 'Vera',
      roles: ['viewer' as const],
      duties: [],
      vendor: '',
      endsAt: 0,
    };
    const { code } = await world.done('account-add', asks, ada.session);
    const password = 'sluice gates at midnight';
    const { session, me } = await world.done('accept-invitation', { name: 'vera', code, password });
    expect(me).toMatchObject({ mustEnrol: true, means: 'password' });
    expect(
      codeFrom(await world.call('change-password', { old: password, password: `${password}!` }, session)),
    ).toBe('PST_ENROL_FIRST');
    const { secret, uri, qr } = await world.done('totp-begin', {}, session);
    expect(uri).toContain('otpauth://totp/penstock.plant.example:vera?');
    expect(qr).toMatch(/^<svg /);
    expect(codeFrom(await world.call('totp-finish', { code: '000000', label: '' }, session))).toBe(
      'PST_NOT_WORD',
    );
    const { codes } = await world.done(
      'totp-finish',
      { code: codeOf(world, secret), label: 'phone' },
      session,
    );
    expect(new Set(codes).size).toBe(10);
    expect(await world.done('me', {}, session)).toMatchObject({ mustEnrol: false });
  });

  test('does without a second factor where the zone model says so, and never where the account has one', async () => {
    world.waived.add('ada').add('vic');
    expect(codeFrom(await world.call('sign-in', { name: 'ada', password: ada.password, second: None }))).toBe(
      'PST_SIGN_IN_REFUSED',
    );
    const endsAt = world.time.wall + 86_400_000;
    const asks = {
      name: 'vic',
      fullName: 'Vic',
      roles: ['vendor' as const],
      duties: [],
      vendor: 'pumpco',
      endsAt,
    };
    const { code } = await world.done('account-add', asks, ada.session);
    const password = 'impeller on the bench';
    await world.done('accept-invitation', { name: 'vic', code, password });
    const { me } = await world.done('sign-in', { name: 'vic', password, second: None });
    expect(me).toMatchObject({ mustEnrol: false, means: 'password' });
  });
});

describe('a sign-in', () => {
  test('is locked after a quarter of an hour without its person, and unlocked with the password', async () => {
    world.pass(15 * 60_000);
    expect(codeFrom(await world.call('accounts', {}, ada.session))).toBe('PST_SCREEN_LOCKED');
    expect(await world.done('me', {}, ada.session)).toMatchObject({ locked: true });
    expect(codeFrom(await world.call('unlock', { password: 'not that one' }, ada.session))).toBe(
      'PST_SIGN_IN_REFUSED',
    );
    expect(await world.done('unlock', { password: ada.password }, ada.session)).toMatchObject({
      locked: false,
    });
  });

  test('is not kept alive by a page that asks by itself', async () => {
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await world.call('me', {}, { session: ada.session, attended: false });
      world.pass(5 * 60_000);
    }
    expect(codeFrom(await world.call('me', {}, ada.session))).toBe('PST_NOT_SIGNED_IN');
    expect(world.acts.at(-1)).toMatchObject({ kind: 'signedOut', why: 'nothing was done in it' });
  });

  test('ends after a shift however busy it is, unmoved by steps of the wall clock', async () => {
    world.time.wall += 365 * 86_400_000;
    expect(codeFrom(await world.call('me', {}, ada.session))).toBe('done');
    for (let minutes = 0; minutes < 12 * 60; minutes += 10) {
      await world.call('me', {}, ada.session);
      world.pass(10 * 60_000);
    }
    expect(codeFrom(await world.call('me', {}, ada.session))).toBe('PST_NOT_SIGNED_IN');
  });

  test('ends when it is asked to, and nobody can use its secret again', async () => {
    await world.done('sign-out', {}, ada.session);
    expect(codeFrom(await world.call('me', {}, ada.session))).toBe('PST_NOT_SIGNED_IN');
  });

  test('is one of five at most: the sixth ends the oldest', async () => {
    const others: string[] = [];
    for (let one = 0; one < 5; one += 1) others.push(await signIn(world, ada));
    expect(codeFrom(await world.call('me', {}, ada.session))).toBe('PST_NOT_SIGNED_IN');
    expect(codeFrom(await world.call('me', {}, others[0] ?? ''))).toBe('done');
  });

  test('ends with the engine', async () => {
    await world.restart();
    expect(codeFrom(await world.call('me', {}, ada.session))).toBe('PST_NOT_SIGNED_IN');
    expect(codeFrom(await world.call('me', {}, await signIn(world, ada)))).toBe('done');
  });

  test('can be ended by an administrator, and by its own person from another place', async () => {
    const olle = await addPerson(world, ada.session, 'olle', ['operator']);
    const elsewhere = await signIn(world, olle, '10.20.0.99');
    const { session } = await world.done('me', {}, elsewhere);
    await world.done('sign-in-end', { session }, olle.session);
    expect(codeFrom(await world.call('me', {}, elsewhere))).toBe('PST_NOT_SIGNED_IN');
    const own = (await world.done('me', {}, ada.session)).session;
    expect(codeFrom(await world.call('sign-in-end', { session: own }, olle.session))).toBe('PST_NOT_HERE');
    const his = (await world.done('me', {}, olle.session)).session;
    await world.done('sign-in-end', { session: his }, ada.session);
    expect(world.acts.at(-1)).toMatchObject({ kind: 'signedOut', account: 'olle', why: 'ended by ada' });
  });

  test('stays while its person changes the password, and every other one ends', async () => {
    const other = await signIn(world, ada);
    const password = 'another weir is open now';
    await world.done('change-password', { old: ada.password, password }, ada.session);
    expect(codeFrom(await world.call('me', {}, ada.session))).toBe('done');
    expect(codeFrom(await world.call('me', {}, other))).toBe('PST_NOT_SIGNED_IN');
  });
});

describe('a factor', () => {
  test('is removed with a factor in the hand, and the last one never', async () => {
    const { secret } = await world.done('totp-begin', {}, ada.session);
    await world.done('totp-finish', { code: codeOf(world, secret), label: 'tablet' }, ada.session);
    const { factors } = (await world.done('me', {}, ada.session)).account;
    expect(factors.map(({ label }) => label)).toEqual(['phone', 'tablet']);
    const factor = factors[0]?.id ?? '';
    expect(codeFrom(await world.call('factor-remove', { factor, second: None }, ada.session))).toBe(
      'PST_FACTOR_NEEDED',
    );
    const left = await world.done('factor-remove', { factor, second: freshCode(world, secret) }, ada.session);
    expect(left.account.factors.map(({ label }) => label)).toEqual(['tablet']);
    const last = left.account.factors[0]?.id ?? '';
    const asks = { factor: last, second: freshCode(world, secret) };
    expect(codeFrom(await world.call('factor-remove', asks, ada.session))).toBe('PST_NOT_NOW');
  });

  test('is added to one there is only right after a proof of that', async () => {
    world.pass(14 * 60_000);
    await world.done('me', {}, ada.session);
    world.pass(14 * 60_000);
    expect(codeFrom(await world.call('totp-begin', {}, ada.session))).toBe('PST_FACTOR_NEEDED');
    await world.done('prove-factor', { second: freshCode(world, ada.secret) }, ada.session);
    expect(codeFrom(await world.call('totp-begin', {}, ada.session))).toBe('done');
  });

  test('recovery codes are made anew with a factor in the hand', async () => {
    const { codes } = await world.done(
      'recovery-codes',
      { second: freshCode(world, ada.secret) },
      ada.session,
    );
    const asks = (code = '') => ({
      name: 'ada',
      password: ada.password,
      second: { kind: 'recovery', code } as const,
    });
    expect(codeFrom(await world.call('sign-in', asks(ada.codes[0])))).toBe('PST_SIGN_IN_REFUSED');
    expect(codeFrom(await world.call('sign-in', asks(codes[0])))).toBe('done');
  });
});

describe('an account', () => {
  const vendor = { fullName: 'Vic', duties: [], vendor: 'pumpco', endsAt: 0 };

  test.for<[string, object]>([
    ['a vendor without an end', { roles: ['vendor'] }],
    ['a vendor whose end is past', { roles: ['vendor'], endsAt: 1 }],
    ['a vendor of nobody', { roles: ['vendor'], vendor: '', endsAt: 9e15 }],
    ['a vendor with another role', { roles: ['vendor', 'operator'], endsAt: 9e15 }],
    ['an operator of a vendor', { roles: ['operator'], endsAt: 9e15 }],
  ])('is not made for %s', async ([, change]) => {
    const asks = { name: 'vic', roles: ['vendor' as const], ...vendor, ...change };
    expect(codeFrom(await world.call('account-add', asks, ada.session))).toBe('PST_NOT_WORD');
  });

  test('keeps its name for good', async () => {
    const asks = { name: 'olle', ...vendor, fullName: 'Olle', vendor: '', roles: ['viewer' as const] };
    await world.done('account-add', asks, ada.session);
    await world.done('account-set', { name: 'olle', disabled: true }, ada.session);
    expect(codeFrom(await world.call('account-add', asks, ada.session))).toBe('PST_NOT_NOW');
    await world.restart();
    expect(codeFrom(await world.call('account-add', asks, 'console'))).toBe('PST_NOT_NOW');
  });

  test('of a vendor ends by itself: sign-ins end and others are told', async () => {
    const endsAt = world.time.wall + 60 * 60_000;
    const vic = await addPerson(world, ada.session, 'vic', ['vendor'], { endsAt });
    world.pass(10 * 60_000);
    await world.done('me', {}, vic.session);
    expect(world.book.isUsable('vic')).toBe(true);
    world.time.wall = endsAt;
    expect(world.book.isUsable('vic')).toBe(false);
    await expect.poll(() => world.revoked).toEqual(['vic account-revoked', 'vic approval-lost']);
    expect(codeFrom(await world.call('me', {}, vic.session))).toBe('PST_NOT_SIGNED_IN');
  });

  test.for<[string, object, readonly string[]]>([
    ['disabled', { disabled: true }, ['account-revoked', 'approval-lost']],
    ['no approver any more', { roles: ['operator'] }, ['approval-lost']],
    ['without the duty', { duties: [] }, ['approval-lost']],
    ['given one role more', { roles: ['approver', 'auditor'] }, []],
  ])('that is %s has its sign-ins ended at once', async ([, change, causes]) => {
    const olle = await addPerson(world, ada.session, 'olle', ['approver'], { duties: ['shift-lead'] });
    await world.done('account-set', { name: 'olle', ...change }, ada.session);
    expect(codeFrom(await world.call('me', {}, olle.session))).toBe('PST_NOT_SIGNED_IN');
    expect(world.revoked).toEqual(causes.map((cause) => `olle ${cause}`));
  });

  test('whose name alone is corrected goes on', async () => {
    const olle = await addPerson(world, ada.session, 'olle', ['operator']);
    await world.done('account-set', { name: 'olle', fullName: 'Olle Ek' }, ada.session);
    expect(await world.done('me', {}, olle.session)).toMatchObject({ account: { fullName: 'Olle Ek' } });
  });

  test('is not changed in its rights by its own person', async () => {
    const asks = { name: 'ada', roles: ['administrator' as const, 'approver' as const] };
    expect(codeFrom(await world.call('account-set', asks, ada.session))).toBe('PST_NOT_PERMITTED');
  });
});

describe('what is not on record does not happen', () => {
  test('no account, no change, no sign-in, no factor', async () => {
    const olle = await addPerson(world, ada.session, 'olle', ['operator']);
    const before = readFileSync(join(world.directory, 'olle.json'), 'utf8');
    const elsewhere = await signIn(world, olle);
    const stored = readFileSync(join(world.directory, 'olle.json'), 'utf8');
    world.disk.works = false;
    const outcomes = [
      await world.call('account-set', { name: 'olle', disabled: true }, ada.session),
      await world.call('account-reset', { name: 'olle', why: '' }, ada.session),
      await world.call('account-unlock', { name: 'olle' }, 'console'),
      await world.call(
        'account-add',
        { name: 'eve', fullName: 'Eve', roles: ['viewer'], duties: [], vendor: '', endsAt: 0 },
        'console',
      ),
      await world.call('change-password', { old: olle.password, password: 'four tanks of lime' }, elsewhere),
      await world.call('sign-in', {
        name: 'olle',
        password: olle.password,
        second: freshCode(world, olle.secret),
      }),
    ];
    expect(outcomes.map(codeFrom)).toEqual(outcomes.map(() => 'PST_NO_RECORD'));
    expect(readFileSync(join(world.directory, 'olle.json'), 'utf8')).toBe(stored);
    expect(before).not.toBe(stored);
    expect(readdirSync(world.directory)).toEqual(['ada.json', 'olle.json']);
    expect(codeFrom(await world.call('me', {}, elsewhere))).toBe('done');
    expect(world.revoked).toEqual([]);
  });
});

describe('a disk that takes records and no accounts', () => {
  const breakDisk = () => {
    rmSync(world.directory, { recursive: true });
    writeFileSync(world.directory, 'no directory');
  };

  test('keeps nobody in who was put out', async () => {
    const olle = await addPerson(world, ada.session, 'olle', ['approver'], { duties: ['shift-lead'] });
    breakDisk();
    await expect(world.call('account-set', { name: 'olle', disabled: true }, 'console')).rejects.toThrow();
    expect(codeFrom(await world.call('me', {}, olle.session))).toBe('PST_NOT_SIGNED_IN');
    expect(world.book.isUsable('olle')).toBe(false);
    expect(world.revoked).toEqual(['olle account-revoked', 'olle approval-lost']);
  });

  test('lets nobody in, and gives nobody more', async () => {
    const olle = await addPerson(world, ada.session, 'olle', ['operator']);
    breakDisk();
    const second = freshCode(world, olle.secret);
    const asks = { name: 'olle', password: olle.password, second };
    await expect(world.call('sign-in', asks)).rejects.toThrow();
    const more = { name: 'olle', roles: ['operator' as const, 'auditor' as const] };
    await expect(world.call('account-set', more, 'console')).rejects.toThrow();
    expect(world.book.find('olle')?.roles).toEqual(['operator']);
    expect(codeFrom(await world.call('me', {}, olle.session))).toBe('done');
  });
});

describe('the files', () => {
  test('a half-written one that a power cut left is no account and no hindrance', async () => {
    const left = join(world.directory, 'ada.json.new');
    writeFileSync(left, '{"form":1,"name":"ad');
    await world.restart();
    expect(world.book.troubles()).toEqual([]);
    expect(codeFrom(await world.call('me', {}, await signIn(world, ada)))).toBe('done');
    expect(existsSync(left)).toBe(false);
  });

  test('are for the engine alone and hold neither passwords, codes nor secrets of sign-ins', () => {
    const file = join(world.directory, 'ada.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(world.directory).mode & 0o777).toBe(0o700);
    const text = readFileSync(file, 'utf8');
    for (const secret of [ada.password, ada.session, ...ada.codes]) expect(text).not.toContain(secret);
    expect(text).toMatch(/"password": "scrypt\$16\$1\$1\$/);
    const acts = JSON.stringify(world.acts);
    for (const secret of [ada.password, ada.session, ada.secret, ...ada.codes])
      expect(acts).not.toContain(secret);
  });

  test('one that cannot be read opens nothing, keeps its name and is told', async () => {
    await addPerson(world, ada.session, 'olle', ['operator']);
    const file = join(world.directory, 'ada.json');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100));
    await world.restart();
    expect(world.book.troubles()).toEqual([expect.stringMatching(/^ada\.json: /)]);
    expect(codeFrom(await world.call('sign-in', { name: 'ada', password: ada.password, second: None }))).toBe(
      'PST_SIGN_IN_REFUSED',
    );
    const asks = { name: 'ada', fullName: 'Not Ada' };
    expect(codeFrom(await world.call('first-administrator', asks, 'console'))).toBe('PST_NOT_NOW');
    expect((await world.done('accounts', {}, 'console')).map(({ name }) => name)).toEqual(['olle']);
  });

  test('one put in the place of another is nobody’s', async () => {
    const file = join(world.directory, 'ada.json');
    writeFileSync(join(world.directory, 'eve.json'), readFileSync(file));
    await world.restart();
    expect(world.book.troubles()).toEqual(['eve.json: it holds another account.']);
  });
});

test('an invitation to somebody else is of no use to a person who has an account', async () => {
  const invitation = await world.done(
    'account-add',
    { name: 'olle', fullName: 'Olle', roles: ['viewer'], duties: [], vendor: '', endsAt: 0 },
    'console',
  );
  const asks = { name: 'ada', code: invitation.code, password: 'four tanks of lime' };
  expect(codeFrom(await world.call('accept-invitation', asks))).toBe('PST_SIGN_IN_REFUSED');
  await enrol(world, invitation);
});
