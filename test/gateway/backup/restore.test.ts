import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Account, inviteAccount } from '../../../gateway/accounts/account.ts';
import { openAccountStore } from '../../../gateway/accounts/account-store.ts';
import { codeAt, newTotpSecret, TotpStep, useTotp } from '../../../gateway/accounts/totp.ts';
import { configFiles } from '../../../gateway/backup/box-files.ts';
import { hardwareNotes } from '../../../gateway/backup/hardware-notes.ts';
import { restoreBackup } from '../../../gateway/backup/restore.ts';
import { asRestored } from '../../../gateway/backup/restored-accounts.ts';
import { readLeft } from '../../../gateway/backup/to-record.ts';
import { writeBackup } from '../../../gateway/backup/write-backup.ts';
import { makeKeyPair } from '../../../gateway/cli/keygen.ts';
import { distrustKey, trustKey } from '../../../gateway/cli/keys-trust.ts';
import { readSigningKey, sealPolicy } from '../../../gateway/cli/seal.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { type Config, formatConfig, readConfig, withTrustedKeys } from '../../../gateway/config.ts';
import { openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { lockWriter } from '../../../gateway/evidence/writer-lock.ts';
import {
  compareTrust,
  type KeyMemory,
  readTrustMemory,
  writeTrustMemory,
} from '../../../gateway/load/trust-memory.ts';
import { readTrustedKeys, type TrustedKey } from '../../../gateway/load/trusted-keys.ts';
import { command } from '../cli/command.ts';
import { examplePolicy } from '../engine/box.ts';
import { stopped } from '../evidence/samples.ts';

const passphrase = 'correct horse battery';
const now = Date.UTC(2026, 10, 21);

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pst-restore-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A box of the example site, whose policy has this version. */
async function makeBox(
  name: string,
  version: number,
  keys = makeKeyPair(join(home, name, 'keys')),
): Promise<Config> {
  const file = join(home, name, 'gateway.yaml');
  mkdirSync(join(home, name, 'state', 'bundles'), { recursive: true });
  const { site, gateway } = examplePolicy;
  const raw = { back_end: 'proxy', site, gateway, state: 'state', run: 'run' } as const;
  const listen = { page: { listen: '127.0.0.1:0' }, metrics: { listen: '127.0.0.1:0' } };
  writeFileSync(file, formatConfig({ ...raw, ...listen, trusted_keys: [keys.public] }));
  const envelope = sealPolicy({ ...examplePolicy, version }, readSigningKey(keys.secret));
  writeFileSync(join(home, name, 'state', 'bundles', 'confirmed.bundle'), envelope);
  const config = readConfig(file);
  const log = await openLog(config);
  await log.appendDurable(stopped('here'));
  await log.close();
  return config;
}

function openLog({ state, site, gateway }: Config) {
  const limits = { maxBytes: 1_048_576, segmentBytes: 65_536, clock: systemClock };
  return openEvidenceLog(join(state, 'evidence'), { ...limits, owner: { site, gateway } });
}

function backUp(config: Config, parts: { keys?: boolean; evidence?: boolean } = {}): string {
  const out = join(home, 'box.backup');
  rmSync(out, { force: true });
  const about = {
    keys: parts.keys === true,
    evidence: parts.evidence === true,
    by: 'anna',
    madeAt: now,
    release: '0',
    devices: [],
  };
  writeBackup({ ...about, config, out, passphrase, logN: 4 });
  return out;
}

function restore(file: string, configFile: string, onThisBox = false) {
  return restoreBackup({ file, passphrase, configFile, onThisBox, by: 'berta', now });
}

/** The box trusted these keys to sign policies, or to sign releases, and trusts those that are left. */
function strikeOff(
  { state }: Config,
  all: readonly TrustedKey[],
  left: readonly TrustedKey[],
  use: 'policies' | 'releases' = 'policies',
): void {
  const before = compareTrust(undefined, all, now).memory;
  const { memory } = compareTrust(before, left, now);
  const none = { trusted: [], distrusted: [] };
  writeTrustMemory(
    state,
    use === 'policies' ? { form: 1, ...memory } : { form: 1, ...none, releases: memory },
  );
}

const confirmed = ({ state }: Config): Buffer => readFileSync(join(state, 'bundles', 'confirmed.bundle'));

describe('a restore onto a box that has a state', () => {
  test('is refused unless it is told, and changes nothing then', async () => {
    const box = await makeBox('box', 3);
    const before = readdirSync(box.state, { recursive: true }).sort();
    const outcome = await restore(backUp(box), box.file);
    expect(outcome).toMatchObject({ ok: false, remedy: expect.stringContaining('--onto-this-box') });
    expect(readdirSync(box.state, { recursive: true }).sort()).toEqual(before);
    expect(readdirSync(join(home, 'box')).sort()).toEqual(['gateway.yaml', 'keys', 'state']);
  });

  test('never brings an older policy back, also not with an older configuration', async () => {
    const keys = makeKeyPair(join(home, 'box', 'keys'));
    const box = await makeBox('box', 3, keys);
    const old = backUp(box);
    const newer = sealPolicy({ ...examplePolicy, version: 9 }, readSigningKey(keys.secret));
    writeFileSync(join(box.state, 'bundles', 'confirmed.bundle'), newer);
    expect(await restore(old, box.file, true)).toMatchObject({ ok: true, policyVersion: 9 });
    expect(confirmed(box).equals(newer)).toBe(true);
  });

  test('brings a newer policy, and keeps what was there aside', async () => {
    const keys = makeKeyPair(join(home, 'box', 'keys'));
    const box = await makeBox('box', 9, keys);
    const backup = backUp(box);
    const older = sealPolicy({ ...examplePolicy, version: 3 }, readSigningKey(keys.secret));
    writeFileSync(join(box.state, 'bundles', 'confirmed.bundle'), older);
    expect(await restore(backup, box.file, true)).toMatchObject({ ok: true, policyVersion: 9 });
    expect(readFileSync(join(box.state, 'before-restore/bundles/confirmed.bundle')).equals(older)).toBe(true);
  });

  test('does not trust a key again that this box struck off', async () => {
    const box = await makeBox('box', 3);
    const backup = backUp(box);
    const [key] = readTrustedKeys(box.trustedKeys);
    if (key === undefined) throw new Error('no key');
    strikeOff(box, [key], []);
    expect(await restore(backup, box.file, true)).toMatchObject({
      ok: false,
      sentence: expect.stringMatching(/trusts none/),
    });
  });

  test.each(['whole', 'lost', 'torn'])(
    'takes the keys that this box struck off out of the configuration, where its own is %s',
    async (own) => {
      const keys = makeKeyPair(join(home, 'box', 'keys'));
      const stolen = makeKeyPair(join(home, 'box', 'stolen'));
      const box = await makeBox('box', 3, keys);
      const text = readFileSync(box.file, 'utf8');
      writeFileSync(
        box.file,
        withTrustedKeys(text, (paths) => [...paths, stolen.public]),
      );
      const backup = backUp(readConfig(box.file));
      const [all, left] = [readTrustedKeys([keys.public, stolen.public]), readTrustedKeys([keys.public])];
      strikeOff(box, all, left);
      if (own === 'lost') rmSync(box.file);
      else writeFileSync(box.file, own === 'torn' ? text.slice(0, 20) : text);
      expect(await restore(backup, box.file, true)).toMatchObject({
        ok: true,
        notes: expect.arrayContaining([expect.stringMatching(/stolen.* is trusted no more/)]),
      });
      expect(readConfig(box.file).trustedKeys).toEqual([keys.public]);
    },
  );

  test('leaves the accounts of this box as they are, and adds those it has not', async () => {
    const box = await makeBox('box', 3);
    const accounts = openAccountStore(join(box.state, 'access', 'accounts'));
    await accounts.put(person('anna'));
    await accounts.put(person('gone'));
    const backup = backUp(box);
    await accounts.put({ ...person('anna'), disabled: true });
    rmSync(join(box.state, 'access/accounts/gone.json'));
    expect(await restore(backup, box.file, true)).toMatchObject({ ok: true });
    const after = openAccountStore(join(box.state, 'access', 'accounts'));
    expect(after.find('anna')?.disabled).toBe(true);
    expect(after.find('gone')?.invitation).toBe('');
  });

  test('leaves the evidence of this box and its key as they are', async () => {
    const box = await makeBox('box', 3);
    const key = readFileSync(join(box.state, 'evidence/log.key'));
    await restore(backUp(box, { keys: true, evidence: true }), box.file, true);
    const log = await openLog(box);
    expect(log.state()).toMatchObject({ broken: '' });
    await log.close();
    expect(readFileSync(join(box.state, 'evidence/log.key')).equals(key)).toBe(true);
  });

  test('is refused while the gateway runs', async () => {
    const box = await makeBox('box', 3);
    const lock = await lockWriter(join(box.state, 'evidence'));
    const outcome = await restore(backUp(box), box.file, true);
    expect(outcome).toMatchObject({ ok: false, remedy: expect.stringContaining('systemctl stop') });
    await lock.release();
  });
});

describe('a restore onto a spare box', () => {
  const spare = (): string => join(home, 'spare', 'gateway.yaml');

  test.each([
    [{}, false],
    [{ keys: true }, true],
    [{ keys: true, evidence: true }, true],
    [{ evidence: true }, false],
  ])('goes on with a new key of its evidence: %j', async (parts, handsOver) => {
    const box = await makeBox('box', 3);
    const former = readFileSync(join(box.state, 'evidence/log.pub'), 'utf8').trim();
    expect(await restore(backUp(box, parts), spare())).toMatchObject({ ok: true, policyVersion: 3 });
    const config = readConfig(spare());
    expect(existsSync(join(config.state, 'evidence/log.key'))).toBe(false);
    const log = await openLog(config);
    expect(log.state()).toMatchObject({ broken: '' });
    expect(log.state().publicKey).not.toBe(former);
    await log.close();
    const begun = readFileSync(
      join(config.state, 'evidence', 'evidence' in parts ? '00000002.seg' : '00000001.seg'),
    ).toString('utf8');
    expect(begun).toContain(former);
    const [name] = former.split('+');
    const signatures = begun.split(`— ${name} `).length - 1;
    expect(signatures).toBe(handsOver ? 2 : 1);
    expect(readLeft(config.state)).toEqual([
      expect.objectContaining({ kind: 'restored', formerKey: former, by: 'berta' }),
    ]);
  });

  test.each([
    ['the first of its files', (name: string) => name === '00000001.seg'],
    ['the key that is handed over to', (name: string) => name !== 'handover'],
    ['all of its evidence', () => true],
  ])('that was cut off after %s is finished when it is done again', async (_, isThere) => {
    const box = await makeBox('box', 3);
    const former = readFileSync(join(box.state, 'evidence/log.pub'), 'utf8').trim();
    const backup = backUp(box, { keys: true, evidence: true });
    await restore(backup, spare());
    const config = readConfig(spare());
    const evidence = join(config.state, 'evidence');
    for (const name of readdirSync(evidence)) if (!isThere(name)) rmSync(join(evidence, name));
    // As another backup would have left it.
    writeFileSync(join(evidence, '00000009.seg'), 'of a longer log');
    rmSync(join(config.state, 'bundles'), { recursive: true });
    expect(await restore(backup, spare(), true)).toMatchObject({
      ok: true,
      policyVersion: 3,
      notes: expect.arrayContaining([expect.stringMatching(/the former key hands over to it/)]),
    });
    const log = await openLog(config);
    expect(log.state()).toMatchObject({ broken: '' });
    await log.close();
    expect(readFileSync(join(evidence, '00000002.seg')).toString('utf8')).toContain(former);
    expect(readFileSync(join(config.state, 'before-restore/evidence/00000009.seg'), 'utf8')).toBe(
      'of a longer log',
    );
  });

  test('that is cut off lets nothing pass: the policy comes last', async () => {
    const box = await makeBox('box', 3);
    mkdirSync(join(box.state, 'recordings'));
    writeFileSync(join(box.state, 'recordings/key'), randomBytes(32));
    const backup = backUp(box, { keys: true });
    mkdirSync(join(home, 'spare/state/recordings/key'), { recursive: true });
    await expect(restore(backup, spare())).rejects.toThrow(/EISDIR/);
    expect(existsSync(join(home, 'spare/state/bundles'))).toBe(false);
    rmSync(join(home, 'spare/state/recordings/key'), { recursive: true });
    expect(await restore(backup, spare(), true)).toMatchObject({ ok: true, policyVersion: 3 });
  });

  test('brings no grant back that was not over', async () => {
    const box = await makeBox('box', 3);
    const grants = join(box.state, 'access', 'grants');
    mkdirSync(grants, { recursive: true });
    for (const phase of ['requested', 'approved', 'open', 'closing', 'closed', 'refused']) {
      writeFileSync(
        join(grants, `G-${phase.toUpperCase()}.json`),
        JSON.stringify({ format: 1, grant: { phase }, channels: [] }),
      );
    }
    await restore(backUp(box), spare());
    expect(readdirSync(join(home, 'spare/state/access/grants')).sort()).toEqual([
      'G-CLOSED.json',
      'G-REFUSED.json',
    ]);
  });

  test('leaves no pending policy and nothing unpacked behind, also nothing of one that was cut off', async () => {
    const box = await makeBox('box', 3);
    writeFileSync(join(box.state, 'bundles', 'pending.bundle'), 'of nobody');
    // As one does that was cut off.
    mkdirSync(join(home, 'spare/state/restoring-AbC123/evidence'), { recursive: true });
    writeFileSync(join(home, 'spare/state/restoring-AbC123/evidence/log.key'), 'a key in clear');
    await restore(backUp(box), spare());
    expect(readdirSync(join(home, 'spare/state/bundles'))).toEqual(['confirmed.bundle']);
    expect(readdirSync(join(home, 'spare/state')).filter((name) => name.startsWith('restoring'))).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)(
    'belongs to the users of the box, as after an installation',
    async () => {
      const box = await makeBox('box', 3);
      await openAccountStore(join(box.state, 'access', 'accounts')).put(person('anna'));
      writeFileSync(
        box.file,
        `${readFileSync(box.file, 'utf8')}users: {engine: "4321", inspector: "4322", front: "4323"}\n`,
      );
      await restore(backUp(readConfig(box.file), { keys: true, evidence: true }), spare());
      const state = join(home, 'spare', 'state');
      const names = readdirSync(state, { recursive: true, encoding: 'utf8' });
      expect(names).toContain('to-record.json');
      for (const name of ['.', ...names])
        expect([name, statSync(join(state, name)).uid]).toEqual([name, 4321]);
      for (const name of names.filter((one) => /log\.key|accounts\/.*json/.test(one))) {
        expect([name, statSync(join(state, name)).mode & 0o777]).toEqual([name, 0o600]);
      }
      expect(statSync(spare()).uid).toBe(0);
    },
  );

  test('says which port of the policy this box has not', () => {
    const config = {
      page: { address: '127.0.0.1' },
      metrics: { address: '192.0.2.9' },
      vendor: {},
      serial: [],
    };
    const notes = hardwareNotes(
      config as unknown as Config,
      examplePolicy,
      [{ name: 'lan0', mac: '02:00:00:00:00:01' }],
      [{ name: 'lan0', mac: '02:00:00:00:00:02', up: true, carrier: true, physical: true, lower: '' }],
    );
    expect(notes.join('\n')).toMatch(/which this box has not; free are lan0/);
    expect(notes.join('\n')).toMatch(/lan0 had the address 02:00:00:00:00:01 and has 02:00:00:00:00:02 here/);
    expect(notes.join('\n')).toMatch(/metrics\.listen: no port of this box has the address 192\.0\.2\.9/);
  });
});

describe('keys that releases are signed with', () => {
  const directory = (name: string): string => join(home, name, 'release-keys');
  const put = (box: string, name: string): string => {
    const file = join(directory(box), `${name}.pub.pem`);
    mkdirSync(directory(box), { recursive: true });
    writeFileSync(file, readFileSync(makeKeyPair(join(home, `pair-${box}-${name}`)).public));
    return file;
  };
  const spare = (): string => join(home, 'spare', 'gateway.yaml');

  test('are in every backup and come back beside those a spare box was installed with', async () => {
    const box = await makeBox('box', 3);
    const key = put('box', 'vendor');
    put('spare', 'installer');
    expect(await restore(backUp(box), spare())).toMatchObject({ ok: true });
    expect(readdirSync(directory('spare')).sort()).toEqual(['installer.pub.pem', 'vendor.pub.pem']);
    const back = join(directory('spare'), 'vendor.pub.pem');
    expect(readFileSync(back).equals(readFileSync(key))).toBe(true);
    expect(statSync(back).mode & 0o777).toBe(0o644);
  });

  test('that this box struck off do not come back out of an older backup', async () => {
    const box = await makeBox('box', 3);
    const [stolen, kept] = [put('box', 'stolen'), put('box', 'vendor')];
    const backup = backUp(box);
    strikeOff(box, readTrustedKeys([stolen, kept]), readTrustedKeys([kept]), 'releases');
    rmSync(stolen);
    expect(await restore(backup, box.file, true)).toMatchObject({
      ok: true,
      notes: expect.arrayContaining([expect.stringMatching(/stolen.* is trusted no more/)]),
    });
    expect(readdirSync(directory('box'))).toEqual(['vendor.pub.pem']);
  });

  test('that were struck off while the gateway was stopped do not come back, and go on record at its start', async () => {
    const kept = makeKeyPair(join(home, 'box', 'kept'));
    const box = await makeBox('box', 3, kept);
    const bad = makeKeyPair(join(home, 'box', 'bad'));
    const text = readFileSync(box.file, 'utf8');
    writeFileSync(
      box.file,
      withTrustedKeys(text, (paths) => [...paths, bad.public]),
    );
    const [stolen, vendor] = [put('box', 'stolen'), put('box', 'vendor')];
    const backup = backUp(readConfig(box.file));
    const [policies = [], releases = []] = [
      [kept.public, bad.public],
      [stolen, vendor],
    ].map(readTrustedKeys);
    writeTrustMemory(box.state, {
      form: 1,
      ...compareTrust(undefined, policies, now).memory,
      releases: compareTrust(undefined, releases, now).memory,
    });
    const ways = { config: box.file, by: 'anna' };
    const id = policies[1]?.id ?? '';
    expect(await command(() => distrustKey(id, ways))).toMatchObject({ status: 0 });
    expect(await command(() => distrustKey('stolen', { ...ways, release: true }))).toMatchObject({
      status: 0,
      out: expect.stringMatching(/does not run/),
    });
    expect(await restore(backup, box.file, true)).toMatchObject({ ok: true });
    expect(readConfig(box.file).trustedKeys).toEqual([kept.public]);
    expect(readdirSync(directory('box'))).toEqual(['vendor.pub.pem']);
    const memory = readTrustMemory(box.state);
    const steps = (before: typeof memory | KeyMemory, files: readonly string[]) =>
      compareTrust(before, readTrustedKeys(files), now).steps;
    expect(steps(memory, [kept.public])).toEqual([expect.objectContaining({ id, trusted: false })]);
    expect(steps(memory?.releases, [vendor])).toEqual([
      expect.objectContaining({ name: 'stolen', trusted: false }),
    ]);

    // Trusted again before that start, it is no key that was struck off.
    const again = join(home, 'stolen.pub.pem');
    writeFileSync(again, readFileSync(join(home, 'pair-box-stolen', 'site.pub.pem')));
    expect(await command(() => trustKey(again, { ...ways, release: true }))).toMatchObject({ status: 0 });
    expect(readTrustMemory(box.state)?.releases?.distrusted).toEqual([]);
  });

  test.each([
    ['has never looked', undefined],
    ['looked when it knew of those of policies only', { form: 1 }],
  ] as const)(
    'that the box of the backup struck off are taken from a spare box that was installed with them and %s',
    async (_, memory) => {
      const box = await makeBox('box', 3);
      const kept = put('box', 'vendor');
      const stolen = put('spare', 'stolen');
      strikeOff(box, readTrustedKeys([stolen, kept]), readTrustedKeys([kept]), 'releases');
      if (memory !== undefined) {
        writeTrustMemory(join(home, 'spare', 'state'), { ...memory, trusted: [], distrusted: [] });
      }
      expect(await restore(backUp(box), spare())).toMatchObject({
        ok: true,
        notes: expect.arrayContaining([expect.stringMatching(/stolen.* signs no more releases/)]),
      });
      expect(readdirSync(directory('spare')).filter((name) => name.endsWith('.pem'))).toEqual([
        'vendor.pub.pem',
      ]);
    },
  );
});

test('a file that is the key of one thing is in no backup without keys, whatever else it is', async () => {
  const box = await makeBox('box', 3);
  const both = join(home, 'both.pem');
  writeFileSync(both, 'a certificate and its key');
  const page = { ...box.page, tls: { cert: both, key: both } };
  // Elsewhere the page's key is a certificate: what is said last must not win.
  const identity = { certificate: both, key: box.file };
  const config = { ...box, page, syslog: { authority: both, identity } as Config['syslog'] };
  expect(configFiles(config).filter(({ path }) => path === both)).toEqual([
    expect.objectContaining({ class: 'key' }),
  ]);
});

describe('an account out of a backup', () => {
  test('takes no code that could have been seen before, and every later one', () => {
    const secret = newTotpSecret();
    const factor = { kind: 'totp', id: 'f', label: '', since: 0, lastUsed: 0, secret, lastStep: 5 } as const;
    const [restored] = asRestored({ ...person('anna'), factors: [factor] }, now).factors;
    if (restored?.kind !== 'totp') throw new Error('the factor is gone');
    for (const offset of [-TotpStep, 0, TotpStep]) {
      expect(useTotp(restored, codeAt(secret, now + offset), now), `${offset}`).toBeUndefined();
    }
    expect(useTotp(restored, codeAt(secret, now + 2 * TotpStep), now + TotpStep)).toBeDefined();
  });

  test('has no code any more that was good once', () => {
    const codes = {
      recoveryCodes: ['a'],
      invitation: 'b',
      invitationUntil: 9,
      resetAskedBy: 'c',
      resetAskedAt: 9,
    };
    expect(asRestored({ ...person('anna'), ...codes }, now)).toMatchObject({
      recoveryCodes: [],
      invitation: '',
      resetAskedBy: '',
    });
  });
});

function person(name: string): Account {
  const given = { name, fullName: name, roles: [], duties: [], vendor: '', endsAt: 0 };
  return { ...inviteAccount(given, 'd1'.repeat(32), now), password: 'x' };
}
