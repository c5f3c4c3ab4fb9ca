import { type AddressInfo, connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildServer } from '../../../gateway/front/api.ts';
import { Reasons } from '../../../rules/reason.ts';
import { type FakeEngine, fakeEngine, gone } from './snapshots.ts';

let engine: FakeEngine;
let defects: Error[];
let app: FastifyInstance;
beforeEach(async () => {
  engine = fakeEngine();
  defects = [];
  app = await buildServer({ engine, tls: undefined, onDefect: (error) => defects.push(error) });
  host['cookie'] = `penstock=${engine.desk.signIn('vera')}`;
});
afterEach(() => app.close());

const host: Record<string, string> = { host: 'localhost:8080' };

test.for(['status', 'conduits', 'connections', 'refusals'] as const)(
  '/api/%s gives what the engine says, whole, to somebody who is signed in',
  async (what) => {
    const answer = await app.inject({ url: `/api/${what}`, headers: host });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(engine.snapshots[what]);
  },
);

test('health is 200 with the policy version while the engine answers', async () => {
  const answer = await app.inject({ url: '/api/health', headers: host });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ status: 'ok', policyVersion: 42, alarms: 0 });
});

test.for(['health', 'status', 'conduits', 'connections', 'refusals'])(
  '/api/%s is 503 with a sentence and a remedy when the engine is gone',
  async (what) => {
    engine.problem = gone;
    const answer = await app.inject({ url: `/api/${what}`, headers: host });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toEqual({
      type: 'about:blank',
      title: 'No answer',
      status: 503,
      detail: gone.sentence,
      code: gone.code,
      remedy: gone.remedy,
    });
  },
);

test('the reasons are the closed list, each with its sentence', async () => {
  const answer = await app.inject({ url: '/api/reasons', headers: host });
  expect(answer.json()).toHaveLength(Object.keys(Reasons).length);
  expect(answer.json()).toContainEqual({ code: 'fc-not-allowed', ...Reasons['fc-not-allowed'] });
});

test('the OpenAPI document names every resource and its errors', async () => {
  const answer = await app.inject({ url: '/api/openapi.json', headers: host });
  const document = answer.json();
  expect(Object.keys(document.paths).filter((path) => !path.startsWith('/api/calls/'))).toEqual([
    '/api/status',
    '/api/conduits',
    '/api/connections',
    '/api/mode',
    '/api/refusals',
    '/api/me',
    '/api/health',
    '/api/reasons',
    '/api/live',
  ]);
  expect(Object.keys(document.paths['/api/status'].get.responses)).toEqual(['200', '4XX', '5XX']);
});

test.for(['status', 'conduits', 'connections', 'refusals', 'mode', 'me', 'live'])(
  '/api/%s is nothing for somebody who is not signed in',
  async (what) => {
    const answer = await app.inject({ url: `/api/${what}`, headers: { host: 'localhost' } });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code: 'PST_NOT_SIGNED_IN' });
  },
);

test.for(['localhost', 'LOCALHOST:80', '127.0.0.1:8080', '127.3.2.1', '[::1]:8080'])(
  'the page is served as %s',
  async (name) => {
    expect((await app.inject({ url: '/', headers: { host: name } })).statusCode).toBe(200);
  },
);

test.for(['evil.example:8080', 'localhost.evil.example', '127.0.0.1.nip.io', '10.20.0.1:8080', '[::2]'])(
  'a request for “%s” is refused, so that no foreign name can be made to point here',
  async (name) => {
    const answer = await app.inject({ url: '/api/status', headers: { host: name } });
    expect(answer.statusCode).toBe(421);
    expect(answer.json()).toMatchObject({ code: 'HOST', status: 421 });
  },
);

test('behind TLS the name is the certificate’s affair', async () => {
  // No handshake happens in an injected request, so an empty certificate does.
  const secure = await buildServer({ engine, tls: { cert: '', key: '' }, onDefect: () => undefined });
  const answer = await secure.inject({ url: '/api/health', headers: { host: 'cgw-01.plant.example' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['strict-transport-security']).toContain('max-age');
  await secure.close();
});

test.for(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)(
  '%s changes nothing of what is only read',
  async (method) => {
    const answer = await app.inject({ method, url: '/api/status', headers: host });
    expect(answer.statusCode).toBe(405);
    expect(answer.json()).toMatchObject({ code: 'METHOD' });
  },
);

test('what is not there is a problem of its own', async () => {
  const answer = await app.inject({ url: '/api/nothing', headers: host });
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ code: 'NOT_FOUND', detail: 'There is nothing at /api/nothing.' });
});

test('a defect of ours shows nothing of its inside', async () => {
  const broken = await buildServer({
    engine: { ...engine, ask: () => Promise.reject(new Error('secret path /var/lib/penstock')) },
    tls: undefined,
    onDefect: (error) => defects.push(error),
  });
  const answer = await broken.inject({ url: '/api/status', headers: host });
  await broken.close();
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('secret');
  expect(defects).toHaveLength(1);
});

test('a client that asks without pause is told when to come back', async () => {
  let answer = await app.inject({ url: '/api/reasons', headers: host });
  for (let count = 0; count < 1_500; count += 1) {
    answer = await app.inject({ url: '/api/reasons', headers: host });
  }
  expect(answer.statusCode).toBe(429);
  expect(answer.headers['retry-after']).toBeDefined();
  expect(answer.json()).toMatchObject({ code: 'RATE' });
});

test('the page allows no script but its own files, and no frame around it', async () => {
  const answer = await app.inject({ url: '/', headers: host });
  const policy = String(answer.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("trusted-types 'none'");
  expect(policy).not.toContain('unsafe');
  expect(policy).toContain("frame-ancestors 'none'");
  expect(answer.body).not.toMatch(/<script(?![^>]*src=)/);
  expect(answer.body).not.toMatch(/style=|https?:\/\//);
});

test('the page’s TypeScript is served as JavaScript, without its types', async () => {
  const answer = await app.inject({ url: '/app.ts', headers: host });
  expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(answer.body).toContain('setInterval');
  expect(answer.body).not.toMatch(/: Promise<void>|import type/);
});

test('one source that opens connections without end is held to its share, and the page goes on', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const sockets = Array.from({ length: 140 }, () => connect(port, '127.0.0.1'));
  let closed = 0;
  for (const socket of sockets) socket.on('error', () => undefined).on('close', () => (closed += 1));
  await vi.waitUntil(() => closed >= 12, { timeout: 10_000 });
  expect(closed).toBe(12);
  for (const socket of sockets.slice(0, 20)) socket.destroy();
  const health = () =>
    fetch(`http://127.0.0.1:${port}/api/health`).then(
      ({ status }) => status,
      () => 0,
    );
  await vi.waitUntil(async () => (await health()) === 200, { timeout: 10_000 });
  for (const socket of sockets) socket.destroy();
});
