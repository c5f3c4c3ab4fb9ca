import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { type Config, readConfig } from '../../../gateway/config.ts';
import { type Front, startFront } from '../../../gateway/front/front.ts';
import { type Channel, openChannel } from '../../../gateway/ipc/channel.ts';
import { listenLocally } from '../../../gateway/ipc/listen.ts';
import { checkFrontToEngine, type EngineToFront, type FrontToEngine } from '../../../gateway/ipc/messages.ts';
import { frontSocket } from '../../../gateway/run/processes.ts';

let directory = '';
let front: Front | undefined;
let lines: { page?: string; metrics?: string; waits?: string }[];
const log = () => pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'penstock-front-'));
  lines = [];
});
afterEach(async () => {
  await front?.close();
  front = undefined;
  await rm(directory, { recursive: true, force: true });
});

test('page and metrics listen on addresses of their own, also while there is no engine', async () => {
  front = await startFront(await config('127.0.0.1:0', '127.0.0.1:0'), systemClock, log());
  const { page, metrics } = places();
  const health = await fetch(`${page}/api/health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ detail: 'The engine cannot be reached.' });
  expect(await (await fetch(`${metrics}/metrics`)).text()).toContain('penstock_engine_up 0');
  expect((await fetch(`${page}/metrics`)).status).toBe(404);
});

test('beyond this machine nothing is listened on before there is a certificate; the rest does not wait', async () => {
  front = await startFront(await config('0.0.0.0:0', '127.0.0.1:0'), systemClock, log());
  expect(lines.map(({ waits }) => waits).filter(Boolean)).toEqual(['page']);
  expect(places().page).toBe('');
  expect(await (await fetch(`${places().metrics}/metrics`)).text()).toContain('penstock_engine_up 0');
});

test('the certificate of the box’s own authority is used as soon as the engine tells it, and when it is renewed', async () => {
  const site = await config('0.0.0.0:0', '[::]:0');
  const engine = await frontListener(frontSocket(site));
  try {
    front = await startFront(site, systemClock, log());
    engine.tell(identity('one'));
    await vi.waitUntil(() => places().page !== '' && places().metrics !== '');
    expect(places().page).toMatch(/^https:/);
    expect(await certificateOf(places().page)).toBe('CN=one');
    expect(await certificateOf(places().metrics)).toBe('CN=one');
    engine.tell(identity('two'));
    await vi.waitUntil(async () => (await certificateOf(places().page)) === 'CN=two');
    expect(await certificateOf(places().metrics)).toBe('CN=two');
  } finally {
    await engine.close();
  }
});

test('a certificate that cannot be read is named', async () => {
  const tls = ', tls: {cert: missing.pem, key: missing.key}';
  await expect(
    startFront(await config('127.0.0.1:0', '127.0.0.1:0', tls), systemClock, log()),
  ).rejects.toMatchObject({ code: 'PST_ERR_CONFIG', message: expect.stringContaining('missing.pem') });
});

test('an address that is taken is named, and nothing is left listening', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await expect(
    startFront(await config('127.0.0.1:0', `127.0.0.1:${port}`), systemClock, log()),
  ).rejects.toMatchObject({ code: 'PST_ERR_LISTEN', message: expect.stringContaining(String(port)) });
  await new Promise((resolve) => taken.close(resolve));
});

function places(): { page: string; metrics: string } {
  const of = (name: 'page' | 'metrics') => lines.find((line) => line[name] !== undefined)?.[name] ?? '';
  return { page: of('page'), metrics: of('metrics') };
}

/** What the engine's side of the socket says, to every front that comes. */
async function frontListener(path: string) {
  const channels: Channel<EngineToFront>[] = [];
  const listener = await listenLocally({
    path,
    directoryMode: 0o700,
    mode: 0o600,
    onConnection: (socket) => {
      const channel = openChannel<FrontToEngine, EngineToFront>(socket, {
        check: checkFrontToEngine,
        onMessage: () => undefined,
        onClose: () => undefined,
      });
      channels.push(channel);
      if (latest !== undefined) channel.send(latest);
    },
  });
  let latest: EngineToFront | undefined;
  return {
    tell: (news: EngineToFront) => {
      latest = news;
      for (const channel of channels) channel.send(news);
    },
    close: () => listener.close(),
  };
}

function identity(name: string): EngineToFront {
  const [key, certificate] = [join(directory, `${name}.key`), join(directory, `${name}.pem`)];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
    ...['-subj', `/CN=${name}`, '-keyout', key, '-out', certificate],
  ]);
  expect(made.status).toBe(0);
  return {
    kind: 'page-identity',
    certificate: readFileSync(certificate, 'utf8'),
    key: readFileSync(key, 'utf8'),
  };
}

/** The subject of the certificate that is shown there. */
function certificateOf(url: string): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }, () => {
      resolve(`CN=${socket.getPeerCertificate().subject.CN}`);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

async function config(page: string, metrics: string, tls = ''): Promise<Config> {
  const file = join(directory, 'gateway.yaml');
  await writeFile(
    file,
    `back_end: proxy
site: riverside-wtp
gateway: cgw-01
trusted_keys: [site.pub]
state: state
run: run
page: {listen: "${page}"${tls}}
metrics: {listen: "${metrics}"}
`,
  );
  return readConfig(file);
}
