/** @module-tag deep: a bench; nothing of the gateway is shown here alone. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compilePrograms } from '../../bench/traffic/load.ts';
import { run } from '../../plant/namespaces/exec.ts';
import { lacks } from '../tools.ts';

const Bench = fileURLToPath(new URL('../../bench/bench.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pst-'));
let programs: Awaited<ReturnType<typeof compilePrograms>>;

beforeAll(async () => {
  programs = await compilePrograms(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the bench of traffic measures the gateway and forwarding, reports what fails and goes on', async () => {
  const out = join(folder, 'traffic.json');
  const what = ['--rows', '10,setup,refused-100', '--columns', 'forward,penstock-epoll,peer'];
  // A peer that ends at once.
  const command = [
    process.execPath,
    Bench,
    'traffic',
    '--short',
    '--json',
    ...what,
    '--peer',
    'true',
    '--out',
    out,
  ];
  const { status, stdout, stderr } = await run(command, { patience: Patience });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { options, machine, tag, cells, goals } = JSON.parse(stdout);
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(JSON.parse(stdout));
  expect(options).toMatchObject({ short: true, rows: '10,setup,refused-100', peer: 'true' });
  expect(machine.node).toBe(process.version);
  const figures = Object.fromEntries(
    cells.map(({ row, column, measured }: Shown) => [`${row} ${column}`, measured !== undefined]),
  );
  expect(figures).toEqual({
    '10 forward': true,
    '10 penstock-epoll': true,
    '10 peer': false,
    'setup forward': true,
    'setup penstock-epoll': true,
    'setup peer': false,
    'refused-100 penstock-epoll': true,
  });
  for (const { column, measured, problem } of cells as readonly Shown[]) {
    if (column === 'peer') expect(problem).toMatch(/./);
    else expect(measured).toMatchObject({ transactions: expect.any(Number), skipped: 0 });
  }
  expect(goals.length).toBeGreaterThan(0);
  expect((await run(['ip', 'netns', 'list'])).stdout).not.toContain(tag);
});

test.skipIf(lacks('socat'))('a peer is told where to listen and whom to carry to', async () => {
  const split = 'set -- $(echo "$PENSTOCK_BENCH_LISTEN" | tr : " ")';
  const peer = `${split}; exec socat TCP-LISTEN:$2,bind=$1,fork,reuseaddr TCP:$PENSTOCK_BENCH_SERVER`;
  const what = ['--rows', '10', '--columns', 'peer', '--peer', peer];
  const command = [process.execPath, Bench, 'traffic', '--short', '--json', ...what];
  const { status, stdout, stderr } = await run(command, { patience: Patience });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout).cells).toMatchObject([
    { row: '10', column: 'peer', measured: { transactions: expect.any(Number), skipped: 0 } },
  ]);
});

test('the clients of the bench count an answer that is not the one to their request', async () => {
  // Every write is to be refused, and this server refuses none.
  const said = await alone(['refused=1']);
  expect(said).toMatchObject({
    transactions: 0,
    wrong: 2,
    error: expect.stringContaining('an answer is wrong'),
  });
});

test('the clients of the bench count connections that nobody takes', async () => {
  const said = await alone(['port=503']);
  expect(said).toMatchObject({ transactions: 0, failed: 2, error: expect.stringContaining('refused') });
});

test('the clients of the bench count connections to whom nobody says anything', async () => {
  const chain = 'type filter hook input priority 0; ip daddr 127.0.0.2 tcp dport 502 drop';
  const silent = `nft 'table ip silent { chain silent { ${chain}; }; }'`;
  const halves = ['servers=127.0.0.1,127.0.0.2', 'connections=4'];
  const [kept, anew] = await Promise.all([alone([...halves], silent), alone([...halves, 'setup=1'], silent)]);
  expect(kept).toMatchObject({ failed: 2, unanswered: 0, error: expect.stringContaining('timed out') });
  expect(anew).toMatchObject({ failed: 0, unanswered: 2 });
  for (const { transactions } of [kept, anew]) expect(transactions).toBeGreaterThan(0);
});

/** Milliseconds; two gateways are started, which a busy machine takes its time for. */
const Patience = 280_000;

interface Shown {
  readonly row: string;
  readonly column: string;
  readonly measured?: { readonly transactions: number };
  readonly problem?: string;
}

/** The clients and a server in a namespace of their own that ends with them. */
async function alone(words: readonly string[], before = '') {
  const load = [
    programs.load,
    'servers=127.0.0.1',
    'sources=127.0.0.1',
    'connections=2',
    'seconds=0.1',
    ...words,
  ];
  const script = `ip link set lo up; ${before}
    "$0" 502 & sleep 0.2; "$@"; kill $!`;
  const { stdout, stderr } = await run(['unshare', '-n', 'sh', '-c', script, programs.server, ...load]);
  const line = stdout.split('\n').find((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`${stdout}${stderr}`);
  return JSON.parse(line);
}
