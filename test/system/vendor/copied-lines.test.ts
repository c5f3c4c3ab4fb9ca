import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectLines, credentialsFile } from '../../../gateway/broker/connect-lines.ts';
import { type FakeEngine, startFakeEngine } from '../../gateway/front/carriers/fake-engine.ts';
import { type Running, start } from '../../plant/namespaces/exec.ts';
import { PenstockCommand } from '../../plant/namespaces/site.ts';
import { eventually } from '../eventually.ts';
import { lacks } from '../tools.ts';
import { type AskPass, makeAskPass } from './askpass.ts';

/** What a vendor is told to copy, copied: run by a shell in an empty folder, with the tools as Debian ships them. */
const Person = 'service-1@pumpco.example';
const Password = 'a long pass phrase';
const Grant = 'G-7F3K92QD';
/** Ports that nothing here listens on; the local ones are 1000 above. */
const First = { id: 'pumpco/plc-dosing.43502', asset: 'plc-dosing', port: 43_502 };
const Second = { id: 'pumpco/plc-intake.43502', asset: 'plc-intake', port: 43_502 };
const Targets = [First, Second];

let engine: FakeEngine;
let folder: string;
let askPass: AskPass;
let running: Running | undefined;
const sockets: Socket[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pst-copied-'));
  askPass = makeAskPass();
  engine = await startFakeEngine();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await running?.stop();
  running = undefined;
  await engine.close();
  askPass.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The line for a tool, for Linux, with the credentials where it expects them. */
async function lineFor(tool: string): Promise<string> {
  const identity = await engine.grantTls(
    Grant,
    Targets.map(({ id }) => id),
  );
  writeFileSync(
    join(folder, `${Grant}.pem`),
    credentialsFile({ ...identity, authority: engine.authority.certificate }),
  );
  const port = await eventually('the TLS port', () => engine.carriers.listening().tls);
  return pick(
    connectLines({ carrier: 'tls', grant: Grant, host: '127.0.0.1', port, targets: Targets }),
    tool,
  );
}

function pick(lines: ReturnType<typeof connectLines>, tool: string): string {
  const found = lines.find(({ system, title }) => system.includes('Linux') && title.startsWith(tool));
  if (found === undefined) throw new Error(`no line for ${tool}`);
  return found.text;
}

/** Pastes it. A shell of its own group, so that what it starts ends with it. */
function paste(text: string, env: readonly string[] = []): Running {
  const penstock = PenstockCommand.map((word) => `'${word}'`).join(' ');
  const shell = `cd '${folder}'\npenstock() { exec ${penstock} "$@"; }\n${text.replace(/^(ssh|stunnel|openssl) /m, 'exec $1 ')}`;
  running = start([...env, 'bash', '-c', shell]);
  return running;
}

/** What comes back through a local port for what is sent. */
async function speak(port: number, target: string): Promise<void> {
  await eventually(`${target} on ${port}`, async () => {
    let heard = '';
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      heard += piece.toString();
    });
    socket.write('hello');
    await eventually('an answer or the end', () => heard !== '' || socket.closed || undefined);
    return heard === `${target}\nhello` ? heard : undefined;
  });
}

test('penstock connect leads to the target', async () => {
  paste(await lineFor('penstock'));
  await speak(44_502, First.id);
});

test.skipIf(lacks('stunnel'))('stunnel leads to every target', async () => {
  paste(await lineFor('stunnel'));
  await speak(44_502, First.id);
  await speak(44_503, Second.id);
});

test.skipIf(lacks('openssl'))('openssl leads to the target on the terminal', async () => {
  const openssl = paste(await lineFor('openssl'));
  await openssl.says(/plc-dosing\.43502/);
  openssl.tell('hello');
  await openssl.says(/hello/);
});

test.skipIf(lacks('ssh'))('ssh asks twice, tells what is open, and forwards to every target', async () => {
  engine.grantSsh(
    Grant,
    Person,
    Targets.map(({ id }) => id),
  );
  askPass.type(Password, '123456');
  const port = await eventually('the SSH port', () => engine.carriers.listening().ssh);
  const entry = {
    carrier: 'ssh',
    grant: Grant,
    host: '127.0.0.1',
    port,
    person: Person,
    targets: Targets,
  } as const;
  const ssh = paste(pick(connectLines({ ...entry, hostKey: engine.hostKey.trim() }), 'ssh'), askPass.env);
  await ssh.says(/For work only\.[\s\S]*Open now: plc-dosing:43502, plc-intake:43502/);
  await speak(44_502, First.id);
  await speak(44_503, Second.id);
});

test.skipIf(lacks('ssh'))('ssh is told when nothing is open for this person', async () => {
  engine.grantSsh(Grant, 'somebody.else', [First.id]);
  askPass.type(Password, '123456');
  const port = await eventually('the SSH port', () => engine.carriers.listening().ssh);
  const entry = {
    carrier: 'ssh',
    grant: Grant,
    host: '127.0.0.1',
    port,
    person: Person,
    targets: [First],
  } as const;
  const ssh = paste(pick(connectLines({ ...entry, hostKey: engine.hostKey.trim() }), 'ssh'), askPass.env);
  await ssh.says(/nothing is granted to you over SSH now/);
  expect((await ssh.ended).status).not.toBe(0);
});
