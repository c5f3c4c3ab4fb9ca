import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply } from '../../../gateway/cli/apply.ts';
import { showEvidence } from '../../../gateway/cli/evidence.ts';
import { describeStatus, status } from '../../../gateway/cli/status.ts';
import { formatConfig } from '../../../gateway/config.ts';
import { encodeFrame } from '../../../gateway/ipc/frame.ts';
import type { StatusBody } from '../../../gateway/ipc/snapshot.ts';
import { type Box, isReady, openBox } from '../engine/box.ts';
import { command, type Said } from './command.ts';

let box: Box;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pst-operate-'));
  box = await openBox();
  box.startEngine();
  box.startInspector();
  box.startInspector();
  await box.status();
});
afterAll(async () => {
  await box.close();
  rmSync(home, { recursive: true, force: true });
});

const config = () => ({ config: box.config.file });
const now = () => ({ ...config(), confirmNow: true });

function bundle(name: string, bytes: Uint8Array): string {
  const file = join(home, name);
  writeFileSync(file, bytes);
  return file;
}

describe('penstock apply', () => {
  test('says what came into force and what it replaced', async () => {
    const first = await command(() => apply(bundle('42.bundle', box.sealed({ version: 42 })), now()));
    expect(first).toMatchObject({ status: 0, err: '' });
    expect(first.out).toMatch(
      /^policy version 42 \([0-9a-f]{12}\) is in force; \d+ of its tests hold; before: no policy$/,
    );
    await box.status(isReady);
    const next = await command(() => apply(bundle('43.bundle', box.sealed({ version: 43 })), now()));
    expect(next.out).toMatch(
      /^policy version 43 \(\w+\) is in force; .*; before: policy version 42 \(\w+\)$/,
    );
    const again = await command(() => apply(join(home, '43.bundle'), now()));
    expect(again.out).toMatch(/version 43 \(\w+\) was in force already/);
  });

  test('says why a bundle was refused, what helps, and that the running policy stays', async () => {
    const said = await command(() => apply(bundle('old.bundle', box.sealed({ version: 7 })), config()));
    expect(said.status).toBe(1);
    expect(said.err.split('\n')).toEqual([
      'BUNDLE_VERSION The bundle does not follow on the running policy. It is version 7, version 43 is running.',
      expect.stringMatching(/^ {2}\w.*policy_version/),
      '  The running policy stays.',
    ]);
  });

  test('gives a script the same', async () => {
    const file = join(home, '43.bundle');
    const good = await command(() => apply(file, { ...config(), json: true }));
    expect(JSON.parse(good.out)).toMatchObject({ version: 43, formerVersion: 43 });
    const bad = await command(() => apply(join(home, 'old.bundle'), { ...config(), json: true }));
    expect(bad.status).toBe(1);
    expect(JSON.parse(bad.out)).toMatchObject({ code: 'BUNDLE_VERSION', remedy: expect.any(String) });
  });
});

describe('penstock status', () => {
  test('shows who carries, who stands by and what needs a person', async () => {
    await box.status(isReady);
    const said = await command(() => status(config()));
    expect(said.out).toMatch(/^riverside-wtp cgw-01, proxy back end, up /);
    expect(said.out).toMatch(/\npolicy +version 43 \(\w{12}\), in force since .* UTC, valid until .* UTC\n/);
    expect(said.out).toMatch(/\d+ carries shards 0 1 2 3/);
    expect(said.out).toMatch(/\d+ stands by/);
    expect(said.out).toMatch(/last refused +.* BUNDLE_VERSION/);
  });

  test('reads well on a box that has all it needs', () => {
    expect(`${describeStatus(calm)}\n`).toBe(CalmStatus);
  });

  test('puts the alarms last, each with its code', () => {
    const alarms = [
      { code: 'NO_SPARE', sentence: 'No spare inspecting process stands by.' },
      { code: 'BUNDLE_EXPIRED', sentence: 'The running bundle is past its validity.' },
    ];
    expect(
      describeStatus({ ...calm, alarms })
        .split('\n')
        .slice(-3),
    ).toEqual([
      'alarms',
      '  NO_SPARE        No spare inspecting process stands by.',
      '  BUNDLE_EXPIRED  The running bundle is past its validity.',
    ]);
  });
});

describe('penstock evidence show', () => {
  test('tells the acts of the box, oldest first', async () => {
    await box.act('bundleRefused');
    const said = await command(() => showEvidence(join(box.config.state, 'evidence'), {}));
    expect(said.status).toBe(0);
    const lines = said.out.split('\n');
    expect(lines[0]).toMatch(/^ +0 {2}\S+Z {2}started riverside-wtp cgw-01/);
    expect(said.out).toMatch(/bundle accepted: policy version 42, \w+, by \w+, signed by site/);
  });
});

describe('what a person got wrong is a sentence, a remedy and a status, never a stack trace', () => {
  const gone = () => ({ config: written('gone.yaml', { run: join(home, 'nobody') }) });
  const wrong: readonly [string, number, RegExp, () => Promise<number>][] = [
    [
      'no configuration',
      3,
      /PST_ERR_CONFIG_READ .*none\.yaml/,
      () => status({ config: join(home, 'none.yaml') }),
    ],
    ['a key nobody knows', 3, /PST_ERR_CONFIG .*the key colour is not known/, () => status(colourful())],
    ['no engine', 3, /PST_ERR_ENGINE_GONE .*control/, () => status(gone())],
    ['no engine to apply to', 3, /PST_ERR_ENGINE_GONE/, () => apply(join(home, '43.bundle'), gone())],
    ['no bundle', 2, /none\.bundle does not exist/, () => apply(join(home, 'none.bundle'), config())],
    ['a folder for a bundle', 2, /cannot be read/, () => apply(home, config())],
    [
      'a file far too large for a bundle',
      2,
      /has 4000000 bytes, a bundle at most/,
      () => apply(bundle('large', Buffer.alloc(4_000_000)), config()),
    ],
    ['no evidence', 3, /nowhere holds no evidence/, () => showEvidence(join(home, 'nowhere'), {})],
    ['a file for evidence', 3, /holds no evidence/, () => showEvidence(join(home, '43.bundle'), {})],
  ];

  test.for(wrong)('%s', async ([, expected, sentence, act]) => {
    const said = await command(act);
    expect(said.status).toBe(expected);
    expect(said.err).toMatch(sentence);
    expect(said.err).toMatch(/\n {2}[A-Z].*[.;]/);
    expect(said.err).not.toMatch(/\n\s+at /);
  });

  test('an engine of another release is told from one that is not there', async () => {
    const run = join(home, 'other');
    mkdirSync(join(run, 'control'), { recursive: true });
    const other = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write(encodeFrame({ kind: 'answer', id: 1, body: { colour: 'red' } })));
    });
    await new Promise<void>((resolve) => other.listen(join(run, 'control/engine.sock'), resolve));
    const said = await command(() => status({ config: written('other.yaml', { run }) }));
    expect(said).toMatchObject({
      status: 3,
      err: expect.stringMatching(/PST_ERR_ENGINE_GONE .*another release/),
    });
    other.close();
  });
});

describe('the program itself', () => {
  test('has a line for every command, none of them broken', async () => {
    const said = await penstock('--help');
    expect(said.status).toBe(0);
    expect(said.out).toBe(readFileSync(new URL('../../golden/cli/help.txt', import.meta.url), 'utf8'));
  });

  test.for<[string, readonly string[], RegExp]>([
    ['no command', [], /^Usage: penstock/],
    ['a misspelt command', ['chek'], /unknown command 'chek'\n\(Did you mean check\?\)\n {2}Add --help/],
    ['a missing argument', ['check'], /missing required argument 'model'\n {2}Add --help/],
    ['an unknown option', ['status', '--colour'], /unknown option '--colour'\n {2}Add --help/],
    ['a missing option', ['sign', 'x'], /required option '--key <file>' not specified\n {2}Add --help/],
  ])('%s is a usage error', async ([, words, sentence]) => {
    const said = await penstock(...words);
    expect(said.status).toBe(2);
    expect(said.err).toMatch(sentence);
  });

  test('run refuses what cannot work before it starts anything', async () => {
    const file = written('keyless.yaml', { trusted_keys: ['nowhere.pem'] });
    const said = await penstock('run', '--config', file);
    expect(said.status).toBe(3);
    expect(said.err).toMatch(/^PST_ERR_KEY_READ .*nowhere\.pem.*\n {2}\w/);
    expect(said.err.trim().split('\n')).toHaveLength(2);
  });

  test.skipIf(process.getuid?.() === 0)('run without root refuses the kernel back end', async () => {
    const said = await penstock('run', '--config', written('kernel.yaml', { back_end: 'kernel' }));
    expect(said).toMatchObject({ status: 3, err: expect.stringMatching(/^PST_ERR_CAPABILITY/) });
  });
});

function colourful(): { config: string } {
  const file = written('colourful.yaml', {});
  writeFileSync(file, `${readFileSync(file, 'utf8')}colour: red\n`);
  return { config: file };
}

/** A gateway.yaml with these keys changed. */
function written(name: string, change: object): string {
  const file = join(home, name);
  const { site, gateway } = box.config;
  const raw = {
    back_end: 'proxy' as const,
    site,
    gateway,
    trusted_keys: [...box.config.trustedKeys],
    state: join(home, 'state'),
    run: join(home, 'run'),
    page: { listen: '127.0.0.1:0' },
    metrics: { listen: '127.0.0.1:0' },
  };
  writeFileSync(file, formatConfig({ ...raw, ...change }));
  return file;
}

async function penstock(...words: readonly string[]): Promise<Said> {
  const entry = fileURLToPath(new URL('../../../gateway/cli/penstock.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The runtime of this run, also for what is looked up by name.
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
  });
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    texts.out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    texts.err += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { status: code ?? -1, ...texts };
}

const calm: StatusBody = {
  site: 'riverside-wtp',
  gateway: 'cgw-01',
  policyVersion: 42,
  policyDigest: 'afdd58b13bc5'.padEnd(64, '0'),
  compiledFor: 'penstock 0.1.0',
  notBefore: Date.parse('2026-06-02T00:00:00Z'),
  notAfter: Date.parse('2027-06-02T00:00:00Z'),
  activatedAt: Date.parse('2026-11-20T08:00:00Z'),
  backEnd: 'kernel',
  zones: [],
  mode: { name: 'normal', since: 0, by: '', why: '', cutFlows: 0, otherProfiles: 0 },
  startedAt: Date.parse('2026-11-20T07:59:58Z'),
  now: Date.parse('2026-11-20T11:12:00Z'),
  inspectors: [
    { pid: 812, shards: [0, 1, 2, 3], spare: false, since: 0, dataPath: 'epoll' },
    { pid: 813, shards: [], spare: true, since: 0 },
  ],
  nftChild: 'up',
  evidence: { segment: 3, records: 48_211, bytes: 9_961_472, lagMs: 12, lost: 0, failing: '' },
  alarms: [],
};

const CalmStatus = `riverside-wtp cgw-01, kernel back end, up 3 h 12 min

policy      version 42 (afdd58b13bc5), in force since 2026-11-20 08:00 UTC, valid until 2027-06-02 00:00 UTC
inspectors  812 carries shards 0 1 2 3, by epoll
            813 stands by
nft child   up
evidence    48211 records, 9.5 MiB

no alarms
`;
