import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listKeys } from '../../../gateway/backup/list-keys.ts';
import { verifyEvidence } from '../../../gateway/cli/evidence/verify.ts';
import { makeKeyPair } from '../../../gateway/cli/keygen.ts';
import { type KeysOptions, keys, rotateKey } from '../../../gateway/cli/keys.ts';
import { distrustKey, trustKey } from '../../../gateway/cli/keys-trust.ts';
import { sign } from '../../../gateway/cli/sign.ts';
import { readConfig } from '../../../gateway/config.ts';
import { readTrustMemory } from '../../../gateway/load/trust-memory.ts';
import { readRecordingKeys } from '../../../gateway/recording/recording-key.ts';
import { controlSocket } from '../../../gateway/run/processes.ts';
import { command } from '../cli/command.ts';
import { type Box, openBox } from '../engine/box.ts';

let box: Box;
let home: string;
let ways: KeysOptions;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pst-keys-'));
  box = await openBox();
  ways = { config: box.configFile, by: 'anna' };
  mkdirSync(join(dirname(box.configFile), 'keys'), { recursive: true });
  box.startEngine();
  box.startInspector();
  await box.status();
  expect(await box.apply(box.sealed({ version: 42 }))).toMatchObject({ ok: true });
}, 60_000);
afterAll(async () => {
  await box.close();
  rmSync(home, { recursive: true, force: true });
});

const evidence = (): string => join(box.config.state, 'evidence');
const state = (...parts: readonly string[]): string => join(box.config.state, ...parts);

async function listed(): Promise<
  readonly { readonly key: string; readonly name: string; readonly print: string }[]
> {
  return JSON.parse((await command(() => keys({ ...ways, json: true }))).out);
}

async function printOf(key: string): Promise<string> {
  return (await listed()).find((one) => one.key === key)?.print ?? '';
}

describe('penstock keys', () => {
  test('lists what the box has and what it trusts', async () => {
    const said = await command(() => keys(ways));
    expect(said.status).toBe(0);
    for (const use of ['evidence', 'authority', 'ssh', 'recordings'])
      expect(said.out).toMatch(new RegExp(`^${use} `, 'm'));
    expect(said.out).toMatch(/keys it trusts\n.*signs policies/);
    expect(said.out).not.toContain('PRIVATE');
  });

  test('lists who may sign the next release, and nobody where there is no such directory', () => {
    const config = { ...box.config, file: join(home, 'gateway.yaml') };
    const directory = join(home, 'release-keys');
    const releases = () =>
      listKeys(config).filter(({ use, owner }) => owner === 'trusted' && /releases/.test(use));
    expect(releases()).toEqual([]);
    mkdirSync(directory);
    const file = join(directory, 'vendor.pub.pem');
    writeFileSync(file, readFileSync(makeKeyPair(join(home, 'vendor')).public));
    writeFileSync(join(directory, 'notes.txt'), 'no key');
    expect(releases()).toEqual([
      expect.objectContaining({
        name: 'vendor',
        where: file,
        print: expect.stringMatching(/^[0-9a-f]{64}$/),
      }),
    ]);
  });

  test('says what can be changed when it is asked for something else', async () => {
    const said = await command(() => rotateKey('moon', ways));
    expect(said).toMatchObject({
      status: 2,
      err: expect.stringMatching(/evidence, authority, page, ssh, recordings/),
    });
  });
});

describe('penstock keys rotate', () => {
  test.each(['authority', 'page', 'ssh'] as const)('%s: another key, on record', async (key) => {
    const before = await printOf(key);
    const said = await command(() => rotateKey(key, { ...ways, reason: 'it was time' }));
    expect(said).toMatchObject({ status: 0, err: '' });
    const now = await printOf(key);
    expect(now).not.toBe(before);
    const records = await box.records();
    const acts = records.flatMap((one) =>
      one.kind === 'act' && one.act.kind === 'keyRotated' ? [one.act] : [],
    );
    expect(acts.at(-1)).toMatchObject({
      what: key,
      now,
      why: 'it was time',
      by: expect.stringMatching(/^anna/),
    });
  });

  test('recordings: those made before can still be read', async () => {
    const file = state('recordings', 'key');
    const former = readFileSync(file);
    expect(await command(() => rotateKey('recordings', ways))).toMatchObject({ status: 0 });
    const all = readRecordingKeys(file).map((one) => Buffer.from(one));
    expect(all).toHaveLength(2);
    expect(all[0]?.equals(former)).toBe(false);
    expect(all[1]?.equals(former)).toBe(true);
  });

  test('evidence: the whole log is proved by the former key and by the new one', async () => {
    const former = readFileSync(join(evidence(), 'log.pub'), 'utf8').trim();
    const said = await command(() => rotateKey('evidence', ways));
    expect(said.status).toBe(0);
    const now = readFileSync(join(evidence(), 'log.pub'), 'utf8').trim();
    expect(said.out).toContain(now);
    for (const key of [former, now]) {
      expect(await command(() => verifyEvidence(evidence(), { key }))).toMatchObject({ status: 0 });
    }
  });
});

describe('keys that sign policies', () => {
  test('overlap: a new one is trusted, signs beside the old one, and then the old one goes', {
    timeout: 60_000,
  }, async () => {
    const [old = ''] = box.config.trustedKeys;
    const pair = makeKeyPair(join(home, 'next'));
    const next = join(home, 'next.pub.pem');
    writeFileSync(next, readFileSync(pair.public));
    const oldName = basename(old, '.pub.pem');

    expect(await command(() => trustKey(next, ways))).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^next .* is trusted$/),
    });
    expect(await command(() => trustKey(next, ways))).toMatchObject({
      status: 2,
      err: expect.stringMatching(/trusted already/),
    });

    // Replaced whole and never cut short: who has the former one open reads it to its end.
    const text = readFileSync(box.configFile, 'utf8');
    const former = openSync(box.configFile, 'r');
    chmodSync(box.configFile, 0o604);

    // The policy in force is signed by the old one alone.
    const early = await command(() => distrustKey(oldName, ways));
    expect(early).toMatchObject({ status: 1, err: expect.stringMatching(/PST_ERR_TRUST/) });
    expect(readFileSync(box.configFile, 'utf8')).toContain(basename(old));

    const both = join(home, 'both.bundle');
    writeFileSync(both, box.sealed({ version: 43 }));
    await command(() => sign(both, { key: pair.secret }));
    expect(await box.apply(readFileSync(both))).toMatchObject({ ok: true });
    expect(await command(() => distrustKey(oldName, ways))).toMatchObject({ status: 0 });
    expect(readFileSync(former, 'utf8')).toBe(text);
    closeSync(former);
    expect(statSync(box.configFile).mode & 0o777).toBe(0o604);

    expect(await box.apply(box.sealed({ version: 44 }))).toMatchObject({ ok: false, code: 'BUNDLE_KEY' });
    const records = await box.records();
    const acts = records.flatMap((one) =>
      one.kind === 'act' && one.act.kind === 'trustChanged' ? [one.act] : [],
    );
    expect(acts.map(({ name, trusted }) => [name, trusted])).toEqual([
      ['next', true],
      [oldName, false],
    ]);
    expect(readTrustMemory(box.config.state)?.distrusted.map(({ name }) => name)).toEqual([oldName]);
    expect((await listed()).some(({ name }) => name === oldName)).toBe(false);

    // What was struck off by mistake is given again, and is no other key for that.
    const again = join(home, basename(old));
    writeFileSync(again, readFileSync(old));
    expect(await command(() => trustKey(again, ways))).toMatchObject({ status: 0 });
    writeFileSync(again, readFileSync(makeKeyPair(join(home, 'other')).public));
    expect(await command(() => trustKey(again, ways))).toMatchObject({
      status: 2,
      err: expect.stringMatching(/is there already, with another key/),
    });
  });
});

describe('keys that sign releases', () => {
  const releases = async (): Promise<readonly unknown[]> =>
    (await box.records()).flatMap((one) =>
      one.kind === 'act' && one.act.kind === 'trustChanged' && one.act.use === 'releases'
        ? [[one.act.name, one.act.trusted, one.act.by.replace(/ .*/, '')]]
        : [],
    );
  const directory = (): string => join(dirname(box.configFile), 'release-keys');
  const make = (name: string): string => {
    const file = join(home, `${name}.pub.pem`);
    writeFileSync(file, readFileSync(makeKeyPair(join(home, `${name}-pair`)).public));
    return file;
  };

  test('are given and taken away at the console, each on record', { timeout: 60_000 }, async () => {
    const [first, second] = [make('first'), make('second')];
    for (const file of [first, second]) {
      expect(await command(() => trustKey(file, { ...ways, release: true }))).toMatchObject({
        status: 0,
        out: expect.stringMatching(/is trusted to sign releases$/),
      });
    }
    expect(readdirSync(directory()).sort()).toEqual(['first.pub.pem', 'second.pub.pem']);
    expect(await command(() => distrustKey('first', { ...ways, release: true }))).toMatchObject({
      status: 0,
    });
    expect(readdirSync(directory())).toEqual(['second.pub.pem']);
    expect(await releases()).toEqual([
      ['first', true, 'anna'],
      ['second', true, 'anna'],
      ['first', false, 'anna'],
    ]);
    expect(readTrustMemory(box.config.state)?.releases?.distrusted.map(({ name }) => name)).toEqual([
      'first',
    ]);
    expect((await listed()).some(({ name }) => name === 'second')).toBe(true);
  });

  test('are not those of policies: neither signs for the other', async () => {
    const [policy = ''] = readTrustMemory(box.config.state)?.trusted ?? [];
    expect(policy).toBeDefined();
    const said = await command(() => distrustKey('second', ways));
    expect(said).toMatchObject({ status: 2, err: expect.stringMatching(/No key second is trusted/) });
  });

  test('that are none, private, or there already are not taken', async () => {
    const strange = join(home, 'strange.pem');
    writeFileSync(strange, 'no key');
    const { secret } = makeKeyPair(join(home, 'secret'));
    for (const file of [strange, secret]) {
      await expect(trustKey(file, { ...ways, release: true })).rejects.toThrow(/holds no public key/);
    }
    const again = await command(() => trustKey(join(home, 'second.pub.pem'), { ...ways, release: true }));
    expect(again).toMatchObject({ status: 2, err: expect.stringMatching(/trusted already/) });
    expect(readdirSync(directory())).toEqual(['second.pub.pem']);
  });

  test('that somebody laid there by hand go on record at the next look', async () => {
    const before = await releases();
    writeFileSync(join(directory(), 'by-hand.pub.pem'), readFileSync(make('by-hand')));
    expect(await command(() => trustKey(make('third'), { ...ways, release: true }))).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^by-hand .*\nthird .*/),
    });
    expect((await releases()).slice(before.length)).toEqual([
      ['by-hand', true, 'anna'],
      ['third', true, 'anna'],
    ]);
  });

  test.runIf(process.getuid?.() === 0)('belong to root, whoever gateway.yaml belongs to', async () => {
    chownSync(box.configFile, 4321, 4321);
    const rights = (name: string) => {
      const { uid, gid, mode } = statSync(join(directory(), `${name}.pub.pem`));
      return { uid, gid, mode: mode & 0o777 };
    };
    const roots = { uid: 0, gid: 0, mode: 0o644 };
    try {
      expect(await command(() => trustKey(make('roots'), { ...ways, release: true }))).toMatchObject({
        status: 0,
        err: expect.stringMatching(
          /release-keys was changed; penstock update goes by \/etc\/penstock\/release-keys/,
        ),
      });
      expect(rights('roots')).toEqual(roots);
      // Refused for another key that cannot be read, and so put back.
      const [policies = ''] = readConfig(box.configFile).trustedKeys;
      renameSync(policies, `${policies}.away`);
      const said = await command(() => distrustKey('roots', { ...ways, release: true }));
      renameSync(`${policies}.away`, policies);
      expect(said).toMatchObject({ status: 1, err: expect.stringMatching(/PST_ERR_KEY_READ/) });
      expect(rights('roots')).toEqual(roots);
    } finally {
      chownSync(box.configFile, 0, 0);
    }
  });

  test('go with every file they lie in', async () => {
    writeFileSync(join(directory(), 'twin.pub.pem'), readFileSync(join(directory(), 'second.pub.pem')));
    expect(await command(() => distrustKey('twin', { ...ways, release: true }))).toMatchObject({ status: 0 });
    expect(readdirSync(directory()).filter((name) => /twin|second/.test(name))).toEqual([]);
    expect(readTrustMemory(box.config.state)?.releases?.distrusted.map(({ name }) => name)).toContain(
      'second',
    );
  });

  test('that the gateway does not look at are not changed', async () => {
    const elsewhere = join(home, 'elsewhere');
    mkdirSync(elsewhere);
    const { state, run } = box.config;
    writeFileSync(
      join(elsewhere, 'gateway.yaml'),
      readFileSync(box.configFile, 'utf8')
        .replace(/^state: .*/m, `state: ${state}`)
        .replace(/^run: .*/m, `run: ${run}`),
    );
    const asked = { ...ways, config: join(elsewhere, 'gateway.yaml'), release: true };
    expect(await command(() => trustKey(make('lost'), asked))).toMatchObject({
      status: 1,
      err: expect.stringMatching(/sees no change/),
    });
    expect(readdirSync(join(elsewhere, 'release-keys'))).toEqual([]);
  });

  test('stay as they were where the gateway runs and does not answer', async () => {
    const mute = createServer((socket) => socket.destroy());
    const socket = controlSocket(box.config);
    renameSync(socket, `${socket}.kept`);
    try {
      await new Promise<void>((resolve) => void mute.listen(socket, resolve));
      const before = readdirSync(directory());
      for (const act of [
        () => trustKey(make('unheard'), { ...ways, release: true }),
        () => distrustKey('by-hand', { ...ways, release: true }),
      ]) {
        expect(await command(act)).toMatchObject({
          status: 3,
          out: '',
          err: expect.stringMatching(/PST_ERR_ENGINE_GONE/),
        });
        expect(readdirSync(directory())).toEqual(before);
      }
    } finally {
      await new Promise((resolve) => mute.close(resolve));
      rmSync(socket, { force: true });
      renameSync(`${socket}.kept`, socket);
    }
  });
});
