import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSoftPasskey, type SoftPasskey } from './soft-passkey.ts';
import { addPerson, contextOf, firstAdministrator, openWorld, type Person, type World } from './world.ts';

let world: World;
let olle: Person;
let key: SoftPasskey;
beforeEach(async () => {
  world = openWorld();
  const ada = await firstAdministrator(world);
  olle = await addPerson(world, ada.session, 'olle', ['approver']);
  key = createSoftPasskey();
  const { options } = await world.done('passkey-begin', {}, olle.session);
  await world.done('passkey-finish', { response: key.enrol(options), label: 'key ring' }, olle.session);
});
afterEach(async () => {
  filesAreBack();
  await world.close();
});

const Libraries = ['@simplewebauthn/server', '@simplewebauthn/server/helpers'];

/** As where a release was replaced under a running gateway. */
function filesAreGone(): void {
  for (const library of Libraries) {
    vi.doMock(library, () => {
      throw new Error('Cannot find module');
    });
  }
}

function filesAreBack(): void {
  for (const library of Libraries) vi.doUnmock(library);
}

const Broken = { code: 'PST_ERR_PASSKEY_LIBRARY' };

describe('where what judges passkeys cannot be loaded', () => {
  test('nobody is told that theirs is wrong, and nobody is locked out', async () => {
    const { options } = await world.done('sign-in-options', { name: 'olle' });
    const second = { kind: 'passkey', response: key.answer(options) } as const;
    const asks = { name: 'olle', password: olle.password, second };
    const before = world.acts.length;
    filesAreGone();
    for (let tries = 0; tries < 30; tries += 1) {
      await expect(world.call('sign-in', asks)).rejects.toMatchObject(Broken);
    }
    const caller = world.book.caller(contextOf(olle.session), { call: 'grant-approve' });
    if (!caller.ok) throw new Error(caller.refusal.sentence);
    for (let tries = 0; tries < 30; tries += 1) {
      await expect(world.book.proveSecond(caller.caller, second)).rejects.toMatchObject(Broken);
    }
    filesAreBack();
    expect(await world.call('sign-in', asks)).toMatchObject({ ok: true, body: { me: { means: 'passkey' } } });
    expect(world.acts.slice(before)).toMatchObject([{ kind: 'signedIn', account: 'olle' }]);
  });

  test('a new one is not called wrong, and can be added later', async () => {
    const another = createSoftPasskey();
    const { options } = await world.done('passkey-begin', {}, olle.session);
    const asks = { response: another.enrol(options), label: 'desk' };
    const before = world.acts.length;
    filesAreGone();
    await expect(world.call('passkey-finish', asks, olle.session)).rejects.toMatchObject(Broken);
    expect(world.acts.slice(before)).toEqual([]);
    filesAreBack();
    const next = await world.done('passkey-begin', {}, olle.session);
    await world.done('passkey-finish', { ...asks, response: another.enrol(next.options) }, olle.session);
  });

  test('what a new log is told is not told without the passkeys', async () => {
    filesAreGone();
    await expect(world.book.restate()).rejects.toMatchObject(Broken);
    filesAreBack();
    expect(await world.book.restate()).toContainEqual(
      expect.objectContaining({ account: 'olle', what: 'passkey' }),
    );
  });
});
