import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { apply } from '../../../gateway/cli/apply.ts';
import { confirm, rollback } from '../../../gateway/cli/confirm.ts';
import { showEvidence } from '../../../gateway/cli/evidence.ts';
import { makeKeyPair } from '../../../gateway/cli/keygen.ts';
import { sign } from '../../../gateway/cli/sign.ts';
import { status } from '../../../gateway/cli/status.ts';
import { decodeEnvelope } from '../../../rules/bundle/envelope.ts';
import { type Box, openBox } from '../engine/box.ts';
import { command } from './command.ts';

let box: Box;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pst-apply-'));
  box = await openBox();
  box.startEngine();
  await box.status();
});
afterAll(async () => {
  await box.close();
  rmSync(home, { recursive: true, force: true });
});

const config = () => ({ config: box.config.file });
const anna = () => ({ ...config(), by: 'anna' });

function bundle(version: number): string {
  const file = join(home, `${version}.bundle`);
  writeFileSync(file, box.sealed({ version }));
  return file;
}

describe('a policy that is applied and confirmed', () => {
  test('a first one that is not confirmed leaves the box shut', async () => {
    const said = await command(() => apply(bundle(41), anna()));
    expect(said.out).toMatch(
      /before: no policy\n {2}It is not confirmed: in 120 s everything is shut again\.\n/,
    );
    const gone = await command(() => rollback(anna()));
    expect(gone.out).toMatch(
      /^no policy is in force, everything is shut; before: policy version 41 \(\w+\)$/,
    );
    expect((await box.status()).policyVersion).toBe(0);
  });

  test('waits for a person, says how, and shows it to everybody until then', async () => {
    await command(() => apply(bundle(42), { ...anna(), confirmNow: true }));
    const said = await command(() => apply(bundle(43), { ...anna(), confirmWithin: '5min' }));
    expect(said.out).toMatch(
      /^policy version 43 \(\w+\) is in force; .*before: policy version 42 \(\w+\)\n {2}It is not confirmed: in 300 s version 42 comes back by itself\.\n {2}To keep it: +penstock confirm\n {2}To give it up now: penstock rollback$/,
    );
    const shown = await command(() => status(config()));
    expect(shown.out).toMatch(
      /unconfirmed +applied by anna.*; version 42 comes back in \d+ s unless penstock confirm\n/,
    );
    expect(shown.out).toMatch(
      /UNCONFIRMED +Policy version 43 is not confirmed; in \d+ s version 42 comes back\./,
    );
    expect(shown.status).toBe(1);
  });

  test('keeps another one away until then', async () => {
    const said = await command(() => apply(bundle(44), anna()));
    expect(said).toMatchObject({ status: 1, err: expect.stringContaining('PST_ERR_UNCONFIRMED') });
    expect(said.err).toMatch(/\n {2}Keep it with penstock confirm/);
  });

  test('stays when somebody confirms it, once', async () => {
    const said = await command(() => confirm(anna()));
    expect(said).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^policy version 43 \(\w+\) is confirmed$/),
    });
    expect(await command(() => confirm(anna()))).toMatchObject({
      status: 1,
      err: expect.stringContaining('PST_ERR_NOTHING_TO_CONFIRM'),
    });
    expect((await box.status()).pending).toBeUndefined();
  });

  test('returns to the one before, by a person, and from there again', async () => {
    const said = await command(() => rollback(anna()));
    expect(said.out).toMatch(
      /^policy version 42 \(\w+\) is in force again; before: policy version 43 \(\w+\)$/,
    );
    const shown = await command(() => status(config()));
    expect(shown.out).toMatch(/last rollback +.*version 43 to version 42: It was asked for\. By anna/);
    await command(() => rollback(anna()));
    expect((await box.status()).policyVersion).toBe(43);
  });

  test('can be tried without changing anything', async () => {
    const said = await command(() => apply(bundle(45), { ...anna(), dryRun: true }));
    expect(said.out).toMatch(/^policy version 45 \(\w+\) could be put into force; .*nothing was changed$/);
    const old = await command(() => apply(bundle(7), { ...anna(), dryRun: true }));
    expect(old).toMatchObject({ status: 1, err: expect.stringContaining('BUNDLE_VERSION') });
    expect((await box.status()).policyVersion).toBe(43);
  });

  test('is on record with every name', async () => {
    await box.act('bundleConfirmed');
    const { out } = await command(() => showEvidence(join(box.config.state, 'evidence'), {}));
    expect(out).toMatch(
      /bundle accepted: policy version 43, \w+, by anna \(as \w+\), signed by site, to be confirmed within 300 s/,
    );
    expect(out).toMatch(/bundle confirmed: policy version 43, \w+, by anna/);
    expect(out).toMatch(
      /bundle rolled back: policy version 43 \(\w+\) to version 42 \(\w+\): It was asked for\., by anna/,
    );
    expect(out).toMatch(
      /bundle rolled back: policy version 41 \(\w+\) to no policy: It was asked for\., by anna/,
    );
  });
});

describe('who and how long', () => {
  test('root is nobody unless sudo says who called it', async () => {
    vi.stubEnv('SUDO_USER', 'root');
    expect(await command(() => rollback(config()))).toMatchObject({
      status: 2,
      err: expect.stringMatching(/root is nobody\.\n {2}Say who you are: --by NAME/),
    });
    vi.stubEnv('SUDO_USER', 'bertil');
    expect(await command(() => confirm(config()))).toMatchObject({ status: 1 });
    vi.unstubAllEnvs();
  });

  test.for(['0s', '2d', '90 s', '-5', '25h', 'soon'])('%s is no window', async (confirmWithin) => {
    const said = await command(() => apply(bundle(46), { ...anna(), confirmWithin }));
    expect(said).toMatchObject({
      status: 2,
      err: expect.stringMatching(/is no time.*\n {2}Write it as 120s/),
    });
  });

  test('two ways of confirming at once are one too many', async () => {
    const both = { ...anna(), confirmWithin: '10s', confirmNow: true };
    expect(await command(() => apply(bundle(46), both))).toMatchObject({ status: 2 });
  });
});

describe('penstock sign', () => {
  test('adds a signature, leaves the payload as it was, and says what is signed', async () => {
    const keys = makeKeyPair(join(home, 'owner'));
    const file = bundle(50);
    const before = decodeEnvelope(readFileSync(file));
    const said = await command(() => sign(file, { key: keys.secret }));
    expect(said).toMatchObject({ status: 0 });
    expect(said.out).toMatch(
      /50\.bundle: riverside-wtp cgw-01 policy version 50, \d+ flows, now 2 signatures$/,
    );
    const after = decodeEnvelope(readFileSync(file));
    expect(after?.payload).toEqual(before?.payload);
    expect(after?.signatures.slice(0, 1)).toEqual(before?.signatures);
    expect(after?.signatures[1]?.keyid).toBe(keys.id);
  });

  test('writes elsewhere when it is told to, and the bundle stays as it was', async () => {
    const keys = makeKeyPair(join(home, 'elsewhere'));
    const file = bundle(51);
    const out = join(home, 'twice.bundle');
    const before = readFileSync(file);
    await command(() => sign(file, { key: keys.secret, out }));
    expect(readFileSync(file)).toEqual(before);
    expect(decodeEnvelope(readFileSync(out))?.signatures).toHaveLength(2);
  });

  test.for<[string, RegExp, () => string]>([
    ['a bundle that the key has signed', /signed with this key already/, () => bundle(52)],
    ['what is no bundle', /is not a bundle/, () => noise()],
    ['a file that is not there', /does not exist/, () => join(home, 'nowhere.bundle')],
  ])('refuses %s', async ([, sentence, file]) => {
    const key = join(home, 'site.key.pem');
    copyFileSync(join(box.config.file, '../keys/site.key.pem'), key);
    expect(await command(() => sign(file(), { key }))).toMatchObject({
      status: 2,
      err: expect.stringMatching(sentence),
    });
  });
});

function noise(): string {
  mkdirSync(home, { recursive: true });
  const file = join(home, 'noise.bundle');
  writeFileSync(file, 'no bundle at all');
  return file;
}
