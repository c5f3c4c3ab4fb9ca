import { describe, expect, test } from 'vitest';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import type { CheckpointMark } from '../../../gateway/evidence/mark-file.ts';
import { readLog } from '../../../gateway/evidence/read-log.ts';
import type { Act } from '../../../rules/record/record.ts';
import { type MemoryDisk, memoryDisk } from './memory-files.ts';
import { proveLog } from './proved-log.ts';
import { connectionRecord, noon, owner, stopped } from './samples.ts';

const clock = { wall: () => noon, monotonic: () => performance.now() };

/** Acts and routine records in turn, so in several segments, all of it signed. */
async function signedLog(disk: MemoryDisk, mark?: CheckpointMark): Promise<void> {
  const log = await open(disk, mark);
  for (let count = 0; count < 4; count += 1) {
    log.append(connectionRecord(`${count}`));
    await log.appendDurable(stopped(`${count}`));
  }
  await log.close();
}

describe('a log that is not what was signed', () => {
  const damages: readonly [string, (disk: MemoryDisk) => void][] = [
    ['has lost its last segment', (disk) => disk.files.delete('00000008.seg')],
    ['has lost a segment in the middle', (disk) => disk.files.delete('00000003.seg')],
    ['has lost its first segment', (disk) => disk.files.delete('00000001.seg')],
    ['has lost all its segments', (disk) => forEachSegment(disk, (name) => disk.files.delete(name))],
    [
      'was cut within its last segment',
      (disk) => change(disk, '00000008.seg', (bytes) => bytes.slice(0, -1)),
    ],
    [
      'was cut within a segment before',
      (disk) => change(disk, '00000003.seg', (bytes) => bytes.slice(0, -1)),
    ],
    ['has a flipped bit in the first', (disk) => change(disk, '00000001.seg', (bytes) => flip(bytes, 60))],
    ['has a flipped bit in the last', (disk) => change(disk, '00000008.seg', (bytes) => flip(bytes, 34))],
    ['has a flipped bit in a header', (disk) => change(disk, '00000008.seg', (bytes) => flip(bytes, 17))],
    ['has two segments exchanged', (disk) => exchange(disk, '00000002.seg', '00000004.seg')],
    [
      'has no checkpoints any more',
      (disk) => disk.files.delete('checkpoint') && disk.files.delete('checkpoint.old'),
    ],
    ['has a changed checkpoint', (disk) => change(disk, 'checkpoint', (bytes) => flip(bytes, 50))],
    ['has lost its key', (disk) => disk.files.delete('log.key')],
  ];

  test.each(damages)(
    'as it %s, lets nobody in, goes on under a new origin, and says why',
    async (_, damage) => {
      const disk = memoryDisk();
      await signedLog(disk);
      disk.files.delete('tree');
      damage(disk);
      const log = await open(disk);
      const { broken, origin } = log.state();
      expect(broken).not.toBe('');
      expect(origin).toMatch(/\/[0-9a-f]{8}\/[1-9]\d*$/);
      await log.appendDurable(stopped('goes on'));
      await log.close();
      expect(await acts(disk)).toContainEqual(
        expect.objectContaining({ kind: 'originStarted', origin, why: broken }),
      );
      // What follows is proved by itself, whatever came before.
      expect(proveLog(disk.files).problems.filter((one) => !one.includes('.seg:'))).toEqual([]);
    },
  );

  test('is accepted by a person, on record, and not of itself by a restart', async () => {
    const disk = memoryDisk();
    await signedLog(disk);
    disk.files.delete('00000003.seg');
    await (await open(disk)).close();
    const log = await open(disk);
    const heard: string[] = [];
    log.onHealth((broken) => heard.push(broken));
    expect(log.state().broken).toContain('missing');
    await log.accept('erika', 'the disk was exchanged');
    expect(log.state().broken).toBe('');
    expect(heard).toEqual(['']);
    const origin = log.state().origin;
    await log.close();
    const after = await open(disk);
    expect(after.state()).toMatchObject({ broken: '', origin });
    await after.close();
    const told = (await acts(disk)).filter(({ kind }) => kind === 'originStarted' || kind === 'alarmChanged');
    expect(told.map(({ kind }) => kind)).toEqual(['originStarted', 'alarmChanged']);
  });

  test('names the last checkpoint of the former history in the new one', async () => {
    const disk = memoryDisk();
    await signedLog(disk);
    const former = Buffer.from(disk.files.get('checkpoint') ?? []).toString();
    disk.files.delete('00000003.seg');
    await (await open(disk)).close();
    expect(await acts(disk)).toContainEqual(expect.objectContaining({ kind: 'originStarted', former }));
  });

  test('was never cut for it: what can still be read of the damaged segments is there', async () => {
    const disk = memoryDisk();
    await signedLog(disk);
    const before = change(disk, '00000003.seg', (bytes) => flip(bytes, 40));
    await (await open(disk)).close();
    expect(disk.files.get('00000003.seg')).toEqual(before);
  });
});

describe('after a sync that failed', () => {
  test('a new origin begins by itself, people are let in again, and both histories go on proving what is left', async () => {
    const disk = memoryDisk();
    const limits = { maxBytes: 1024 * 1024, segmentBytes: 64 * 1024, clock, owner, files: disk };
    const log = await openEvidenceLog('', limits);
    const heard: string[] = [];
    log.onHealth((broken) => heard.push(broken));
    const { origin } = log.state();
    await fill(log, 5);
    await log.checkpoint();
    disk.broken = 'sync';
    await expect(log.appendDurable(stopped('refused'))).rejects.toMatchObject({ code: 'PST_ERR_EVIDENCE' });
    disk.broken = '';
    await fill(log, 30);
    await log.close();
    expect(heard).toEqual(['Evidence is not being written: EIO: i/o error', '']);
    expect(log.state()).toMatchObject({ broken: '', signedSize: log.state().size });
    expect(log.state().origin).not.toBe(origin);
    const removed = (await acts(disk)).flatMap((act) => (act.kind === 'removed' ? [act] : []));
    expect(removed.length).toBeGreaterThan(5);
    expect(removed.filter(({ hashes }) => hashes.length === 0)).toEqual([]);
    expect(proveLog(disk.files)).toMatchObject({ problems: [], origins: [origin, log.state().origin] });
    const after = await openEvidenceLog('', limits);
    expect(after.state()).toMatchObject({ broken: '', origin: log.state().origin });
    await after.close();
  });

  async function fill(log: EvidenceLog, rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      for (let count = 0; count < 20; count += 1) log.append(connectionRecord('x'.repeat(2_000)));
      await log.appendDurable(stopped(`${round}`));
    }
  }
});

describe('a restored backup', () => {
  test('is known by a mark outside the directory, and goes on under a new origin', async () => {
    let note: string | undefined;
    const mark: CheckpointMark = {
      read: async () => note,
      write: async (text) => {
        note = text;
      },
    };
    const disk = memoryDisk();
    await signedLog(disk, mark);
    const backup = new Map(disk.files);
    await signedLog(disk, mark);
    disk.files.clear();
    for (const [name, bytes] of backup) disk.files.set(name, bytes);
    const log = await open(disk, mark);
    expect(log.state().broken).toBe('16 records were signed and only 8 are there');
    await log.close();
    const again = await open(disk, mark);
    expect(again.state().origin).toBe(log.state().origin);
    await again.close();
  });

  test('never gives a number to an origin twice', async () => {
    const disk = memoryDisk();
    await signedLog(disk);
    const backup = new Map(disk.files);
    const origins = new Set<string>();
    for (let times = 0; times < 5; times += 1) {
      disk.files.clear();
      for (const [name, bytes] of backup) disk.files.set(name, bytes);
      disk.files.delete('00000003.seg');
      const log = await open(disk);
      origins.add(log.state().origin);
      await log.close();
    }
    expect(origins.size).toBe(5);
  });
});

describe('a log from before it was proved', () => {
  test('is taken up whole, and proved from its first record on', async () => {
    const disk = memoryDisk();
    await signedLog(disk);
    for (const name of [...disk.files.keys()]) if (!name.endsWith('.seg')) disk.files.delete(name);
    const log = await open(disk);
    expect(log.state()).toMatchObject({ broken: '', size: 8, signedSize: 8 });
    await log.close();
    expect(proveLog(disk.files)).toMatchObject({ problems: [], origins: { length: 1 } });
  });

  test('that gave up segments without a word of their tree is proved from now on, and lets people in', async () => {
    const disk = memoryDisk();
    await signedLog(disk);
    for (const name of [...disk.files.keys()]) if (!name.endsWith('.seg')) disk.files.delete(name);
    disk.files.delete('00000001.seg');
    const log = await open(disk);
    expect(log.state()).toMatchObject({ broken: '', size: 1, signedSize: 1 });
    await log.close();
    expect(proveLog(disk.files).problems).toEqual([]);
  });
});

function open(disk: MemoryDisk, mark?: CheckpointMark): Promise<EvidenceLog> {
  const limits = { maxBytes: 64 * 1024 * 1024, segmentBytes: 1024 * 1024 };
  return openEvidenceLog('', {
    ...limits,
    clock,
    owner,
    files: disk,
    ...(mark === undefined ? {} : { mark }),
  });
}

async function acts(disk: MemoryDisk): Promise<Act[]> {
  const found: Act[] = [];
  for await (const entry of readLog('', disk)) {
    if (entry.kind === 'record' && entry.record.kind === 'act') found.push(entry.record.act);
  }
  return found;
}

function change(disk: MemoryDisk, name: string, how: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const changed = how(disk.files.get(name) ?? new Uint8Array());
  disk.files.set(name, changed);
  return changed;
}

function exchange(disk: MemoryDisk, one: string, other: string): void {
  const [first, second] = [disk.files.get(one), disk.files.get(other)];
  disk.files.set(one, second ?? new Uint8Array());
  disk.files.set(other, first ?? new Uint8Array());
}

function forEachSegment(disk: MemoryDisk, act: (name: string) => void): void {
  for (const name of [...disk.files.keys()]) if (name.endsWith('.seg')) act(name);
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
