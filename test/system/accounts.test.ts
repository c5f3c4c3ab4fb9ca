/** @module-tag deep: gateway/accounts and gateway/front show each; here with the plant beside. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../gateway/config.ts';
import { readLog } from '../../gateway/evidence/read-log.ts';
import { openEngineAsker } from '../../gateway/front/engine-asker.ts';
import { frontSocket } from '../../gateway/run/processes.ts';
import type { Act } from '../../rules/record/record.ts';
import type { Running } from '../plant/namespaces/exec.ts';
import { penstock } from '../plant/namespaces/site.ts';
import { type Bench, BenchGateway, benchModel, client, openBench } from './bench.ts';
import { eventually } from './eventually.ts';
import { FirstAdministrator, meetPeople, type People, type Person } from './vendor/people.ts';

/** Accounts of a whole gateway, abused while a plant works through it. */
let bench: Bench;
let people: People;
let ada: Person;
let olga: Person;
let plc: Running;
let poller: Running;
beforeAll(async () => {
  bench = await openBench(benchModel('vendor/vendor.zones.yaml'), BenchGateway, ['clock: by-hand']);
  const { network } = bench;
  const address = network.address('plc-dosing');
  plc = bench.at('plc-dosing', process.execPath, client('../../plant/plc.ts'), '--address', address);
  await plc.says(/listening/);
  people = await meetPeople(bench.gateway.config);
  ada = await people.add(FirstAdministrator, ['administrator']);
  olga = await people.add('olga', ['operator']);
  poller = bench.at('scada-1', process.execPath, client('poller.ts'), address, '502', '20000');
  await poller.says(/ok /);
});
afterAll(async () => {
  people?.close();
  await poller?.stop();
  await plc?.stop();
  await bench?.close();
});

const account = (...words: readonly string[]) =>
  penstock('account', ...words, '--config', bench.gateway.config);
const state = () => readConfig(bench.gateway.config).state;
/** Longest time between two answers to the poller since then, and how many there were. Milliseconds. */
function answersSince(time: number): { readonly longest: number; readonly count: number } {
  const times = [...poller.output().matchAll(/^ok (\d+)$/gm)].map(([, at]) => Number(at));
  const since = times.filter((at) => at >= time);
  const gaps = since.slice(1).map((at, index) => at - (since[index] ?? at));
  return { longest: Math.max(...gaps), count: since.length };
}

async function acts(): Promise<readonly Act[]> {
  const found: Act[] = [];
  for await (const entry of readLog(join(state(), 'evidence'))) {
    if (entry.kind === 'record' && entry.record.kind === 'act') found.push(entry.record.act);
  }
  return found;
}

test('ten thousand log-ins a minute, from everywhere, leave the plant alone and let a person in', {
  tags: ['deep'],
}, async () => {
  // Through the front's own socket, as a front would that was taken over: nothing there holds them back.
  const config = readConfig(bench.gateway.config);
  const engine = openEngineAsker(frontSocket(config));
  await eventually('the engine answers here', async () => {
    const said = await engine.call('welcome', {}, { session: '', source: Anywhere, attended: true });
    return said.ok ? true : undefined;
  });
  const started = Date.now();
  const answers = new Map<string, number>();
  const all: Promise<void>[] = [];
  const attempt = async (one: number): Promise<void> => {
    const source = { address: `198.51.${one % 256}.${(one >> 8) % 256}`, port: 40_000 };
    const asks = { name: one % 2 === 0 ? 'olga' : `name-${one}`, password: `guess ${one}`, second: None };
    const answer = await engine.call('sign-in', asks, { session: '', source, attended: true });
    const code = answer.ok ? 'done' : answer.problem.code;
    answers.set(code, (answers.get(code) ?? 0) + 1);
  };
  for (let one = 0; one < Attempts; one += 1) {
    all.push(attempt(one));
    if (one % 10 === 0) await delay(10 * Pace);
    if (one === Attempts / 2) {
      await people.signIn(olga);
      expect((await account('list')).stdout).toContain('olga');
    }
  }
  await Promise.all(all);
  engine.close();
  const { longest, count } = answersSince(started);
  expect(answers.get('done')).toBeUndefined();
  expect([...answers.keys()].sort()).toEqual(['PST_SIGN_IN_REFUSED', 'PST_SLOW_DOWN']);
  expect(poller.output()).not.toContain('lost');
  expect(count).toBeGreaterThan(100);
  expect(longest).toBeLessThan(3_000);
  const refused = (await acts()).filter(({ kind }) => kind === 'signInRefused');
  expect(refused.length).toBeLessThan(200);
});

test('a disabled account is out at once, with its sign-in live, and on record as done at the console', async () => {
  expect(await people.tries('grants', {}, olga)).toBe('done');
  expect(await account('disable', 'olga', '--by', 'anna')).toMatchObject({ status: 0 });
  expect(await people.tries('grants', {}, olga)).toBe('PST_NOT_SIGNED_IN');
  const told = (await acts()).findLast((act) => act.kind === 'accountChanged');
  expect(told).toMatchObject({
    account: 'olga',
    what: 'disabled',
    by: expect.stringMatching(/^console:anna/),
  });
});

test('the first administrator is made once; a reset at the console waits for a second person', async () => {
  const again = await account('first-administrator', 'eve', '--full-name', 'Eve');
  expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('PST_NOT_NOW') });
  const bea = await people.add('bea', ['administrator']);
  const half = await account('reset', 'ada', '--reason', 'lost her key');
  expect(half).toMatchObject({ status: 0, stdout: expect.stringContaining('an administrator has to ask') });
  expect(await people.tries('me', {}, ada)).toBe('done');
  expect(await people.call('account-reset', { name: 'ada', why: '' }, bea)).toMatchObject({ state: 'done' });
  expect(await people.tries('me', {}, ada)).toBe('PST_NOT_SIGNED_IN');
});

test('what the box keeps of people is for the engine alone, and nothing secret is in log or evidence', async () => {
  for (const folder of ['access/accounts', 'authority']) {
    const path = join(state(), folder);
    for (const file of readdirSync(path)) expect(statSync(join(path, file)).mode & 0o077, file).toBe(0);
  }
  const secrets = [ada.password, ada.totp, ada.session, olga.password, olga.totp, 'BEGIN PRIVATE KEY'];
  const texts = [JSON.stringify(await acts()), bench.gateway.log()];
  for (const secret of secrets) {
    for (const text of texts) expect(text.includes(secret)).toBe(false);
  }
});

test('a restart of the engine ends every sign-in and keeps every account', async () => {
  const bea = await people.add('bo', ['viewer']);
  const [engine] = await bench.gateway.pids('engine');
  if (engine === undefined) throw new Error('there is no engine');
  process.kill(engine, 'SIGKILL');
  await eventually('the engine is back', async () =>
    (await people.tries('me', {}, bea)) === 'PST_NOT_SIGNED_IN' ? true : undefined,
  );
  await people.signIn(bea);
  expect(await people.tries('grants', {}, bea)).toBe('done');
});

const Anywhere = { address: '198.51.100.1', port: 40_000 } as const;
const None = { kind: 'none' } as const;

/** A quarter of a minute of ten thousand a minute: one each 6 ms. */
const Attempts = 2_500;
const Pace = 6;
