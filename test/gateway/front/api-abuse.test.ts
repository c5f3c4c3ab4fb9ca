import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { largestJson, PublicCalls } from '../../../gateway/front/api/public-calls.ts';
import { Calls } from '../../../gateway/ipc/calls.ts';
import { type ApiClient, apiClient } from './api-client.ts';
import { Password, Totp } from './fake-desk.ts';
import { openGrant } from './people.ts';

let client: ApiClient;
let session: string;
let csrf: string;
let good: Record<string, string>;
beforeEach(async () => {
  client = await apiClient();
  client.engine.desk.grants = [openGrant()];
  session = client.engine.desk.signIn('ada');
  csrf = (await client.get('/api/me', session)).json().csrf;
  good = {
    host: 'localhost:8080',
    cookie: `penstock=${session}`,
    'x-csrf': csrf,
    origin: 'http://localhost:8080',
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json',
  };
  client.engine.desk.calls.splice(0);
});
afterEach(async () => {
  expect(client.defects).toEqual([]);
  await client.app.close();
});

/** Tries to end every session, and tells whether anything of it reached the engine. */
async function endAll(
  headers: Record<string, string>,
  payload = '{"why":""}',
  url = '/api/calls/grant-end-all',
) {
  const answer = await client.app.inject({ method: 'POST', url, headers, payload });
  const reached = client.engine.desk.calls.some(({ name }) => name === 'grant-end-all');
  return { status: answer.statusCode, code: answer.json().code, reached };
}

test('a page of our own gets through, so that what follows shows something', async () => {
  expect(await endAll(good)).toMatchObject({ status: 200, reached: true });
});

describe('a post of another site', () => {
  test.for([
    { what: 'says its origin', headers: { origin: 'https://evil.example' } },
    { what: 'has no origin to tell (a sandboxed frame)', headers: { origin: 'null' } },
    { what: 'is of another port of this host', headers: { origin: 'http://localhost:9090' } },
    { what: 'is of this host over another scheme', headers: { origin: 'https://localhost:8080' } },
    { what: 'is told by the browser to be of another site', headers: { 'sec-fetch-site': 'cross-site' } },
    { what: 'is of a sibling domain', headers: { 'sec-fetch-site': 'same-site' } },
    { what: 'is typed in or a bookmark', headers: { 'sec-fetch-site': 'none' } },
  ])('that $what does nothing', async ({ headers }) => {
    expect(await endAll({ ...good, ...headers } as Record<string, string>)).toEqual({
      status: 403,
      code: 'CROSS_SITE',
      reached: false,
    });
  });

  test('cannot sign the browser in as somebody else either', async () => {
    const answer = await client.app.inject({
      method: 'POST',
      url: '/api/calls/sign-in',
      headers: { ...good, origin: 'https://evil.example' },
      payload: { name: 'ada', password: Password, second: { kind: 'totp', code: Totp } },
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('may not read either, and no answer tells a browser otherwise', async () => {
    const answer = await client.app.inject({
      url: '/api/me',
      headers: { host: 'localhost:8080', cookie: `penstock=${session}`, 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.statusCode).toBe(403);
    const plain = await client.get('/api/me', session);
    expect(plain.headers['access-control-allow-origin']).toBeUndefined();
    expect(plain.headers['cross-origin-resource-policy']).toBe('same-origin');
  });

  test.for([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    '',
  ])('as a form can send it (%s) is not read', async (type) => {
    expect(await endAll({ ...good, 'content-type': type })).toMatchObject({ status: 415, reached: false });
  });
});

describe('the page token', () => {
  const other = 'A'.repeat(43);
  test.for([
    { what: 'missing', token: undefined },
    { what: 'empty', token: '' },
    { what: 'made up', token: other },
    { what: 'the secret itself', token: 'session' },
    { what: 'cut short', token: 'short' },
    { what: 'the one the engine gave, of another key', token: 'of the engine' },
  ])('that is $what does nothing', async ({ token }) => {
    const { 'x-csrf': _left, ...rest } = good;
    const said = token === 'session' ? session : token === 'short' ? csrf.slice(0, -1) : token;
    const headers = said === undefined ? rest : { ...rest, 'x-csrf': said };
    expect(await endAll(headers)).toMatchObject({ status: 403, reached: false });
  });

  test('of another sign-in of the same person does nothing', async () => {
    const second = client.engine.desk.signIn('ada');
    const theirs = (await client.get('/api/me', second)).json().csrf;
    expect(await endAll({ ...good, 'x-csrf': theirs })).toMatchObject({ status: 403, reached: false });
  });

  test('is wanted by every call that somebody signed in makes', async () => {
    const open = ['welcome', 'sign-in-options', 'sign-in', 'accept-invitation'];
    for (const name of PublicCalls.filter((one) => !open.includes(one))) {
      const headers = {
        host: 'localhost',
        cookie: `penstock=${session}`,
        'content-type': 'application/json',
      };
      const answer = await client.app.inject({
        method: 'POST',
        url: `/api/calls/${name}`,
        headers,
        payload: '{}',
      });
      expect({ name, status: answer.statusCode }).toEqual({ name, status: 403 });
    }
    expect(client.engine.desk.calls).toEqual([]);
  });
});

describe('a cookie', () => {
  test.for([
    { what: 'of nobody', cookie: '' },
    { what: 'that is forged', cookie: `penstock=${'A'.repeat(43)}` },
    { what: 'with signs that no secret has', cookie: 'penstock=../../etc/passwd-and-more' },
    { what: 'longer than any secret', cookie: `penstock=${'A'.repeat(129)}` },
    { what: 'under the name of the other scheme', cookie: '__Host-penstock=SECRET' },
    { what: 'in another case', cookie: 'Penstock=SECRET' },
  ])('$what is nobody', async ({ cookie }) => {
    const headers = { ...good, cookie: cookie.replace('SECRET', session) };
    const { reached } = await endAll(headers);
    expect(client.engine.desk.sessions.size).toBe(1);
    expect(client.engine.desk.grants[0]?.state).toBe('open');
    expect(reached).toBe(false);
    expect((await client.app.inject({ url: '/api/status', headers })).statusCode).toBe(401);
  });

  test.for([
    { what: 'one sign too long', value: 'A'.repeat(129) },
    { what: 'long', value: 'A'.repeat(4_000) },
    { what: 'quoted', value: '"quoted-and-long-enough"' },
    { what: 'in two words', value: 'a secret of two words' },
    { what: 'of zero bytes', value: '%00'.repeat(16) },
  ])(
    'that is $what is not even asked about: the engine ends a channel that breaks the form',
    async ({ value }) => {
      for (const url of ['/api/me', '/api/live', '/api/status']) {
        const answer = await client.app.inject({ url, headers: { ...good, cookie: `penstock=${value}` } });
        expect(answer.statusCode).toBe(401);
      }
      expect(client.engine.desk.calls).toEqual([]);
    },
  );

  test('that was stolen is of no use after the person has signed out', async () => {
    await client.call('sign-out', {}, session);
    expect(await endAll(good)).toMatchObject({ status: 401 });
    expect(client.engine.desk.grants[0]?.state).toBe('open');
  });

  test('in the address, in another header or in the body is nobody', async () => {
    const { cookie: _none, ...headers } = good;
    expect(await endAll({ ...headers, authorization: `Bearer ${session}` })).toMatchObject({ status: 401 });
    const url = `/api/calls/grant-end-all?penstock=${session}`;
    expect(await endAll(headers, '{"why":""}', url)).toMatchObject({ status: 401 });
  });
});

describe('a body', () => {
  test.for([
    { what: 'is no JSON', payload: '{"why":' },
    { what: 'is empty', payload: '' },
    { what: 'is a list', payload: '[]' },
    { what: 'is null', payload: 'null' },
    { what: 'has a key nobody knows', payload: '{"why":"","all":true}' },
    { what: 'has another type', payload: '{"why":7}' },
    { what: 'lacks what is asked', payload: '{}' },
    { what: 'reaches for the prototype', payload: '{"why":"","__proto__":{"roles":["administrator"]}}' },
    { what: 'hides the direction of its text', payload: '{"why":"\\u202egnp.exe"}' },
    { what: 'has control characters', payload: '{"why":"\\u001b[2J"}' },
    { what: 'has two lines', payload: '{"why":"one\\ntwo"}' },
  ])('that $what is refused before the engine', async ({ payload }) => {
    expect(await endAll(good, payload)).toMatchObject({ status: 400, reached: false });
  });

  test('larger than its call can need is not even read', async () => {
    expect(await endAll(good, JSON.stringify({ why: 'x'.repeat(20_000) }))).toEqual({
      status: 413,
      code: 'TOO_LARGE',
      reached: false,
    });
  });

  test('of the largest that its schema permits still fits its limit', () => {
    for (const name of PublicCalls) {
      const { asks } = Calls[name] as { readonly asks: Record<string, { readonly maxLength?: number }> };
      const full = Object.fromEntries(
        Object.entries(asks).map(([key, schema]) => [key, '\\u0001'.repeat(schema.maxLength ?? 0)]),
      );
      const bytes = Object.values(full).reduce((sum, text) => sum + text.length, 0);
      const limit = largestJson({ type: 'object', properties: asks });
      expect({ name, fits: bytes + 100 < limit }).toEqual({ name, fits: true });
      expect(limit).toBeLessThan(131_072);
    }
  });

  test('of any form is a problem and never a defect', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PublicCalls), fc.json({ maxDepth: 3 }), async (name, payload) => {
        const answer = await client.app.inject({
          method: 'POST',
          url: `/api/calls/${name}`,
          headers: good,
          payload,
        });
        expect(answer.statusCode).toBeGreaterThanOrEqual(200);
        expect(answer.statusCode === 500).toBe(false);
        expect(answer.body).not.toContain(session);
        client.engine.desk.sessions.set(session, { name: 'ada', locked: false });
      }),
      { numRuns: 300 },
    );
  });
});

describe('a path', () => {
  test.for([
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/gateway.yaml',
    '/page/../../front.ts',
    '/api/calls/../status',
    '/api/calls/grant-end-all/..%2fgrants',
    '/operator.css%00.ts',
    '/tsconfig.json',
    '/README.md',
    '/front.ts',
    '//etc/passwd',
    '/api/calls/constructor',
    '/api/calls/__proto__',
  ])('%s leads nowhere', async (url) => {
    const answer = await client.app.inject({ url, headers: { host: 'localhost' } });
    expect([400, 401, 404, 405]).toContain(answer.statusCode);
    expect(answer.body).not.toMatch(/root:|import |compilerOptions/);
  });
});

describe('a method', () => {
  test.for(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)(
    '%s makes no call',
    async (method) => {
      const answer = await client.app.inject({ method, url: '/api/calls/grant-end-all', headers: good });
      expect(answer.statusCode).toBe(405);
      expect(client.engine.desk.calls).toEqual([]);
    },
  );

  test('in a header or a parameter is not believed', async () => {
    const headers = { ...good, 'x-http-method-override': 'POST', 'x-method-override': 'POST' };
    const answer = await client.app.inject({
      method: 'GET',
      url: '/api/calls/grant-end-all?_method=POST',
      headers,
    });
    expect(answer.statusCode).toBe(405);
    expect(client.engine.desk.calls).toEqual([]);
  });
});

describe('headers', () => {
  test('of a proxy that is none do not change where a call comes from, nor its limit', async () => {
    const codes: number[] = [];
    for (let count = 0; count < 25; count += 1) {
      const answer = await client.app.inject({
        method: 'POST',
        url: '/api/calls/sign-in',
        headers: { ...good, 'x-forwarded-for': `198.51.100.${count}`, forwarded: `for=198.51.100.${count}` },
        payload: { name: 'ada', password: 'wrong', second: { kind: 'none' } },
      });
      codes.push(answer.statusCode);
    }
    expect(codes.filter((code) => code === 401)).toHaveLength(20);
    expect(codes.at(-1)).toBe(429);
    const sources = client.engine.desk.calls.map(({ context }) =>
      context.at === 'front' ? context.source : '',
    );
    expect(new Set(sources)).toEqual(new Set(['127.0.0.1']));
  });

  test('of a proxy do not make another origin ours', async () => {
    const headers = { ...good, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    expect(await endAll({ ...headers, origin: 'https://evil.example' })).toMatchObject({ status: 403 });
  });

  test('with a foreign host are turned away before anything else', async () => {
    expect(await endAll({ ...good, host: 'evil.example' })).toMatchObject({ status: 421, reached: false });
  });
});

describe('guessing', () => {
  test('passwords and codes is scarce: one source gets 20 sign-ins a minute to the engine', async () => {
    let refused = 0;
    for (let count = 0; count < 60; count += 1) {
      const answer = await client.call('sign-in', {
        name: `user${count}`,
        password: 'x',
        second: { kind: 'none' },
      });
      if (answer.statusCode === 429) refused += 1;
    }
    expect(refused).toBe(40);
    expect(client.engine.desk.calls.filter(({ name }) => name === 'sign-in')).toHaveLength(20);
  });

  test('a second factor within a sign-in is scarce as well', async () => {
    const codes: number[] = [];
    for (let count = 0; count < 40; count += 1) {
      const answer = await client.app.inject({
        method: 'POST',
        url: '/api/calls/prove-factor',
        headers: good,
        payload: { second: { kind: 'totp', code: String(count).padStart(6, '0') } },
      });
      codes.push(answer.statusCode);
    }
    expect(codes.filter((code) => code === 429)).toHaveLength(10);
  });

  test('names: an account that exists answers a sign-in and an invitation as one that does not', async () => {
    for (const [name, rest] of [
      ['sign-in', { password: 'x', second: { kind: 'totp', code: '000000' } }],
      ['accept-invitation', { code: 'AAAA-0000', password: 'a quite long password' }],
    ] as const) {
      const known = await client.call(name, { name: 'ada', ...rest });
      const unknown = await client.call(name, { name: 'nobody', ...rest });
      expect(unknown.statusCode).toBe(known.statusCode);
      expect(unknown.body).toBe(known.body);
    }
  });
});
