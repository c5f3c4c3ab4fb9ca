import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GrantBody } from '../../../gateway/ipc/grant-body.ts';
import { type ApiClient, apiClient } from './api-client.ts';
import { type LiveReader, readLive } from './live-reader.ts';
import { grant, openGrant, operation, operations } from './people.ts';
import { gone, status } from './snapshots.ts';

let client: ApiClient;
let url: string;
let readers: LiveReader[];
beforeEach(async () => {
  client = await apiClient();
  client.engine.desk.grants = [openGrant(), grant(), grant({ id: 'G-OVER0001', state: 'closed' })];
  client.engine.desk.operations = operations();
  await client.app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(client.app.server.address() as AddressInfo).port}`;
  readers = [];
});
afterEach(async () => {
  for (const reader of readers) reader.stop();
  await client.app.close();
});

async function live(session: string): Promise<LiveReader> {
  const reader = await readLive(url, `penstock=${session}`);
  readers.push(reader);
  return reader;
}

const topics = ({ events }: LiveReader) => new Set(events.map(({ topic }) => topic));

test('somebody of the plant is told of everything, and a vendor of their own sessions alone', async () => {
  const { desk, snapshots } = client.engine;
  desk.grants.push(openGrant({ id: 'G-THEIRS01', person: 'other' }));
  const [ada, pavel] = [await live(desk.signIn('ada')), await live(desk.signIn('pavel'))];
  expect(await ada.next('status')).toEqual(snapshots.status);
  expect(await ada.next('conduits')).toEqual(snapshots.conduits);
  expect(await ada.next('operations')).toHaveLength(3);
  await pavel.next('beat');
  expect(topics(ada)).toEqual(
    new Set([
      'me',
      'status',
      'conduits',
      'connections',
      'refusals',
      'mode',
      'grants',
      'closed',
      'operations',
      'beat',
    ]),
  );
  expect(topics(pavel)).toEqual(new Set(['me', 'grants', 'closed', 'beat']));
  const ids = ((await pavel.next('grants')) as GrantBody[]).map(({ id }) => id);
  expect(ids).toEqual(['G-OPEN0001', 'G-7F3K92QD']);
});

test('what changes is told once, to all who may see it', async () => {
  const { desk, snapshots } = client.engine;
  const [one, other] = [await live(desk.signIn('ada')), await live(desk.signIn('vera'))];
  await Promise.all([one.next('operations'), other.next('operations')]);
  snapshots.status = status({ policyVersion: 43 });
  desk.operations.push(operation(4, { text: 'WRITE coil 1 = on', write: true }));
  const isNew = (data: { number: number }[]) => data[0]?.number === 4;
  await Promise.all([one.next('operations', isNew), other.next('operations', isNew)]);
  await one.next('status', ({ policyVersion }: { policyVersion: number }) => policyVersion === 43);
  const told = one.events.filter(({ topic }) => topic === 'operations').map(({ data }) => data as object[]);
  expect(told.map((some) => some.length)).toEqual([3, 1]);
  expect(one.events.filter(({ topic }) => topic === 'conduits')).toHaveLength(1);
});

test('many pages of people in the same roles cost the engine one look each second', async () => {
  const { desk } = client.engine;
  for (let count = 0; count < 12; count += 1) await live(desk.signIn('vera'));
  await Promise.all(readers.map((reader) => reader.next('beat')));
  desk.calls.splice(0);
  const beats = readers[0]?.events.filter(({ topic }) => topic === 'beat').length ?? 0;
  await vi.waitUntil(
    () => (readers[0]?.events.filter(({ topic }) => topic === 'beat').length ?? 0) >= beats + 2,
    { timeout: 10_000 },
  );
  const asked = desk.calls.filter(({ name }) => name === 'grants').length;
  expect(asked).toBeGreaterThanOrEqual(2);
  expect(asked).toBeLessThanOrEqual(4);
  expect(desk.calls.every(({ context }) => context.at === 'front' && !context.attended)).toBe(true);
});

test('the stream ends with the sign-in', async () => {
  const { desk } = client.engine;
  const session = desk.signIn('ada');
  const reader = await live(session);
  await reader.next('beat');
  desk.sessions.delete(session);
  await reader.ended;
  expect(reader.events.at(-1)).toMatchObject({ topic: 'ended', data: { code: 'PST_NOT_SIGNED_IN' } });
});

test('a locked screen is told nothing but that it is locked', async () => {
  const { desk } = client.engine;
  const session = desk.signIn('ada');
  const reader = await live(session);
  await reader.next('beat');
  Object.assign(desk.sessions.get(session) ?? {}, { locked: true });
  await reader.next('me', ({ locked }: { locked: boolean }) => locked);
  const before = reader.events.length;
  desk.grants = [];
  desk.calls.splice(0);
  await vi.waitUntil(() => desk.calls.length >= 2, { timeout: 10_000 });
  expect(reader.events.slice(before)).toEqual([]);
});

test('an engine that goes is told, and that it is back', async () => {
  const reader = await live(client.engine.desk.signIn('ada'));
  await reader.next('beat');
  client.engine.problem = gone;
  expect(await reader.next('trouble')).toEqual({ code: gone.code, sentence: gone.sentence });
  const before = reader.events.length;
  client.engine.problem = undefined;
  await vi.waitUntil(() => reader.events.slice(before).some(({ topic }) => topic === 'beat'), {
    timeout: 10_000,
  });
});

test('nobody opens more than five pages of one sign-in', async () => {
  const session = client.engine.desk.signIn('ada');
  for (let count = 0; count < 5; count += 1) await live(session);
  await expect(live(session)).rejects.toThrow('status 429');
});

test('while nobody watches, nothing is asked', async () => {
  const { desk } = client.engine;
  const reader = await live(desk.signIn('ada'));
  await reader.next('beat');
  reader.stop();
  await vi.waitUntil(
    async () => {
      desk.calls.splice(0);
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      return desk.calls.length === 0;
    },
    { timeout: 10_000 },
  );
});
