import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { credentialsFile } from '../../../gateway/broker/connect-lines.ts';
import { type Running, start } from '../../plant/namespaces/exec.ts';
import { PenstockCommand } from '../../plant/namespaces/site.ts';
import { createTestAuthority, type TestIdentity } from '../front/carriers/certificates.ts';
import { type FakeEngine, startFakeEngine } from '../front/carriers/fake-engine.ts';

const Dosing = 'pumpco/plc-dosing.502';
const Intake = 'pumpco/plc-intake.502';

let engine: FakeEngine;
let folder: string;
let running: Running | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pst-connect-'));
  engine = await startFakeEngine();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `penstock connect` with these credentials, on a port that is free. */
async function run(identity: TestIdentity, ...more: readonly string[]): Promise<Running> {
  const port = await vi.waitUntil(() => engine.carriers.listening().tls);
  const file = join(folder, 'credentials.pem');
  writeFileSync(file, credentialsFile({ ...identity, authority: engine.authority.certificate }));
  const options = ['--credentials', file, '--to', `127.0.0.1:${port}`, '--listen', '127.0.0.1:0', ...more];
  running = start([...PenstockCommand, 'connect', ...options]);
  return running;
}

async function dial(tunnel: Running): Promise<{ readonly socket: Socket; readonly heard: () => string }> {
  const [, port] = await tunnel.says(/127\.0\.0\.1:(\d+) is/);
  let heard = '';
  const socket = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true });
  socket.on('data', (piece) => {
    heard += piece.toString();
  });
  socket.on('error', () => undefined);
  return { socket, heard: () => heard };
}

test('a local port leads to the target, and the time left is told', async () => {
  const tunnel = await run(await engine.grantTls('G-AAAA', [Dosing, Intake]));
  await tunnel.says(/G-AAAA: 127\.0\.0\.1:\d+ is the target until .* \(60 min left\)/);
  const { socket, heard } = await dial(tunnel);
  socket.write('hello');
  await vi.waitUntil(() => heard() === `${Dosing}\nhello`);
});

test('several connections go each their own way, to the target that was named', async () => {
  const tunnel = await run(
    await engine.grantTls('G-AAAA', [Dosing, Intake]),
    '--target',
    'plc-intake-502.penstock',
  );
  const all = await Promise.all(Array.from({ length: 5 }, () => dial(tunnel)));
  for (const [index, { socket }] of all.entries()) socket.write(`number ${index}`);
  for (const [index, { heard }] of all.entries()) {
    await vi.waitUntil(() => heard() === `${Intake}\nnumber ${index}`);
  }
});

test('the end of each half is carried', async () => {
  engine.serve = (socket) => {
    let heard = '';
    socket.on('data', (piece) => {
      heard += piece.toString();
    });
    socket.on('end', () => socket.end(`all of: ${heard}`));
    socket.resume();
  };
  const { socket, heard } = await dial(await run(await engine.grantTls('G-AAAA', [Dosing])));
  socket.end('a request');
  await vi.waitUntil(() => heard() === 'all of: a request');
});

test('it ends with the session, and says that it was ended before its time', async () => {
  const tunnel = await run(await engine.grantTls('G-AAAA', [Dosing]));
  const { socket, heard } = await dial(tunnel);
  await vi.waitUntil(() => heard() !== '');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  engine.end('G-AAAA');
  await closed;
  expect(await tunnel.ended).toMatchObject({ status: 1 });
  expect(tunnel.output()).toMatch(/closed the connection[\s\S]*G-AAAA was ended, \d+ min before its time/);
});

test('it ends by itself at the end of the certificate', async () => {
  const identity = await engine.authority.client('G-AAAA', 4_000);
  await engine.grantTls('G-BBBB', [Dosing]);
  const tunnel = await run(identity);
  expect(await tunnel.ended).toMatchObject({ status: 0 });
  expect(tunnel.output()).toContain('G-AAAA has reached its end.');
});

describe('a sentence says what is wrong', () => {
  test('with credentials that have ended', async () => {
    await engine.grantTls('G-BBBB', [Dosing]);
    const tunnel = await run(await engine.authority.client('G-AAAA', -1000));
    expect(await tunnel.ended).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('G-AAAA ended at'),
    });
  });

  test('where no session is open', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    await vi.waitUntil(() => engine.carriers.listening().tls);
    const port = engine.carriers.listening().tls;
    engine.end('G-AAAA');
    const file = join(folder, 'credentials.pem');
    writeFileSync(file, credentialsFile({ ...identity, authority: engine.authority.certificate }));
    running = start([...PenstockCommand, 'connect', '--credentials', file, '--to', `127.0.0.1:${port}`]);
    expect(await running.ended).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no session is open'),
    });
  });

  test('where another box answers: nothing is sent to it', async () => {
    await engine.grantTls('G-AAAA', [Dosing]);
    const other = await createTestAuthority();
    const identity = await other.client('G-AAAA');
    const port = await vi.waitUntil(() => engine.carriers.listening().tls);
    const file = join(folder, 'credentials.pem');
    writeFileSync(file, credentialsFile({ ...identity, authority: other.certificate }));
    const options = ['--credentials', file, '--to', `127.0.0.1:${port}`, '--listen', '127.0.0.1:0'];
    running = start([...PenstockCommand, 'connect', ...options]);
    const { socket } = await dial(running);
    socket.write('secret');
    await running.says(/is not the box that made these credentials/);
    expect(engine.called).toEqual([]);
  });

  test('with a target that is not in it', async () => {
    const tunnel = await run(
      await engine.grantTls('G-AAAA', [Dosing]),
      '--target',
      'plc-intake-502.penstock',
    );
    await dial(tunnel);
    await tunnel.says(/the target is not in it/);
  });

  test.for([
    [
      'a file that is no credentials',
      ['--credentials', '/dev/null', '--to', 'a:1'],
      /does not hold one private key/,
    ],
    ['a place without a port', ['--credentials', 'CREDENTIALS', '--to', 'box'], /is not HOST:PORT/],
    [
      'a local address that others reach',
      ['--credentials', 'CREDENTIALS', '--to', 'box:1', '--listen', '0.0.0.0:1502'],
      /can be reached from other machines/,
    ],
  ] as const)('with %s', async ([, options, said]) => {
    const identity = await engine.authority.client('G-AAAA');
    const file = join(folder, 'credentials.pem');
    writeFileSync(file, credentialsFile({ ...identity, authority: engine.authority.certificate }));
    const words = options.map((word) => (word === 'CREDENTIALS' ? file : word));
    running = start([...PenstockCommand, 'connect', ...words]);
    const { status, stderr } = await running.ended;
    expect([status, stderr]).toEqual([2, expect.stringMatching(said)]);
  });
});
