import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
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
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../../gateway/cli/check.ts';
import { compileModel } from '../../../gateway/cli/compile.ts';
import { init } from '../../../gateway/cli/init.ts';
import { keygen } from '../../../gateway/cli/keygen.ts';
import { show } from '../../../gateway/cli/show.ts';
import { readConfig } from '../../../gateway/config.ts';
import { keyId, readTrustedKeys, signedBy } from '../../../gateway/load/trusted-keys.ts';
import { GatewayRelease } from '../../../gateway/release.ts';
import { judgeBundle } from '../../../rules/bundle/judge-bundle.ts';
import { command } from './command.ts';

const home = mkdtempSync(join(tmpdir(), 'penstock-cli-'));
const example = new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url).pathname;
const at = '2026-11-20';
const file = (name: string) => join(home, name);
const key = () => file('site/keys/site.key.pem');

beforeAll(async () => {
  await command(() => init(file('site')));
  writeFileSync(file('two.zones.yaml'), twoGateways());
  writeFileSync(file('noise'), Buffer.from([0, 1, 2, 0xff, 0xfe, 0x80]));
  mkdirSync(file('folder'));
  writeKey(
    'ec.pem',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  writeKey(
    'locked.pem',
    generateKeyPairSync('ed25519').privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    }),
  );
  writeKey('open.pem', readFileSync(key(), 'utf8'));
  chmodSync(file('open.pem'), 0o644);
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('a starter site', () => {
  test('has a model without errors, a key pair and a configuration that fits them', async () => {
    const said = await command(() => check(file('site/plant.zones.yaml'), {}));
    expect(said.status).toBe(0);
    expect(said.out).toMatch(/5 zones, 8 conduits/);
    expect(statSync(key()).mode & 0o777).toBe(0o600);
    const config = readConfig(file('site/gateway.yaml'));
    expect(readTrustedKeys(config.trustedKeys)).toHaveLength(1);
  });

  test('compiles to a bundle its own gateway takes', async () => {
    const out = file('site/plant.bundle');
    const partial = { key: key(), out, partial: true };
    const refused = await command(() => compileModel(file('site/plant.zones.yaml'), partial));
    expect(refused.status).toBe(2);
    expect(refused.err).toContain('A bundle is never partial.');
    const said = await command(() => compileModel(file('site/plant.zones.yaml'), { key: key(), out }));
    expect(said.status).toBe(0);
    const config = readConfig(file('site/gateway.yaml'));
    const judged = judgeBundle(
      readFileSync(out),
      {
        keys: readTrustedKeys(config.trustedKeys),
        signatures: config.signatures,
        verify: signedBy,
        sha256: (bytes) => createHash('sha256').update(bytes).digest(),
        site: config.site,
        gateway: config.gateway,
        gatewayVersion: GatewayRelease,
      },
      undefined,
      Date.now(),
    );
    expect(judged).toMatchObject({ ok: true, policy: { gateway: 'cgw-01' } });
  });
});

describe('penstock compile', () => {
  test('writes the same bytes on any day and from any directory', async () => {
    const outs = [file('one.bundle'), file('two.bundle')];
    writeFileSync(file('folder/waterworks.zones.yaml'), readFileSync(example));
    await command(() => compileModel(example, { key: key(), out: outs[0]!, at }));
    await command(() =>
      compileModel(file('folder/waterworks.zones.yaml'), { key: key(), out: outs[1]!, at: '2026-11-21' }),
    );
    expect(readFileSync(outs[0]!)).toEqual(readFileSync(outs[1]!));
  });

  test('writes one bundle for each gateway of a plant, the same as for one alone', async () => {
    mkdirSync(file('plant'));
    const two = file('two.zones.yaml');
    const said = await command(() => compileModel(two, { key: key(), out: file('plant'), at }));
    expect(said.status).toBe(0);
    expect(readdirSync(file('plant')).sort()).toEqual(['north.bundle', 'south.bundle']);
    for (const gateway of ['north', 'south']) {
      const alone = file(`${gateway}.alone`);
      await command(() => compileModel(two, { gateway, key: key(), out: alone, at }));
      expect(readFileSync(file(`plant/${gateway}.bundle`))).toEqual(readFileSync(alone));
    }
  });

  test('replaces a bundle whole or leaves it as it was', async () => {
    const out = file('kept.bundle');
    writeFileSync(out, 'the old one');
    const said = await command(() => compileModel(file('broken.zones.yaml'), { key: key(), out, at }));
    expect(said.status).toBe(2);
    expect(readFileSync(out, 'utf8')).toBe('the old one');
  });

  test('says what forbids a bundle and writes none', async () => {
    const model = file('wrong.zones.yaml');
    writeFileSync(model, readFileSync(example, 'utf8').replace('dst: siem,', 'dst: siam,'));
    const out = file('none.bundle');
    const said = await command(() => compileModel(model, { key: key(), out, at }));
    expect(said).toMatchObject({ status: 1, out: '' });
    expect(said.err).toMatch(/wrong\.zones\.yaml:\d+:\d+ N-\d+ .*`siam`.*Did you mean `siem`\?/);
    expect(() => statSync(out)).toThrow();
  });
});

describe('penstock check', () => {
  test('finds what only the compiler can, for every gateway', async () => {
    const model = file('clash.zones.yaml');
    const again = 'F-02: {src: scada, dst: robot, proto: tcp, port: 500-510}';
    writeFileSync(model, `${twoGateways()}      ${again}\n`);
    const said = await command(() => check(model, { at }));
    expect(said.status).toBe(1);
    expect(said.err).toMatch(
      /clash\.zones\.yaml:\d+:\d+ K-814 C-02\/F-02 and C-02\/F-01 permit some of the same packets/,
    );
  });

  test('says each finding once, and counts them for a script', async () => {
    const said = await command(() => check(example, { at, json: true }));
    const { errors, findings } = JSON.parse(said.out) as { errors: number; findings: unknown[] };
    expect(errors).toBe(0);
    expect(new Set(findings.map((one) => JSON.stringify(one))).size).toBe(findings.length);
  });
});

describe('penstock show', () => {
  const bundle = file('show.bundle');
  beforeAll(() => command(() => compileModel(example, { key: key(), out: bundle, at })));

  test('says whose policy it is, every flow and what the box itself does', async () => {
    const said = await command(() => show(bundle, {}));
    expect(said.status).toBe(0);
    expect(said.out).toMatch(/^site +riverside-wtp$/m);
    expect(said.out).toContain(keyId(createPublicKey(readFileSync(key()))));
    expect(said.out).toMatch(
      /^C-05\/F-01 +scada-1 +→ +plc-intake, plc-dosing +tcp 502 +scada-setpoints, essential$/m,
    );
    expect(said.out).toMatch(
      /^C-06\/F-01 .*until 2026-11-30 16:00 UTC, Mon Tue Wed Thu Fri 07:00–16:00 Europe\/Stockholm$/m,
    );
    expect(said.out).toMatch(
      /^pumpco +PumpCo Service AB: .* from jump-host +approved by shift-lead and ot-engineer, /m,
    );
    expect(said.out).toMatch(
      /^ +→ plc-dosing +tcp 502 +vendor-diagnosis, with a session only, until 2027-03-31 /m,
    );
    expect(said.out).toMatch(/^ssh +from eng-ws +tcp 22$/m);
    expect(said.out).toMatch(/^ntp +to siem +udp 123$/m);
  });

  test('says the Modbus permissions with their limits', async () => {
    const said = await command(() => show(bundle, { modbus: true }));
    expect(said.out).toMatch(
      /FC 6 .* unit 1 +140 .*Cl2 dose.*\n +u16 0 to 35, step at most 5, every 5 s at most\n +only while discrete input 12/,
    );
    expect(said.out).toContain('coil 64 is bit 15 of register 140');
  });

  test('says the ruleset, for people and as it is', async () => {
    expect((await command(() => show(bundle, { nft: true }))).out).toContain('chain forward { hook forward');
    const json = await command(() => show(bundle, { nft: true, json: true }));
    expect(Object.keys(JSON.parse(json.out))).toEqual(['nftables']);
  });

  test('gives the whole policy to a script', async () => {
    const said = await command(() => show(bundle, { json: true }));
    expect(JSON.parse(said.out)).toMatchObject({ site: 'riverside-wtp', gateway: 'cgw-01', version: 42 });
  });
});

describe('what a person got wrong is one sentence and a remedy', () => {
  const out = file('x.bundle');
  const wrong: readonly [string, RegExp, () => Promise<number>][] = [
    ['no model', /nothing\.yaml does not exist\./, () => check(file('nothing.yaml'), {})],
    ['a folder for a model', /folder cannot be read\./, () => check(file('folder'), {})],
    ['a time that is none', /--at yesterday is not a time\./, () => check(example, { at: 'yesterday' })],
    [
      'a time without offset',
      /--at 2026-11-30T16:00:00 is not a time\./,
      () => check(example, { at: '2026-11-30T16:00:00' }),
    ],
    [
      'a day that is none',
      /--not-before 2026-02-30 is not a time\./,
      () => compileModel(example, { key: key(), out, at, notBefore: '2026-02-30' }),
    ],
    [
      'no key',
      /nokey\.pem does not exist\./,
      () => compileModel(example, { key: file('nokey.pem'), out, at }),
    ],
    [
      'noise for a key',
      /noise holds no signing key\./,
      () => compileModel(example, { key: file('noise'), out, at }),
    ],
    [
      'the public key',
      /site\.pub\.pem holds no signing key\./,
      () => compileModel(example, { key: file('site/keys/site.pub.pem'), out, at }),
    ],
    [
      'a locked key',
      /locked\.pem holds no signing key\./,
      () => compileModel(example, { key: file('locked.pem'), out, at }),
    ],
    [
      'a key of another kind',
      /ec\.pem is not an Ed25519 key\./,
      () => compileModel(example, { key: file('ec.pem'), out, at }),
    ],
    [
      'a key others can read',
      /open\.pem may be read by others/,
      () => compileModel(example, { key: file('open.pem'), out, at }),
    ],
    [
      'an unknown gateway',
      /no gateway cgw-1\.\n.*Did you mean `cgw-01`\?/,
      () => compileModel(example, { gateway: 'cgw-1', key: key(), out, at }),
    ],
    [
      'two gateways and no directory for them',
      /more than one gateway, and .* is no directory\.\n.*north, south/,
      () => compileModel(file('two.zones.yaml'), { key: key(), out, at }),
    ],
    [
      'a bundle into no folder',
      /x\/y\.bundle cannot be written\./,
      () => compileModel(example, { key: key(), out: file('x/y.bundle'), at }),
    ],
    [
      'a bundle over a folder',
      /folder cannot be written\./,
      () => compileModel(example, { key: key(), out: file('folder'), at }),
    ],
    ['no bundle', /none\.bundle does not exist\./, () => show(file('none.bundle'), {})],
    ['noise for a bundle', /noise is not a bundle\./, () => show(file('noise'), {})],
    ['a model for a bundle', /waterworks\.zones\.yaml is not a bundle\./, () => show(example, {})],
    ['a site that is there', /site exists\./, () => init(file('site'))],
    ['a site below a file', /noise\/site cannot be made\./, () => init(file('noise/site'))],
    ['a second key', /keys holds a key already\./, () => keygen(file('site/keys'))],
    ['a key below a file', /noise\/keys cannot be written\./, () => keygen(file('noise/keys'))],
  ];

  test.for(wrong)('%s', async ([, sentence, act]) => {
    const said = await command(act);
    expect(said.status).toBe(2);
    // Findings of a model that is right stand before it.
    const last = said.err.split('\n').slice(-2);
    expect(last.join('\n')).toMatch(sentence);
    expect(last[1]).toMatch(/^ {2}\S.*[.?]$/);
    expect(said.err).not.toMatch(/\n\s+at |PST_ERR_DEFECT/);
  });

  test('noise for a model is a finding with its place', async () => {
    const said = await command(() => check(file('noise'), { at }));
    expect(said.status).toBe(1);
    expect(said.err).toMatch(/noise:1:\d+ [A-Z]-\d+ /);
  });
});

function writeKey(name: string, pem: string | Buffer): void {
  writeFileSync(file(name), pem, { mode: 0o600 });
}

function twoGateways(): string {
  return readFileSync(new URL('../../golden/compile/two-gateways/zones.yaml', import.meta.url), 'utf8');
}
