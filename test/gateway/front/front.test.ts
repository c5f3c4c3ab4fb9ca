import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { type Config, readConfig } from '../../../gateway/config.ts';
import { type Front, startFront } from '../../../gateway/front/front.ts';

let directory = '';
let front: Front | undefined;
let lines: { page: string; metrics: string }[];
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
  const [{ page, metrics } = { page: '', metrics: '' }] = lines;
  const health = await fetch(`${page}/api/health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ detail: 'The engine cannot be reached.' });
  expect(await (await fetch(`${metrics}/metrics`)).text()).toContain('penstock_engine_up 0');
  expect((await fetch(`${page}/metrics`)).status).toBe(404);
});

test.for([
  { key: 'page.listen', page: '0.0.0.0:0', metrics: '127.0.0.1:0' },
  { key: 'metrics.listen', page: '127.0.0.1:0', metrics: '[::]:0' },
])('$key is not listened on beyond this machine without a certificate', async ({ key, page, metrics }) => {
  await expect(startFront(await config(page, metrics), systemClock, log())).rejects.toMatchObject({
    code: 'PST_ERR_CONFIG',
    message: expect.stringContaining(`${key}: `),
  });
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
