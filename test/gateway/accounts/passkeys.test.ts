import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../../../gateway/access/caller.ts';
import type { FactorProof } from '../../../gateway/accounts/account-book.ts';
import type { PasskeyOnRecord } from '../../../gateway/accounts/passkey-record.ts';
import { createSoftPasskey, type SoftPasskey, type Ways } from './soft-passkey.ts';
import {
  addPerson,
  codeFrom,
  contextOf,
  firstAdministrator,
  freshCode,
  None,
  openWorld,
  type Person,
  type World,
} from './world.ts';

const Digest = createHash('sha256').update('grant G-7F3K92QD as it was asked for').digest();

let world: World;
let olle: Person;
let key: SoftPasskey;
beforeEach(async () => {
  world = openWorld();
  const ada = await firstAdministrator(world);
  olle = await addPerson(world, ada.session, 'olle', ['approver'], { duties: ['shift-lead'] });
  key = createSoftPasskey();
  await addPasskey(key);
});
afterEach(() => world.close());

async function addPasskey(passkey: SoftPasskey, change: Partial<Ways> = {}): Promise<void> {
  const { options } = await world.done('passkey-begin', {}, olle.session);
  const response = passkey.enrol(options, change);
  await world.done('passkey-finish', { response, label: 'key ring' }, olle.session);
}

function caller(): Caller {
  const admission = world.book.caller(contextOf(olle.session), { call: 'grant-approve' });
  if (!admission.ok) throw new Error(admission.refusal.sentence);
  return admission.caller;
}

async function signInWith(passkey: SoftPasskey, change: Partial<Ways> = {}, source?: string) {
  const { options } = await world.done(
    'sign-in-options',
    { name: 'olle' },
    source === undefined ? '' : { source },
  );
  return world.call('sign-in', {
    name: 'olle',
    password: olle.password,
    second: { kind: 'passkey', response: passkey.answer(options, change) },
  });
}

/** Approves what the digest stands for: how it was proved, or the code of the refusal. */
async function approve(answer: (options: string) => string, digest = Digest): Promise<FactorProof | string> {
  const asked = await world.book.passkeyChallenge(caller(), Digest);
  if (!asked.ok) throw new Error(asked.refusal.sentence);
  const response = answer(asked.options);
  const proof = await world.book.proveSecond(caller(), { kind: 'passkey', response }, digest);
  return proof.ok ? proof : proof.refusal.code;
}

describe('a passkey', () => {
  test('is the second factor of a sign-in', async () => {
    expect(await signInWith(key)).toMatchObject({ ok: true, body: { me: { means: 'passkey' } } });
    expect(world.acts.at(-1)).toMatchObject({ kind: 'signedIn', account: 'olle', means: 'passkey' });
  });

  test('signs exactly what is approved, and an auditor can tell so later from what is on record', async () => {
    const proof = await approve(key.answer);
    if (typeof proof === 'string') throw new Error(proof);
    expect(proof).toMatchObject({ means: 'passkey', weak: false });

    const enrolled = world.acts.find((act) => act.kind === 'accountChanged' && act.what === 'passkey');
    const kept = JSON.parse((enrolled as { detail: string }).detail) as PasskeyOnRecord;
    const { id, response } = JSON.parse(proof.assertion) as {
      id: string;
      response: Record<'clientDataJSON' | 'authenticatorData' | 'signature', string>;
    };
    const bytes = (text: string) => Buffer.from(text, 'base64url');
    const client = JSON.parse(bytes(response.clientDataJSON).toString()) as Record<string, unknown>;
    expect(kept).toMatchObject({ credential: id, rp: 'penstock.plant.example', algorithm: -7 });
    expect(client).toMatchObject({ type: 'webauthn.get', challenge: Digest.toString('base64url') });
    const data = bytes(response.authenticatorData);
    expect(data.subarray(0, 32)).toEqual(createHash('sha256').update(kept.rp).digest());
    const signed = Buffer.concat([
      data,
      createHash('sha256').update(bytes(response.clientDataJSON)).digest(),
    ]);
    const publicKey = createPublicKey({ key: Buffer.from(kept.key, 'base64'), format: 'der', type: 'spki' });
    expect(verify('sha256', signed, publicKey, bytes(response.signature))).toBe(true);
  });

  test('is offered to its own person only, and a code in its place is weaker', async () => {
    const asked = await world.book.passkeyChallenge(caller(), Digest);
    expect(asked).toMatchObject({ ok: true, options: expect.stringContaining(key.id) });
    const proof = await world.book.proveSecond(caller(), freshCode(world, olle.secret), Digest);
    expect(proof).toEqual({ ok: true, means: 'totp', weak: true, assertion: '' });
  });

  test('proves a factor again within a sign-in', async () => {
    world.pass(14 * 60_000);
    await world.done('me', {}, olle.session);
    world.pass(14 * 60_000);
    const { options } = await world.done('sign-in-options', { name: '' }, olle.session);
    const response = key.answer(options);
    const me = await world.done('prove-factor', { second: { kind: 'passkey', response } }, olle.session);
    expect(me.factorAt).toBe(world.time.wall);
  });

  test('works on loopback without a name, and nowhere else without one', async () => {
    const nameless = openWorld({ name: '' });
    expect(codeFrom(await nameless.call('sign-in-options', { name: 'ada' }))).toBe('PST_NOT_NOW');
    await nameless.close();
    const local = openWorld({ name: '', loopback: true });
    const ada = await firstAdministrator(local);
    const { options } = await local.done('passkey-begin', {}, ada.session);
    expect(JSON.parse(options)).toMatchObject({ rp: { id: 'localhost' } });
    const response = createSoftPasskey('http://localhost:443').enrol(options);
    await local.done('passkey-finish', { response, label: 'laptop' }, ada.session);
    await local.close();
  });

  test('that is the only factor left is not removed', async () => {
    const { factors } = (await world.done('me', {}, olle.session)).account;
    const factor = factors.find(({ kind }) => kind === 'totp')?.id ?? '';
    await world.done('factor-remove', { factor, second: freshCode(world, olle.secret) }, olle.session);
    expect(codeFrom(await world.call('factor-remove', { factor, second: None }, olle.session))).toBe(
      'PST_NOT_HERE',
    );
    expect(world.acts.at(-1)).toMatchObject({ what: 'totp', detail: 'removed phone' });
  });
});

describe('an answer of a passkey is refused', () => {
  test.for<[string, Partial<Ways>]>([
    ['from another origin', { origin: 'https://penst0ck.plant.example' }],
    ['from a name below ours', { origin: 'https://evil.penstock.plant.example' }],
    ['from our name without encryption', { origin: 'http://penstock.plant.example' }],
    ['from another port of our name', { origin: 'https://penstock.plant.example:8444' }],
    ['from an origin made of ours', { origin: 'https://penstock.plant.example@evil.example' }],
    ['from no origin', { origin: 'null' }],
    ['for another name', { rpId: 'plant.example' }],
    ['without the person verified', { userVerified: false }],
    ['that is a registration', { type: 'webauthn.create' }],
    ['to a challenge we did not make', { challenge: Buffer.alloc(54, 7).toString('base64url') }],
  ])('%s', async ([, change]) => {
    expect(codeFrom(await signInWith(key, change))).toBe('PST_SIGN_IN_REFUSED');
    expect(await approve((options) => key.answer(options, change))).toBe('PST_FACTOR_NEEDED');
    expect(codeFrom(await signInWith(key))).toBe('done');
  });

  test('whose counter went back: somebody has a copy of it', async () => {
    key.counter = 40;
    expect(codeFrom(await signInWith(key))).toBe('done');
    key.counter = 39;
    expect(codeFrom(await signInWith(key))).toBe('PST_SIGN_IN_REFUSED');
    expect(world.acts.at(-1)).toMatchObject({
      kind: 'signInRefused',
      why: expect.stringContaining('copied'),
    });
    key.counter = 41;
    expect(codeFrom(await signInWith(key))).toBe('done');
  });

  test('of a key that was never enrolled, or of somebody else', async () => {
    expect(codeFrom(await signInWith(createSoftPasskey()))).toBe('PST_SIGN_IN_REFUSED');
    const thief = await addPerson(world, 'console', 'eva', ['approver']);
    const { options } = await world.done('sign-in-options', { name: 'eva' });
    const second = { kind: 'passkey', response: key.answer(options) } as const;
    const asks = { name: 'eva', password: thief.password, second };
    expect(codeFrom(await world.call('sign-in', asks))).toBe('PST_SIGN_IN_REFUSED');
  });

  test('that was given before', async () => {
    const { options } = await world.done('sign-in-options', { name: 'olle' });
    const second = { kind: 'passkey', response: key.answer(options) } as const;
    const asks = { name: 'olle', password: olle.password, second };
    expect(codeFrom(await world.call('sign-in', asks))).toBe('done');
    expect(codeFrom(await world.call('sign-in', asks))).toBe('PST_SIGN_IN_REFUSED');
    // Also with an authenticator that keeps no count and signs the same challenge again.
    const again = { ...second, response: key.answer(options) };
    expect(codeFrom(await world.call('sign-in', { ...asks, second: again }))).toBe('PST_SIGN_IN_REFUSED');
  });

  test('to a challenge made for another place, or too late', async () => {
    expect(codeFrom(await signInWith(key, {}, '198.51.100.9'))).toBe('PST_SIGN_IN_REFUSED');
    const { options } = await world.done('sign-in-options', { name: 'olle' });
    const second = { kind: 'passkey', response: key.answer(options) } as const;
    world.pass(5 * 60_000);
    const asks = { name: 'olle', password: olle.password, second };
    expect(codeFrom(await world.call('sign-in', asks))).toBe('PST_SIGN_IN_REFUSED');
  });

  test('over another grant than the one to be approved, or over a sign-in', async () => {
    const other = createHash('sha256').update('another grant').digest();
    expect(await approve(key.answer, other)).toBe('PST_FACTOR_NEEDED');
    const { options } = await world.done('sign-in-options', { name: 'olle' }, olle.session);
    expect(await approve(() => key.answer(options))).toBe('PST_FACTOR_NEEDED');
  });

  test('where nobody asked for that approval in this sign-in, or it was given already', async () => {
    const options = JSON.stringify({
      challenge: Digest.toString('base64url'),
      rpId: 'penstock.plant.example',
    });
    const unasked = { kind: 'passkey', response: key.answer(options) } as const;
    expect(await world.book.proveSecond(caller(), unasked, Digest)).toMatchObject({ ok: false });
    expect(await approve(key.answer)).toMatchObject({ ok: true });
    const again = { kind: 'passkey', response: key.answer(options) } as const;
    expect(await world.book.proveSecond(caller(), again, Digest)).toMatchObject({ ok: false });
  });

  test.for(['', '{', '[]', 'null', '{"id":1}', '{"id":"x","response":{"clientDataJSON":"e30"}}', '"x"'])(
    'that is %j, and the engine lives on',
    async (response) => {
      const second = { kind: 'passkey', response } as const;
      const asks = { name: 'olle', password: olle.password, second };
      expect(codeFrom(await world.call('sign-in', asks))).toBe('PST_SIGN_IN_REFUSED');
      await world.done('passkey-begin', {}, olle.session);
      expect(codeFrom(await world.call('passkey-finish', { response, label: '' }, olle.session))).toBe(
        'PST_NOT_WORD',
      );
    },
  );
});

describe('a passkey is not enrolled', () => {
  const finish = async (passkey: SoftPasskey, change: Partial<Ways> = {}, who = olle.session) => {
    const { options } = await world.done('passkey-begin', {}, who);
    return world.call('passkey-finish', { response: passkey.enrol(options, change), label: 'x' }, who);
  };

  test.for<[string, Partial<Ways>]>([
    ['from another origin', { origin: 'https://penstock.plant.example.evil.example' }],
    ['without the person verified', { userVerified: false }],
    ['for another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['with an answer that is no registration', { type: 'webauthn.get' }],
  ])('%s', async ([, change]) => {
    expect(codeFrom(await finish(createSoftPasskey(), change))).toBe('PST_NOT_WORD');
  });

  test('twice, nor by a second person', async () => {
    expect(codeFrom(await finish(key))).toBe('PST_NOT_WORD');
    const eva = await addPerson(world, 'console', 'eva', ['approver']);
    expect(codeFrom(await finish(key, {}, eva.session))).toBe('PST_NOT_WORD');
  });

  test('with a challenge that was used', async () => {
    const { options } = await world.done('passkey-begin', {}, olle.session);
    const response = createSoftPasskey().enrol(options);
    await world.done('passkey-finish', { response, label: '' }, olle.session);
    expect(codeFrom(await world.call('passkey-finish', { response, label: '' }, olle.session))).toBe(
      'PST_NOT_NOW',
    );
  });
});
