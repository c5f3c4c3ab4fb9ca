import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildServer } from '../../../gateway/front/api.ts';
import { Calls } from '../../../gateway/ipc/calls.ts';
import { type ApiClient, apiClient } from './api-client.ts';
import { Password, Totp } from './fake-desk.ts';
import { grant, openGrant } from './people.ts';
import { gone } from './snapshots.ts';

let client: ApiClient;
beforeEach(async () => {
  client = await apiClient();
});
afterEach(() => client.app.close());

const withTotp = (name: string) => ({ name, password: Password, second: { kind: 'totp', code: Totp } });

describe('signing in', () => {
  test('gives a cookie no script can read, and a token; the secret is in no body', async () => {
    const answer = await client.call('sign-in', withTotp('ada'));
    expect(answer.statusCode).toBe(200);
    const [secret] = client.engine.desk.sessions.keys();
    expect(answer.headers['set-cookie']).toBe(`penstock=${secret}; Path=/; HttpOnly; SameSite=Strict`);
    expect(Object.keys(answer.json())).toEqual(['csrf', 'me']);
    expect(answer.body).not.toContain(secret);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('behind TLS gives one that no other host can set and that never travels in the clear', async () => {
    const app = await buildServer({
      engine: client.engine,
      tls: { cert: '', key: '' },
      onDefect: () => undefined,
    });
    const answer = await app.inject({
      method: 'POST',
      url: '/api/calls/sign-in',
      headers: { host: 'penstock.plant.example', 'content-type': 'application/json' },
      payload: JSON.stringify(withTotp('ada')),
    });
    await app.close();
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-penstock=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  test('again ends the sign-in that the browser had before', async () => {
    const former = client.engine.desk.signIn('vera');
    await client.call('sign-in', withTotp('ada'), former);
    expect([...client.engine.desk.sessions.values()].map(({ name }) => name)).toEqual(['ada']);
  });

  test('that is refused sets no cookie and says nothing of whether the account exists', async () => {
    const wrong = await client.call('sign-in', { ...withTotp('ada'), password: 'wrong' });
    const nobody = await client.call('sign-in', { ...withTotp('nobody'), password: 'wrong' });
    expect(wrong.statusCode).toBe(401);
    expect(wrong.headers['set-cookie']).toBeUndefined();
    expect(nobody.json()).toEqual(wrong.json());
    expect(wrong.json()).toMatchObject({ code: 'PST_SIGN_IN_REFUSED', title: 'Not signed in' });
  });

  test('with an invitation is the same', async () => {
    const root = client.engine.desk.signIn('root');
    const asks = { name: 'ny', fullName: 'Ny Person', roles: ['viewer'], duties: [], vendor: '', endsAt: 0 };
    const { code } = (await client.call('account-add', asks, root)).json();
    const answer = await client.call('accept-invitation', {
      name: 'ny',
      code,
      password: 'quite another one',
    });
    expect(answer.json().me).toMatchObject({ account: { name: 'ny' }, mustEnrol: true });
    expect(answer.headers['set-cookie']).toContain('HttpOnly');
  });

  test('ends with signing out, which takes the cookie away', async () => {
    const session = client.engine.desk.signIn('ada');
    const answer = await client.call('sign-out', {}, session);
    expect(answer.headers['set-cookie']).toMatch(/^penstock=; .*Expires=Thu, 01 Jan 1970/);
    expect((await client.get('/api/me', session)).statusCode).toBe(401);
  });

  test('the cookie of a sign-in that the engine has ended is taken away', async () => {
    const session = client.engine.desk.signIn('ada');
    const { csrf } = (await client.get('/api/me', session)).json();
    client.engine.desk.sessions.clear();
    const answer = await client.app.inject({
      method: 'POST',
      url: '/api/calls/grants',
      headers: { host: 'localhost', cookie: `penstock=${session}`, 'x-csrf': csrf },
      payload: {},
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['set-cookie']).toContain('penstock=;');
  });
});

test('the token is the same after a restart of the front, and another for each sign-in', async () => {
  const { desk } = client.engine;
  const [one, other] = [desk.signIn('ada'), desk.signIn('ada')];
  const token = async (session: string) => (await client.get('/api/me', session)).json().csrf;
  const before = await token(one);
  expect(await token(other)).not.toBe(before);
  await client.app.close();
  client = await apiClient();
  client.engine.desk.sessions.set(one, { name: 'ada', locked: false });
  const headers = { host: 'localhost', cookie: `penstock=${one}`, 'x-csrf': before };
  const answer = await client.app.inject({ method: 'POST', url: '/api/calls/lock', headers, payload: {} });
  expect(answer.statusCode).toBe(200);
});

test('every call but those of the console and the carriers has a route, and no other', async () => {
  const { paths } = (await client.get('/api/openapi.json')).json();
  const routes = Object.keys(paths).filter((path) => path.startsWith('/api/calls/'));
  const closed = ['first-administrator', 'carrier-open', 'carrier-grants'];
  const names = Object.keys(Calls).filter((name) => !closed.includes(name));
  expect(routes).toEqual(names.map((name) => `/api/calls/${name}`));
  for (const name of closed) {
    expect((await client.call(name, {}, client.engine.desk.signIn('root'))).statusCode).toBe(404);
  }
});

test('the OpenAPI document has the schema of each call as it is checked', async () => {
  const { paths, components } = (await client.get('/api/openapi.json')).json();
  const { post } = paths['/api/calls/grant-approve'];
  expect(post.requestBody.content['application/json'].schema).toMatchObject({
    required: ['grant', 'digest', 'second'],
    additionalProperties: false,
  });
  expect(post.security).toEqual([{ signIn: [], pageToken: [] }]);
  expect(paths['/api/calls/sign-in'].post.security).toBeUndefined();
  expect(components.securitySchemes.signIn).toEqual({ type: 'apiKey', in: 'cookie', name: 'penstock' });
});

test.for([
  {
    what: 'not permitted',
    as: 'vera',
    name: 'grant-end-all',
    body: { why: '' },
    status: 403,
    code: 'PST_NOT_PERMITTED',
  },
  {
    what: 'not there',
    as: 'ada',
    name: 'grant',
    body: { grant: 'G-NONE0000' },
    status: 404,
    code: 'PST_NOT_HERE',
  },
  {
    what: 'not now',
    as: 'root',
    name: 'account-add',
    body: { name: 'ada', fullName: 'x', roles: ['viewer'], duties: [], vendor: '', endsAt: 0 },
    status: 409,
    code: 'PST_NOT_NOW',
  },
  {
    what: 'a wrong word',
    as: 'auda',
    name: 'evidence-witness',
    body: { note: 'x' },
    status: 400,
    code: 'PST_NOT_WORD',
  },
  {
    what: 'a second factor',
    as: 'ada',
    name: 'grant-approve',
    body: { grant: 'G-7F3K92QD', digest: '5e'.repeat(32), second: { kind: 'none' } },
    status: 403,
    code: 'PST_FACTOR_NEEDED',
  },
  {
    what: 'a failure',
    as: 'ada',
    name: 'recovery-codes',
    body: { second: { kind: 'none' } },
    status: 503,
    code: 'PST_NOT_DONE',
  },
])(
  '$what is a problem with status $status, code, sentence and remedy',
  async ({ as, name, body, status, code }) => {
    client.engine.desk.grants = [grant()];
    const answer = await client.call(name, body, client.engine.desk.signIn(as));
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({ status, code });
    expect(answer.json().detail).toMatch(/\.$/);
    expect(answer.json().remedy).toMatch(/\.$/);
  },
);

test('an engine that is gone is 503 on every call, and the cookie stays', async () => {
  const session = client.engine.desk.signIn('ada');
  const { csrf } = (await client.get('/api/me', session)).json();
  client.engine.problem = gone;
  const headers = { host: 'localhost', cookie: `penstock=${session}`, 'x-csrf': csrf };
  const answer = await client.app.inject({ method: 'POST', url: '/api/calls/grants', headers, payload: {} });
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({ code: gone.code });
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test('a call tells the engine where it comes from and that a person made it; reading does not', async () => {
  const session = client.engine.desk.signIn('ada');
  await client.call('grants', {}, session);
  await client.get('/api/status', session);
  const told = client.engine.desk.calls.map(({ name, context }) => ({ name, ...context }));
  expect(told.filter(({ name }) => name === 'grants')).toEqual([
    { name: 'grants', at: 'front', session, source: '127.0.0.1', attended: true },
  ]);
  expect(
    told.filter(({ name }) => name === 'me').map((one) => 'attended' in one && one.attended),
  ).not.toContain(true);
});

describe.each([
  { who: 'vera', reads: true, grants: 2, approves: 403, ends: 403, adds: 403 },
  { who: 'olof', reads: true, grants: 2, approves: 200, ends: 200, adds: 403 },
  { who: 'ada', reads: true, grants: 2, approves: 200, ends: 200, adds: 403 },
  { who: 'erik', reads: true, grants: 2, approves: 403, ends: 403, adds: 403 },
  { who: 'auda', reads: true, grants: 2, approves: 403, ends: 403, adds: 403 },
  { who: 'root', reads: true, grants: 2, approves: 200, ends: 200, adds: 200 },
  { who: 'pavel', reads: false, grants: 2, approves: 403, ends: 403, adds: 403 },
  { who: 'other', reads: false, grants: 0, approves: 403, ends: 403, adds: 403 },
])('$who', ({ who, reads, grants, approves, ends, adds }) => {
  let session: string;
  beforeEach(() => {
    client.engine.desk.grants = [openGrant(), grant()];
    session = client.engine.desk.signIn(who);
  });

  test(`${reads ? 'reads' : 'may not read'} the state of the plant`, async () => {
    for (const path of ['status', 'conduits', 'connections', 'mode', 'refusals']) {
      expect((await client.get(`/api/${path}`, session)).statusCode).toBe(reads ? 200 : 403);
    }
  });

  test(`sees ${grants} granted sessions`, async () => {
    expect((await client.call('grants', {}, session)).json()).toHaveLength(grants);
  });

  test('may do what the engine says and nothing else', async () => {
    const approval = { grant: 'G-7F3K92QD', digest: '5e'.repeat(32), second: { kind: 'totp', code: Totp } };
    const person = { name: 'ny', fullName: 'Ny', roles: ['viewer'], duties: [], vendor: '', endsAt: 0 };
    expect((await client.call('grant-approve', approval, session)).statusCode).toBe(approves);
    expect((await client.call('grant-end-all', { why: '' }, session)).statusCode).toBe(ends);
    expect((await client.call('account-add', person, session)).statusCode).toBe(adds);
  });
});

test('a locked screen and an account without a second factor read nothing', async () => {
  const { desk } = client.engine;
  const locked = desk.signIn('ada');
  await client.call('lock', {}, locked);
  expect((await client.get('/api/status', locked)).json()).toMatchObject({
    status: 401,
    code: 'PST_SCREEN_LOCKED',
  });
  expect((await client.get('/api/me', locked)).json().me.locked).toBe(true);
  expect((await client.get('/api/status', desk.signIn('newby'))).json()).toMatchObject({
    code: 'PST_ENROL_FIRST',
  });
});

test('whatever a vendor may not know of looks as if it were not there', async () => {
  client.engine.desk.grants = [openGrant()];
  const session = client.engine.desk.signIn('other');
  const theirs = await client.call('grant', { grant: 'G-OPEN0001' }, session);
  const none = await client.call('grant', { grant: 'G-NONE0000' }, session);
  expect(theirs.statusCode).toBe(404);
  expect(theirs.json()).toEqual(none.json());
});
