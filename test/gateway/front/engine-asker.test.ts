import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AnswerTime, type EngineAsker, openEngineAsker } from '../../../gateway/front/engine-asker.ts';
import { type Channel, openChannel } from '../../../gateway/ipc/channel.ts';
import { type LocalListener, listenLocally } from '../../../gateway/ipc/listen.ts';
import { checkFrontToEngine, type EngineToFront, type FrontToEngine } from '../../../gateway/ipc/messages.ts';
import { status } from './snapshots.ts';

let directory = '';
let path = '';
let listener: LocalListener | undefined;
let asker: EngineAsker;
let asked: FrontToEngine[];
let reply: (ask: FrontToEngine, channel: Channel<EngineToFront>) => void;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'penstock-asker-'));
  path = join(directory, 'engine.sock');
  asked = [];
  reply = (ask, channel) => channel.send({ kind: 'answer', id: ask.id, body: status() });
  await startEngine();
  asker = openEngineAsker(path);
  await vi.waitUntil(async () => (await asker.ask('status')).ok);
  asked = [];
});
afterEach(async () => {
  vi.useRealTimers();
  asker.close();
  await listener?.close();
  await rm(directory, { recursive: true, force: true });
});

test('a question is answered with a body of the agreed form', async () => {
  expect(await asker.ask('status')).toEqual({ ok: true, body: status() });
});

test('what the engine will not answer is told in its own words', async () => {
  reply = (ask, channel) =>
    channel.send({ kind: 'no-answer', id: ask.id, code: 'NOT_NOW', sentence: 'Not now.', remedy: 'Wait.' });
  expect(await asker.ask('status')).toEqual({
    ok: false,
    problem: { code: 'NOT_NOW', sentence: 'Not now.', remedy: 'Wait.' },
  });
});

test('a body of another form is no answer', async () => {
  reply = (ask, channel) => channel.send({ kind: 'answer', id: ask.id, body: { site: 7 } });
  expect(await asker.ask('status')).toMatchObject({
    ok: false,
    problem: { sentence: 'The engine gave an answer of another release.' },
  });
});

test('an engine that goes away while it is asked is an answer at once', async () => {
  reply = () => void listener?.close();
  expect(await asker.ask('status')).toMatchObject({
    ok: false,
    problem: { code: 'PST_ERR_ENGINE_GONE', sentence: 'The engine cannot be reached.' },
  });
});

test('an engine that is silent is given up after the answer time', async () => {
  reply = () => undefined;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const answer = asker.ask('status');
  await vi.advanceTimersByTimeAsync(AnswerTime);
  expect(await answer).toMatchObject({
    ok: false,
    problem: { sentence: 'The engine did not answer in time.' },
  });
});

test('an engine that comes back is asked again', async () => {
  await listener?.close();
  await vi.waitUntil(async () => !(await asker.ask('status')).ok);
  await startEngine();
  await vi.waitUntil(async () => (await asker.ask('status')).ok);
});

test('many who ask the same at once cost the engine one question', async () => {
  await Promise.all(Array.from({ length: 50 }, () => asker.ask('status')));
  expect(asked).toHaveLength(1);
});

async function startEngine(): Promise<void> {
  listener = await listenLocally({
    path,
    directoryMode: 0o700,
    mode: 0o600,
    onConnection: (socket: Socket) => {
      openChannel<FrontToEngine, EngineToFront>(socket, {
        check: checkFrontToEngine,
        onMessage: (ask, channel) => {
          asked.push(ask);
          reply(ask, channel);
        },
        onClose: () => undefined,
      });
    },
  });
}
