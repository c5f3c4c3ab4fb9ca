import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { codeAt } from '../../../gateway/accounts/totp.ts';
import { openBackup } from '../../../gateway/backup/read-backup.ts';
import { backup } from '../../../gateway/cli/backup.ts';
import { type DemoPerson, makeDemoPeople } from '../../../gateway/cli/demo-people.ts';
import { type DemoSite, makeDemoSite } from '../../../gateway/cli/demo-site.ts';
import { verifyEvidence } from '../../../gateway/cli/evidence/verify.ts';
import { keys } from '../../../gateway/cli/keys.ts';
import { restore } from '../../../gateway/cli/restore.ts';
import { type Config, readConfig } from '../../../gateway/config.ts';
import { readLog } from '../../../gateway/evidence/read-log.ts';
import { makeDirectories } from '../../../gateway/run/directories.ts';
import { gatewayProcesses } from '../../../gateway/run/processes.ts';
import { type Supervisor, supervise } from '../../../gateway/run/supervisor.ts';
import type { Act } from '../../../rules/record/record.ts';
import { type Plant, startPlant } from '../../plant/plant.ts';
import { command } from '../cli/command.ts';

/**
 * A whole gateway is backed up while it runs, goes away with everything it had, and comes back in an empty directory: as
 * on a spare box. Once with its keys and once without.
 */
let home: string;
let plant: Plant;
let site: DemoSite;
let people: readonly DemoPerson[];
let formerKey: string;
const at = (...parts: readonly string[]): string => join(home, ...parts);
const box = (): string => at('box');
const passphrase = (): string => at('passphrase');

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pst-restored-'));
  writeFileSync(passphrase(), 'correct horse battery\n', { mode: 0o600 });
  plant = await startPlant();
  // The gateway is away now and then, and others look for the usual ports meanwhile.
  site = await makeDemoSite(box(), plant, 1_000 + (process.pid % 400) * 20);
  const gateway = await startGateway();
  people = await makeDemoPeople(site.config, site.page);
  formerKey = readFileSync(join(box(), 'state/evidence/log.pub'), 'utf8').trim();
  const asked = { config: site.config, passphraseFile: passphrase(), by: 'anna' };
  for (const [name, more] of [
    ['plain', {}],
    ['all', { withKeys: true, withEvidence: true }],
  ] as const) {
    const said = await command(() => backup({ ...asked, ...more, out: at(`${name}.backup`) }));
    expect(said).toMatchObject({ status: 0, err: '' });
  }
  await gateway.stop();
  renameSync(box(), at('former'));
}, 120_000);
afterAll(async () => {
  // Files share a process, and the log of others would be as quiet.
  vi.unstubAllEnvs();
  await plant?.close();
  rmSync(home, { recursive: true, force: true });
});

async function startGateway(): Promise<Supervisor> {
  const config = readConfig(site.config);
  makeDirectories(config, false);
  vi.stubEnv('PENSTOCK_LOG', 'fatal');
  const supervisor = supervise(gatewayProcesses(config, false), {
    started: () => undefined,
    died: () => undefined,
  });
  const health = `http://127.0.0.1:${site.page}/api/health`;
  await vi.waitUntil(async () => (await fetch(health).catch(() => undefined))?.ok === true, {
    timeout: 60_000,
  });
  await vi.waitUntil(async () => (await exchange(Read)) !== '', { timeout: 60_000 });
  return supervisor;
}

/** The answer to one ADU of hmi-1 to plc-dosing, hexadecimal. */
function exchange(adu: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(site.portOf('hmi-1', 'plc-dosing'), '127.0.0.1', () =>
      socket.write(Buffer.from(adu, 'hex')),
    );
    socket.once('data', (answer) => {
      resolve(answer.toString('hex'));
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(''));
  });
}

const Read = '000100000006010300640001';
const Write = '000200000006010600640005';

/** Status of the answer to a sign-in with the code of now. */
async function signIn({ name, password, secret }: DemoPerson): Promise<number> {
  const second = { kind: 'totp', code: codeAt(secret, Date.now()) };
  const answer = await fetch(`http://127.0.0.1:${site.page}/api/calls/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password, second }),
  });
  return answer.status;
}

async function acts(config: Config): Promise<readonly Act[]> {
  const found: Act[] = [];
  for await (const entry of readLog(join(config.state, 'evidence'))) {
    if (entry.kind === 'record' && entry.record.kind === 'act') found.push(entry.record.act);
  }
  return found;
}

async function restored(name: string): Promise<string> {
  rmSync(box(), { recursive: true, force: true });
  const asked = { config: site.config, passphraseFile: passphrase(), by: 'berta' };
  // As if it had been restored some minutes ago: codes of authenticators count again.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 300_000 });
  const said = await command(() => restore(at(`${name}.backup`), asked));
  vi.useRealTimers();
  expect(said).toMatchObject({ status: 0, err: '' });
  return said.out;
}

describe.each(['plain', 'all'] as const)('a box restored from a backup: %s', (name) => {
  test('enforces, knows its people, and its evidence is proved', { timeout: 120_000 }, async () => {
    const told = await restored(name);
    expect(told).toMatch(/^riverside-wtp cgw-01 as it was on \S+: policy version \d+/);
    const mode = (file: string): number => statSync(join(box(), file)).mode & 0o777;
    expect(mode('state')).toBe(0o750);
    expect(mode('state/access/accounts')).toBe(0o700);
    for (const file of readdirSync(join(box(), 'state/access/accounts'))) {
      expect(mode(`state/access/accounts/${file}`)).toBe(0o600);
    }
    const gateway = await startGateway();
    try {
      expect(await exchange(Read)).toMatch(/^000100000005010302/);
      expect(await exchange(Write)).toMatch(/^0002000000030186/);
      const [person] = people;
      if (person === undefined) throw new Error('nobody is there');
      expect(await signIn(person)).toBe(200);
    } finally {
      await gateway.stop();
    }
    const config = readConfig(site.config);
    const onRecord = await acts(config);
    const [origin] = onRecord.filter((act) => act.kind === 'originStarted');
    expect(origin?.handover).toContain(formerKey);
    expect(onRecord).toContainEqual(
      expect.objectContaining({ kind: 'restored', formerKey, by: 'berta', keys: name !== 'plain' }),
    );
    const now = readFileSync(join(config.state, 'evidence/log.pub'), 'utf8').trim();
    expect(now).not.toBe(formerKey);
    const evidence = join(config.state, 'evidence');
    expect(await command(() => verifyEvidence(evidence, { key: now }))).toMatchObject({ status: 0 });
    // Who has the former key follows it where that could hand over, and else is told.
    const byFormer = await command(() => verifyEvidence(evidence, { key: formerKey }));
    expect(byFormer.status).toBe(name === 'plain' ? 1 : 0);
    expect(byFormer.out).toMatch(name === 'plain' ? /did not hand over/ : /handed over/);
    const listed = await command(() => keys({ config: site.config }));
    expect(listed.out).toContain(now);
    expect(listed.out).toMatch(/signs policies/);
  });
});

describe('a backup', () => {
  test('without keys holds no private key, with them only sealed', async () => {
    const { configuration, unpackState } = openBackup(at('plain.backup'), 'correct horse battery');
    const directory = at('unpacked');
    unpackState(directory);
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    expect(names.filter((one) => /\.key$|\.pem$|host_ed25519|recordings\/key|\.seg$/.test(one))).toEqual([]);
    expect(names).toContain('bundles/confirmed.bundle');
    for (const { bytes } of configuration.values())
      expect(bytes.toString('latin1')).not.toContain('PRIVATE KEY');
    expect(readFileSync(at('all.backup')).toString('latin1')).not.toContain('PRIVATE');
  });

  test('is refused with another passphrase, when a byte is another, and when it is none', async () => {
    rmSync(box(), { recursive: true, force: true });
    writeFileSync(at('wrong'), 'another passphrase\n');
    const changed = readFileSync(at('plain.backup'));
    changed[changed.length - 100] = (changed[changed.length - 100] ?? 0) ^ 1;
    writeFileSync(at('changed.backup'), changed);
    const asked = { config: site.config, passphraseFile: passphrase(), by: 'berta' };
    const cases = [
      [at('plain.backup'), at('wrong'), /does not open with this passphrase/],
      [at('changed.backup'), passphrase(), /was changed or damaged/],
      [site.config.replace('box', 'former'), passphrase(), /is no backup/],
      [at('none'), passphrase(), /ENOENT/],
    ] as const;
    for (const [file, words, sentence] of cases) {
      const said = await command(() => restore(file, { ...asked, passphraseFile: words }));
      expect(said.status).toBe(2);
      expect(said.err).toMatch(sentence);
    }
    expect(readdirSync(home)).not.toContain('box');
  });
});
