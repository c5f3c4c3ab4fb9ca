import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { codeAt, TotpStep } from '../../../gateway/accounts/totp.ts';
import { credentialsFile } from '../../../gateway/broker/connect-lines.ts';
import type { Answers, Asks, CallName } from '../../../gateway/ipc/calls.ts';
import { type Running, run, start } from '../../plant/namespaces/exec.ts';
import { PenstockCommand } from '../../plant/namespaces/site.ts';

/** What the demo prints, done as it says: by three people over HTTP, and the vendor's tool over TLS. */
let demo: Running;
let guide: string;
let page: string;
beforeAll(async () => {
  demo = start([...PenstockCommand, 'demo']);
  guide = (await demo.says(/[\s\S]*one button\./, 50_000))[0];
  page = /operator page {3}(http:\S+?)\/\n/.exec(guide)?.[1] ?? '';
});
afterAll(() => demo?.stop());

/** Somebody signed in at the page. */
interface Person {
  readonly call: <N extends CallName>(name: N, asks: Asks<N>) => Promise<Answers<N>>;
  /** A code for the next half minute: the present one was used for signing in. */
  readonly nextCode: () => string;
}

async function signIn(name: string): Promise<Person> {
  const line = new RegExp(`^ +${name} .* (\\S+) {2}npx penstock (demo --code (\\S+))$`, 'm').exec(guide);
  const [, password = '', command = '', secret = ''] = line ?? [];
  // What stands there, pasted.
  const { stdout } = await run([...PenstockCommand, ...command.split(' ')]);
  let headers: Record<string, string> = { 'content-type': 'application/json' };
  const call = async <N extends CallName>(called: N, asks: Asks<N>): Promise<Answers<N>> => {
    const answer = await fetch(`${page}/api/calls/${called}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(asks),
    });
    const [cookie] = answer.headers.getSetCookie();
    if (cookie !== undefined) headers = { ...headers, cookie: cookie.split(';')[0] ?? '' };
    const body = (await answer.json()) as Answers<N>;
    if (!answer.ok) throw new Error(`${called}: ${JSON.stringify(body)}`);
    return body;
  };
  const second = { kind: 'totp', code: stdout.trim() } as const;
  const { csrf } = await call('sign-in', { name, password, second });
  headers = { ...headers, 'x-csrf': csrf };
  return { call, nextCode: () => codeAt(secret, Date.now() + TotpStep) };
}

test('two people of the plant let the vendor in, who reads and may not write', async () => {
  const [vendor, lead, otto] = await Promise.all(['service-1@pumpco.example', 'lead', 'otto'].map(signIn));
  if (vendor === undefined || lead === undefined || otto === undefined) throw new Error('nobody is there');
  const targets = ['pumpco/plc-dosing.502'];
  const asks = {
    vendor: 'pumpco',
    targets,
    carrier: 'tls',
    reason: 'a drift',
    ticket: '',
    length: 600_000,
  } as const;
  const { id } = await vendor.call('grant-request', { ...asks, targets: [...targets] });
  for (const person of [lead, otto]) {
    const { digest } = await person.call('grant', { grant: id });
    await person.call('grant-approve', {
      grant: id,
      digest,
      second: { kind: 'totp', code: person.nextCode() },
    });
  }
  await vi.waitUntil(async () => (await vendor.call('grant', { grant: id })).state === 'open', {
    timeout: 20_000,
  });

  const folder = mkdtempSync(join(tmpdir(), 'pst-demo-test-'));
  const credentials = await vendor.call('grant-credentials', { grant: id });
  writeFileSync(join(folder, `${id}.pem`), credentialsFile(credentials));
  const line = credentials.lines.find(({ text }) => text.startsWith('penstock connect'))?.text ?? '';
  const words = line
    .replace(/^penstock /, '')
    .replace(/127\.0\.0\.1:1502$/, '127.0.0.1:0')
    .split(' ');
  const tunnel = start([
    ...PenstockCommand,
    ...words.map((one) => one.replace(/^G-.*\.pem$/, `${folder}/$&`)),
  ]);
  const [, port] = await tunnel.says(/127\.0\.0\.1:(\d+) is plc-dosing-502\.penstock/);

  const read = await exchange(Number(port), '000100000006010300640001');
  expect(read).toMatch(/^000100000005010302/);
  const write = await exchange(Number(port), '000200000006010600640005');
  expect(write).toMatch(/^0002000000030186/);

  await lead.call('grant-end', { grant: id, why: 'seen' });
  await vi.waitUntil(async () => (await vendor.call('grant', { grant: id })).receipt, { timeout: 20_000 });
  expect(await exchange(Number(port), '000300000006010300640001')).toBe('');
  await tunnel.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The answer to one ADU, hexadecimal; empty where the connection ends without one. */
function exchange(port: number, adu: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(adu, 'hex')));
    socket.once('data', (answer) => {
      resolve(answer.toString('hex'));
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(''));
  });
}
