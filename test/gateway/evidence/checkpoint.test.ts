import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { RestInterval, SessionInterval } from '../../../gateway/evidence/log-times.ts';
import { isSignedBy, parseKey, parseNote } from '../../../rules/evidence/note.ts';
import { verifyEd25519 } from '../../rules/evidence/keys.ts';
import { sha256 } from '../../rules/evidence/naive-tree.ts';
import { type MemoryDisk, memoryDisk } from './memory-files.ts';
import { proveLog } from './proved-log.ts';
import { connectionRecord, noon, owner, stopped } from './samples.ts';

const clock = { wall: () => noon, monotonic: () => Date.now() };
const limits = { maxBytes: 64 * 1024 * 1024, segmentBytes: 1024 * 1024, clock, owner };

describe('a new log', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'penstock-evidence-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('makes a key that only its owner can read, and publishes the other half of it', async () => {
    const log = await openEvidenceLog(directory, limits);
    await log.close();
    expect((await stat(join(directory, 'log.key'))).mode & 0o777).toBe(0o600);
    const text = await readFile(join(directory, 'log.pub'), 'utf8');
    expect(text).toBe(`${log.state().publicKey}\n`);
    expect(parseKey(text, sha256)?.name).toMatch(/^penstock\/water\/west\/[0-9a-f]{8}$/);
    expect(log.state().origin).toBe(parseKey(text, sha256)?.name);
  });

  test('keeps its key and its origin over a restart', async () => {
    const first = await openEvidenceLog(directory, limits);
    await first.close();
    const second = await openEvidenceLog(directory, limits);
    await second.close();
    expect(second.state()).toMatchObject({
      origin: first.state().origin,
      publicKey: first.state().publicKey,
    });
  });

  test('of a site whose name has spaces gets a name that notes can carry', async () => {
    const log = await openEvidenceLog(directory, {
      ...limits,
      owner: { site: 'Water + more', gateway: 'a/b' },
    });
    await log.close();
    expect(log.state().origin).toMatch(/^penstock\/Water---more\/a-b\/[0-9a-f]{8}$/);
    expect(parseNote(log.state().checkpoint)).toBeDefined();
  });
});

test('a checkpoint is written to the flash once, and goes on as the one before under its other name', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'penstock-evidence-'));
  try {
    const log = await openEvidenceLog(directory, limits);
    const inode = async (name: string): Promise<number> => (await stat(join(directory, name))).ino;
    for (let count = 0; count < 4; count += 1) {
      log.append(stopped(`${count}`));
      await log.checkpoint();
      const former = await inode('checkpoint');
      log.append(stopped('more'));
      await log.checkpoint();
      expect(await inode('checkpoint.old')).toBe(former);
    }
    await log.close();
    expect((await readdir(directory)).filter((name) => name.endsWith('.new'))).toEqual([]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

describe('a checkpoint', () => {
  let disk: MemoryDisk;
  let log: EvidenceLog;
  beforeEach(async () => {
    vi.useFakeTimers();
    disk = memoryDisk();
    log = await openEvidenceLog('', { ...limits, files: disk });
  });
  afterEach(async () => {
    await log.close();
    vi.useRealTimers();
  });

  test('covers all that was appended before it, routine records as well, and proves it', async () => {
    for (let count = 0; count < 5; count += 1) {
      for (let routine = 0; routine < count; routine += 1)
        log.append(connectionRecord(`${count}-${routine}`));
      log.append(stopped(`${count}`));
      const { size, note } = await log.checkpoint();
      expect(log.state()).toMatchObject({ size, signedSize: size, checkpoint: note, checkpointAt: noon });
      expect(proveLog(disk.files)).toMatchObject({ problems: [], records: { length: size } });
    }
  });

  test('bears the signature of the published key', async () => {
    const { note } = await log.checkpoint();
    const key = parseKey(log.state().publicKey, sha256);
    const parsed = parseNote(note);
    expect(key && parsed && isSignedBy(parsed, key, verifyEd25519)).toBe(true);
  });

  test.each([true, false])(
    'is kept together with the one before, files having two names: %s',
    async (has) => {
      disk.links = has;
      const first = await log.checkpoint();
      log.append(stopped('more'));
      const second = await log.checkpoint();
      const read = (name: string) => Buffer.from(disk.files.get(name) ?? []).toString();
      expect([read('checkpoint.old'), read('checkpoint')]).toEqual([first.note, second.note]);
    },
  );

  test('asked for while another is made covers what came in between', async () => {
    const asked: Promise<{ size: number }>[] = [];
    for (let count = 1; count <= 20; count += 1) {
      log.append(stopped(`${count}`));
      asked.push(log.checkpoint());
      await Promise.resolve();
    }
    for (const [index, { size }] of (await Promise.all(asked)).entries()) {
      expect(size).toBeGreaterThan(index);
    }
  });

  test('of a log that did not grow is the same one', async () => {
    const first = await log.checkpoint();
    expect(await log.checkpoint()).toEqual(first);
  });

  test('is refused when the disk does not take what it would cover, and never covers it', async () => {
    log.append(stopped('lost'));
    disk.broken = 'sync';
    await expect(log.checkpoint()).rejects.toMatchObject({ code: 'PST_ERR_EVIDENCE' });
    expect(log.state()).toMatchObject({ signedSize: 0 });
    disk.broken = '';
  });

  test('whose bytes on the disk are not those that were signed is refused (CVE-2025-59339)', async () => {
    log.append(stopped('one'));
    const replace = disk.files.set.bind(disk.files);
    disk.files.set = (name, bytes) => {
      // The name is given after the bytes were written, so this is a medium that lies.
      return replace(
        name,
        name === 'checkpoint' ? Buffer.from(Buffer.from(bytes).toString().replace('1\n', '2\n')) : bytes,
      );
    };
    await expect(log.checkpoint()).rejects.toThrow('does not bear a good signature');
    disk.files.set = replace;
  });

  test('is made each minute while somebody is let in, and each ten minutes otherwise', async () => {
    log.append(stopped('one'));
    await vi.advanceTimersByTimeAsync(SessionInterval + 1_000);
    expect(log.state().signedSize).toBe(0);
    for (let second = 0; second <= SessionInterval; second += 1_000) {
      log.keepSigning(true);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(log.state().signedSize).toBe(1);
    log.keepSigning(false);
    log.append(stopped('two'));
    await vi.advanceTimersByTimeAsync(SessionInterval + 1_000);
    expect(log.state().signedSize).toBe(1);
    await vi.advanceTimersByTimeAsync(RestInterval);
    expect(log.state().signedSize).toBe(2);
  });

  test('is made at the end, and covers everything', async () => {
    log.append(connectionRecord('a'));
    await log.close();
    expect(log.state()).toMatchObject({ size: 1, signedSize: 1 });
    expect(proveLog(disk.files).problems).toEqual([]);
  });
});

test('a log that was killed is signed up to its last record when it is taken up', async () => {
  const disk = memoryDisk();
  const killed = await openEvidenceLog('', { ...limits, files: disk });
  await killed.appendDurable(stopped('unsigned'));
  expect(killed.state().signedSize).toBe(0);
  const log = await openEvidenceLog('', { ...limits, files: disk });
  expect(log.state()).toMatchObject({ size: 1, signedSize: 1, broken: '' });
  await log.close();
});

test('a closed log takes no more, and says so', async () => {
  const log = await openEvidenceLog('', { ...limits, files: memoryDisk() });
  await log.close();
  await expect(log.appendDurable(stopped('late'))).rejects.toMatchObject({ code: 'PST_ERR_EVIDENCE' });
  await expect(log.checkpoint()).rejects.toMatchObject({ code: 'PST_ERR_EVIDENCE' });
});

describe('what is given up for room', () => {
  test('leaves a log that goes on proving the rest, before and after a restart', async () => {
    const disk = memoryDisk();
    const tight = { ...limits, maxBytes: 1024 * 1024, segmentBytes: 128 * 1024, files: disk };
    for (let life = 0; life < 3; life += 1) {
      const log = await openEvidenceLog('', tight);
      for (let round = 0; round < 20; round += 1) {
        for (let count = 0; count < 40; count += 1) log.append(connectionRecord('x'.repeat(2000)));
        await log.appendDurable(stopped(`${life}-${round}`));
      }
      await log.close();
      expect(log.state()).toMatchObject({ broken: '', size: log.stats().records });
      const { problems, records, origins } = proveLog(disk.files);
      expect(problems).toEqual([]);
      expect(origins).toHaveLength(1);
      expect(records.length).toBeLessThan(log.stats().records);
    }
  });
});
