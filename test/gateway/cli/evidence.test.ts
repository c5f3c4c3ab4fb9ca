import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { exportEvidence } from '../../../gateway/cli/evidence/export.ts';
import { verifyEvidence } from '../../../gateway/cli/evidence/verify.ts';
import { witness, witnessKeygen } from '../../../gateway/cli/evidence/witness.ts';
import { showEvidence } from '../../../gateway/cli/evidence.ts';
import { formatKey, parseNote } from '../../../rules/evidence/note.ts';
import { changeFile, copyOf, writeLog } from '../evidence/verify/written-log.ts';
import { command } from './command.ts';

const log = await writeLog();
const { key, directory } = log;
const witnessPublic = formatKey(log.trust.witnesses[0]!);
const home = mkdtempSync(join(tmpdir(), 'penstock-evidence-cli-'));
let out = '';
let made = 0;
beforeEach(() => {
  made += 1;
  out = join(home, `out-${made}`);
});
afterAll(() => rmSync(home, { recursive: true }));

describe('evidence verify', () => {
  test('says up to which record no trust in the box is needed', async () => {
    const said = await command(() => verifyEvidence(directory, { key, witness: [witnessPublic] }));
    expect(said.status).toBe(0);
    expect(said.out).toContain('4 vendor sessions.');
    expect(said.out).toContain(
      `Up to record ${log.witnessedSize - 1} this needs no trust in the box (auditor-usb-3).`,
    );
    expect(said.out).toContain(`From record ${log.witnessedSize} to`);
    expect(said.out).toMatch(/Nothing is wrong\.$/);
  });

  test('without a witness named says that none has seen it', async () => {
    const said = await command(() => verifyEvidence(directory, { key }));
    expect(said).toMatchObject({
      status: 0,
      out: expect.stringContaining('No part of it was seen by a witness'),
    });
  });

  test('takes a checkpoint that was kept, from a file or as text, and the key from its file', async () => {
    const file = join(home, 'kept.txt');
    writeFileSync(file, log.witnessed);
    for (const since of [file, log.witnessed]) {
      const said = await command(() =>
        verifyEvidence(directory, { key: join(directory, 'log.pub'), since: [since] }),
      );
      expect(said.out).toContain('(a checkpoint that was kept)');
    }
  });

  test('tells what is wrong in sentences with their codes, and ends with 1', async () => {
    const copy = await copyOf(log);
    await changeFile(copy, '00000001.seg', (bytes) => bytes.fill(0, 60, 61));
    const said = await command(() => verifyEvidence(copy, { key }));
    expect(said.status).toBe(1);
    expect(said.out).toMatch(/!! Segment 1, byte \d+: .*\[segment-damaged\]/);
    expect(said.out).toMatch(/things are wrong\.$/);
  });

  test('as JSON is one object', async () => {
    const said = await command(() =>
      verifyEvidence(directory, { key, witness: [witnessPublic], json: true }),
    );
    expect(JSON.parse(said.out)).toMatchObject({
      whole: true,
      sessions: 4,
      findings: [{ code: 'recording-elsewhere' }],
      histories: [{ witnessedSize: log.witnessedSize }],
    });
  });

  test.for<[string, () => Promise<number>, RegExp]>([
    ['a key that is none', () => verifyEvidence(directory, { key: 'penstock+00+AA' }), /no public key/],
    ['a key file that is not there', () => verifyEvidence(directory, { key: 'nothing' }), /does not exist/],
    ['no evidence', () => verifyEvidence(home, { key }), /holds no evidence/],
    ['a file that is none', () => verifyEvidence(join(directory, 'log.pub'), { key }), /no session evidence/],
  ])('%s is a sentence and status 2', async ([, run, words]) => {
    const said = await command(run);
    expect(said.status).toBe(2);
    expect(said.err).toMatch(words);
  });
});

describe('evidence export', () => {
  test('copies a log so that it verifies there, and a second time adds nothing', async () => {
    expect((await command(() => exportEvidence(directory, { out }))).status).toBe(0);
    const said = await command(() => verifyEvidence(out, { key, witness: [witnessPublic] }));
    expect(said.status, said.out).toBe(0);
    const before = readdirSync(out);
    const again = await command(() => exportEvidence(directory, { out, json: true }));
    expect(JSON.parse(again.out)).toMatchObject({ written: [], differing: [] });
    expect(readdirSync(out)).toEqual(before);
  });

  test('leaves a file that is there with other content, and says so', async () => {
    await command(() => exportEvidence(directory, { out }));
    writeFileSync(join(out, '00000001.seg'), 'other', { mode: 0o644 });
    const said = await command(() => exportEvidence(directory, { out }));
    expect(said.status).toBe(1);
    expect(said.out).toContain('00000001.seg is there with other content');
    expect(readFileSync(join(out, '00000001.seg'), 'utf8')).toBe('other');
  });

  test('of one session is a file that verifies by itself, and a page with it', async () => {
    const said = await command(() => exportEvidence(directory, { out, grant: 'G-BBBB' }));
    expect(said.out.split('\n')).toEqual([join(out, 'G-BBBB.evidence'), join(out, 'G-BBBB.html')]);
    const told = await command(() => verifyEvidence(join(out, 'G-BBBB.evidence'), { key }));
    expect(told.status, told.out).toBe(0);
    expect(told.out).toContain('the box alone vouches');
    expect(readFileSync(join(out, 'G-BBBB.html'), 'utf8')).toContain('"grant": "G-BBBB"');
    const flipped = readFileSync(join(out, 'G-BBBB.evidence'), 'utf8').replace(
      '"payload": "C',
      '"payload": "D',
    );
    writeFileSync(join(out, 'x.evidence'), flipped);
    expect((await command(() => verifyEvidence(join(out, 'x.evidence'), { key }))).status).toBe(1);
  });

  test('of a grant nobody knows is a sentence', async () => {
    const said = await command(() => exportEvidence(directory, { out, grant: 'G-XXXX' }));
    expect(said).toMatchObject({ status: 2, err: expect.stringContaining('no record names grant G-XXXX') });
  });

  test('since a checkpoint is the proof that nothing vanished', async () => {
    const said = await command(() => exportEvidence(directory, { out, since: log.witnessed }));
    expect(said.status).toBe(0);
    expect(readFileSync(said.out, 'utf8')).toMatch(new RegExp(`^old ${log.witnessedSize}\n`));
  });
});

describe('evidence witness', () => {
  const keys = join(home, 'witness');
  const witnessKey = join(keys, 'witness.key');

  test('cosigns a log as it grows, and never one that lost what was seen', async () => {
    expect((await command(() => witnessKeygen(keys, { name: 'peer-gw-2' }))).status).toBe(0);
    await command(() => exportEvidence(directory, { out, since: log.witnessed }));
    const cosigned = join(home, 'cosigned.txt');
    const first = await command(() => witness(directory, { key, witnessKey, out: cosigned }));
    expect(first.status, first.err).toBe(0);
    const note = parseNote(readFileSync(cosigned, 'utf8'))!;
    expect(note.signatures.map(({ name }) => name)).toContain('peer-gw-2');
    const own = readFileSync(join(keys, 'witness.pub'), 'utf8');
    const other = await copyOf(log);
    writeFileSync(join(other, 'checkpoint.cosigned'), readFileSync(cosigned));
    const said = await command(() => verifyEvidence(other, { key, witness: [own] }));
    expect(said.out).toContain('(peer-gw-2)');
    // The older checkpoint is smaller than what this witness has seen.
    const file = join(home, 'older.txt');
    writeFileSync(file, log.witnessed);
    const refused = await command(() => witness(file, { key, witnessKey }));
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('smaller than what was seen') });
  });

  test('takes a consistency text where it has seen the start of it', async () => {
    const mine = join(home, 'second');
    await command(() => witnessKeygen(mine, { name: 'usb-7' }));
    const [secret, first] = [join(mine, 'witness.key'), join(home, 'first.txt')];
    writeFileSync(first, log.witnessed);
    expect((await command(() => witness(first, { key, witnessKey: secret }))).status).toBe(0);
    const text = (await command(() => exportEvidence(directory, { out, since: log.witnessed }))).out;
    const said = await command(() => witness(text, { key, witnessKey: secret }));
    expect(said.status, said.err).toBe(0);
    const bare = join(home, 'bare.txt');
    writeFileSync(bare, readFileSync(join(directory, 'checkpoint')));
    const third = join(home, 'third');
    await command(() => witnessKeygen(third, { name: 'usb-8' }));
    const options = { key, witnessKey: join(third, 'witness.key') };
    await command(() => witness(first, options));
    const refused = await command(() => witness(bare, options));
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('nothing proves') });
  });

  test('makes no key where there is one', async () => {
    const said = await command(() => witnessKeygen(keys, { name: 'again' }));
    expect(said).toMatchObject({ status: 2, err: expect.stringContaining('holds a witness key already') });
  });

  test('refuses a log that is damaged', async () => {
    const copy = await copyOf(log);
    await changeFile(copy, '00000001.seg', (bytes) => bytes.fill(0, 60, 61));
    const mine = join(home, 'fourth');
    await command(() => witnessKeygen(mine, { name: 'usb-9' }));
    const said = await command(() => witness(copy, { key, witnessKey: join(mine, 'witness.key') }));
    expect(said.status).toBe(1);
    expect(existsSync(join(mine, 'witness.key.seen'))).toBe(false);
  });
});

describe('evidence show', () => {
  test('of one grant tells of nothing else', async () => {
    const said = await command(() => showEvidence(directory, { grant: 'G-CCCC' }));
    const lines = said.out.split('\n');
    expect(lines.length).toBe(9);
    for (const line of lines) expect(line).toMatch(/G-CCCC/);
  });

  test('since a time leaves out what was before', async () => {
    const all = await command(() => showEvidence(directory, {}));
    const late = await command(() => showEvidence(directory, { since: '2026-10-06T12:03:00Z' }));
    expect(late.out.split('\n').length).toBeLessThan(all.out.split('\n').length);
    expect(late.out).not.toContain('12:00:');
    expect((await command(() => showEvidence(directory, { since: 'yesterday' }))).status).toBe(2);
  });
});
