import { createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { makeNextKey } from '../../../gateway/evidence/log-key.ts';
import { encodePending, makeHandover } from '../../../gateway/evidence/pending-handover.ts';
import { openSegmentFiles, type SegmentFiles } from '../../../gateway/evidence/segment-files.ts';
import { isBroken } from '../../../gateway/evidence/verify/finding.ts';
import { openLogSource } from '../../../gateway/evidence/verify/log-source.ts';
import { nodeCrypto } from '../../../gateway/evidence/verify/node-crypto.ts';
import { type LogVerdict, verifyLog } from '../../../gateway/evidence/verify/verify-log.ts';
import { readTrust } from '../../../gateway/evidence/verify/verify-note.ts';
import { formatNote } from '../../../rules/evidence/note.ts';
import { connectionRecord, owner, stopped } from './samples.ts';

const home = mkdtempSync(join(tmpdir(), 'pst-key-change-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let count = 0;
function newDirectory(): string {
  count += 1;
  return join(home, `log-${count}`);
}

function open(directory: string, files?: SegmentFiles): Promise<EvidenceLog> {
  const options = { maxBytes: 1_048_576, segmentBytes: 65_536, clock: systemClock, owner };
  return openEvidenceLog(directory, { ...options, ...(files === undefined ? {} : { files }) });
}

async function verify(directory: string, key: string, since: readonly string[] = []): Promise<LogVerdict> {
  const read = readTrust(key, [], nodeCrypto);
  if (!read.ok) throw new Error(`no key: ${key}`);
  return verifyLog(await openLogSource(directory), read.trust, since, nodeCrypto);
}

function broken({ findings }: LogVerdict): readonly string[] {
  return findings.filter(isBroken).map(({ code }) => code);
}

/** A log whose key was changed twice, with records under each, and the keys in their order. */
async function changedTwice(): Promise<{ directory: string; keys: readonly string[]; secrets: string[] }> {
  const directory = newDirectory();
  const secret = (): string => readFileSync(join(directory, 'log.key'), 'utf8');
  const log = await open(directory);
  const keys = [log.state().publicKey];
  const secrets = [secret()];
  for (const round of [1, 2]) {
    log.append(connectionRecord(`${round}`));
    await log.appendDurable(stopped(`${round}`));
    const { former, now } = await log.rotateKey('it was time');
    expect(former).toBe(keys.at(-1));
    expect(log.state().publicKey).toBe(now);
    keys.push(now);
    secrets.push(secret());
  }
  await log.appendDurable(stopped('under the third'));
  await log.close();
  return { directory, keys, secrets };
}

describe('a log whose key was changed', () => {
  test('is proved from its first record to its last by whoever has any of its keys', async () => {
    const { directory, keys } = await changedTwice();
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) {
      const verdict = await verify(directory, key);
      expect(broken(verdict)).toEqual([]);
      expect(verdict.findings.filter(({ code }) => code === 'key-followed')).toHaveLength(2);
      expect(verdict.histories.map(({ size, signedSize }) => size - signedSize)).toEqual([0, 0, 0]);
      expect(verdict.key.keyId).toBe(keys[2]?.split('+')[1]);
    }
  });

  test('goes on after a restart, with nothing wrong', async () => {
    const { directory, keys } = await changedTwice();
    const log = await open(directory);
    expect(log.state()).toMatchObject({ broken: '', publicKey: keys[2] });
    await log.appendDurable(stopped('again'));
    await log.close();
    expect(broken(await verify(directory, keys[0] ?? ''))).toEqual([]);
    expect(readFileSync(join(directory, 'log.pub'), 'utf8').trim()).toBe(keys[2]);
  });

  test('is not believed with a key it never had', async () => {
    const { directory } = await changedTwice();
    const other = await changedTwice();
    expect(broken(await verify(directory, other.keys[0] ?? ''))).toContain('key-wrong');
  });

  test('takes nothing any more that a former key signs alone', async () => {
    const { directory, keys, secrets } = await changedTwice();
    const [former = ''] = secrets;
    // Whoever took the former key away makes a head of its history that is longer than what was handed over.
    const name = keys[0]?.split('+')[0] ?? '';
    const text = `${name}\n900\n${Buffer.alloc(32, 7).toString('base64')}\n`;
    const bytes = sign(null, Buffer.from(text), createPrivateKey(former));
    const keyId = keys[0]?.split('+')[1] ?? '';
    writeFileSync(
      join(directory, 'checkpoint.forged'),
      formatNote({ text, signatures: [{ name, keyId, bytes }] }),
    );
    for (const key of keys) expect(broken(await verify(directory, key))).toContain('checkpoint-beyond');
  });

  test('leads nowhere from a former key that did not hand over itself', async () => {
    const { directory, keys } = await changedTwice();
    const stolen = newDirectory();
    // A log of somebody else's, whose beginning claims to follow on this one: only the new key stands for it.
    const files = openSegmentFiles(stolen);
    await files.lock();
    const next = await makeNextKey(files, owner);
    const trusted = readTrust(keys[2] ?? '', [], nodeCrypto);
    if (!trusted.ok) throw new Error('no key');
    const former = readFileSync(join(directory, 'checkpoint'), 'utf8');
    const handover = makeHandover(trusted.trust.key, next.key, former, [next]);
    await files.replaceNote('handover', encodePending({ handover, checkpoint: former, why: 'a claim' }));
    await files.unlock();
    const log = await open(stolen);
    expect(log.state()).toMatchObject({ publicKey: next.text, broken: '' });
    await log.close();
    expect(broken(await verify(stolen, keys[2] ?? ''))).toContain('key-wrong');
    // Who trusts the new key takes its word for whose log came before.
    const verdict = await verify(stolen, next.text);
    expect(broken(verdict)).toEqual([]);
    expect(verdict.findings.map(({ code }) => code)).toContain('former-elsewhere');
    // Whoever kept a checkpoint of it is told that what it covers is not here.
    expect(broken(await verify(stolen, next.text, [former]))).toEqual(['former-missing']);
  });

  test('does not let a handover be changed afterwards', async () => {
    const { directory, keys } = await changedTwice();
    const name = '00000003.seg';
    const bytes = readFileSync(join(directory, name));
    const at = bytes.indexOf('penstock/log-handover/v1');
    expect(at).toBeGreaterThan(0);
    bytes[at + 40] = (bytes[at + 40] ?? 0) ^ 1;
    writeFileSync(join(directory, name), bytes);
    expect(broken(await verify(directory, keys[0] ?? ''))).not.toEqual([]);
  });
});

describe('a change of the key that is cut off at any step', () => {
  test('is finished by the next start, or has not happened', async () => {
    let steps = 0;
    for (let left = 0; steps === 0 || left <= steps; left += 1) {
      const directory = newDirectory();
      const first = await open(directory);
      const key = first.state().publicKey;
      await first.appendDurable(stopped('before'));
      await first.close();
      const files = breaking(openSegmentFiles(directory));
      const log = await open(directory, files);
      files.allow(left);
      const outcome = await log.rotateKey('it was time').catch(() => undefined);
      if (outcome !== undefined) steps = left;
      files.allow(0);
      await log.close();
      const after = await open(directory);
      expect(after.state().broken, `after ${left} steps`).toBe('');
      await after.appendDurable(stopped('after'));
      await after.close();
      const verdict = await verify(directory, key);
      expect(broken(verdict), `after ${left} steps`).toEqual([]);
      expect(verdict.histories.length).toBeLessThanOrEqual(2);
    }
    expect(steps).toBeGreaterThan(4);
  });
});

/** A directory whose notes can be written or removed only so many times more. */
function breaking(files: SegmentFiles): SegmentFiles & { readonly allow: (steps: number) => void } {
  let left = Number.POSITIVE_INFINITY;
  const step = async <T>(act: () => Promise<T>): Promise<T> => {
    if (left <= 0) throw new Error('the power is gone');
    left -= 1;
    return act();
  };
  return {
    ...files,
    replaceNote: (name, bytes, mode) => step(() => files.replaceNote(name, bytes, mode)),
    turnNote: (name, former, bytes) => step(() => files.turnNote(name, former, bytes)),
    removeNote: (name) => step(() => files.removeNote(name)),
    create: (segment) => step(() => files.create(segment)),
    allow: (steps) => {
      left = steps;
    },
  };
}
