import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import {
  GroupInterval,
  MaxQueuedBytes,
  RetryInterval,
  SyncInterval,
} from '../../../gateway/evidence/log-times.ts';
import { type LogEntry, readLog } from '../../../gateway/evidence/read-log.ts';
import { encodeRecord } from '../../../rules/record/codec.ts';
import type { Act } from '../../../rules/record/record.ts';
import { frameRecord } from '../../../rules/record/segment.ts';
import { type MemoryDisk, memoryDisk } from './memory-files.ts';
import { connectionRecord, noon, owner, refusalRecord, stopped } from './samples.ts';

const clock = { wall: () => noon, monotonic: () => Date.now() };
const limits = { maxBytes: 64 * 1024 * 1024, segmentBytes: 1024 * 1024, clock, owner };

describe('in a real directory', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'penstock-evidence-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('what is appended is in the files after close, in order', async () => {
    const log = await openEvidenceLog(directory, limits);
    for (const id of ['a', 'b', 'c']) log.append(connectionRecord(id));
    await log.close();
    expect(ids(await entries(readLog(directory)))).toEqual(['a', 'b', 'c']);
  });

  test('a durable act is in the file when it resolves, and the records before it too', async () => {
    const log = await openEvidenceLog(directory, limits);
    log.append(connectionRecord('a'));
    await log.appendDurable(stopped('test'));
    const found = await entries(readLog(directory));
    expect(found.map((entry) => (entry.kind === 'record' ? entry.record.kind : entry.kind))).toEqual([
      'connection',
      'act',
    ]);
    await log.close();
  });

  test('acts and routine records lie in segments of their own, with one sequence over both', async () => {
    const log = await openEvidenceLog(directory, limits);
    log.append(connectionRecord('a'));
    log.append(stopped('one'));
    log.append(connectionRecord('b'));
    await log.close();
    const segments = (await readdir(directory)).filter((name) => name.endsWith('.seg'));
    expect(segments.sort()).toEqual(['00000001.seg', '00000002.seg', '00000003.seg']);
    const found = await entries(readLog(directory));
    expect(found.map((entry) => (entry.kind === 'record' ? entry.sequence : -1))).toEqual([0, 1, 2]);
  });

  test('a log goes on in a new segment where the last one ended', async () => {
    for (const id of ['a', 'b']) {
      const log = await openEvidenceLog(directory, limits);
      log.append(connectionRecord(id));
      await log.close();
    }
    const found = await entries(readLog(directory));
    expect(found).toMatchObject([
      { segment: 1, sequence: 0 },
      { segment: 2, sequence: 1 },
    ]);
  });

  test('a torn tail is cut and told with its size', async () => {
    const first = await openEvidenceLog(directory, limits);
    first.append(connectionRecord('a'));
    await first.close();
    await writeFile(join(directory, '00000001.seg'), new Uint8Array(17).fill(5), { flag: 'a' });
    const second = await openEvidenceLog(directory, limits);
    await second.close();
    const found = await entries(readLog(directory));
    expect(ids(found)).toEqual(['a']);
    expect(acts(found)).toEqual([{ kind: 'tornTail', segment: 1, bytes: 17 }]);
    expect(found.some((entry) => entry.kind === 'fault')).toBe(false);
  });

  test('a second writer is refused while the first lives, and welcome after it', async () => {
    const first = await openEvidenceLog(directory, limits);
    await expect(openEvidenceLog(directory, limits)).rejects.toMatchObject({ code: 'PST_ERR_EVIDENCE' });
    await first.close();
    const second = await openEvidenceLog(directory, limits);
    await second.close();
  });

  test('a directory that cannot be made alarms and does not stop the gateway', async () => {
    await writeFile(join(directory, 'file'), '');
    const log = await openEvidenceLog(join(directory, 'file', 'evidence'), limits);
    log.append(connectionRecord('a'));
    expect(log.stats().failing).toContain('ENOTDIR');
    await expect(log.appendDurable(stopped('x'))).rejects.toMatchObject({ code: 'PST_ERR_EVIDENCE' });
    await log.close();
  });
});

describe('on a disk that fills and breaks', () => {
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

  test('records are written within the group interval, with nobody waiting', async () => {
    log.append(connectionRecord('a'));
    expect(disk.segments().size).toBe(0);
    await vi.advanceTimersByTimeAsync(GroupInterval);
    expect(ids(await written())).toEqual(['a']);
    expect(log.stats()).toMatchObject({ records: 1, lagMs: 0, lost: 0, failing: '' });
  });

  test('a full disk costs nothing that still fits the queue, and says so while it lasts', async () => {
    log.append(connectionRecord('a'));
    await vi.advanceTimersByTimeAsync(GroupInterval);
    disk.capacity = 200;
    log.append(connectionRecord('b'));
    log.append(connectionRecord('c'));
    await vi.advanceTimersByTimeAsync(GroupInterval);
    expect(log.stats().failing).toContain('ENOSPC');
    expect(ids(await written())).toEqual(['a']);
    disk.capacity = 1e9;
    await vi.advanceTimersByTimeAsync(RetryInterval);
    expect(log.stats().failing).toBe('');
    expect(ids(await written())).toEqual(['a', 'b', 'c']);
    expect((await written()).some((entry) => entry.kind === 'fault')).toBe(false);
  });

  test('connections that no longer fit the queue are counted together, and none is lost', async () => {
    disk.broken = 'everything';
    const many = Math.ceil(MaxQueuedBytes / 1000);
    for (let count = 0; count < many; count += 1) log.append(connectionRecord('x'.repeat(1000)));
    await vi.advanceTimersByTimeAsync(RetryInterval);
    disk.broken = '';
    await vi.advanceTimersByTimeAsync(RetryInterval);
    const found = await written();
    const sums = found.flatMap((entry) =>
      entry.kind === 'record' && entry.record.kind === 'connections' ? [entry.record] : [],
    );
    expect(sums).toMatchObject([{ count: many - ids(found).length, foldedKinds: 0 }]);
    expect(log.stats()).toMatchObject({ lost: 0, failing: '', lagMs: 0 });
    expect(log.state().broken).toBe('');
  });

  test('what no longer fits the queue is counted exactly, and the gap stands in the log', async () => {
    disk.broken = 'everything';
    const size = 1000;
    const fitting = Math.floor(MaxQueuedBytes / frameSize(size));
    for (let count = 0; count < fitting + 37; count += 1) log.append(stopped('x'.repeat(size)));
    await vi.advanceTimersByTimeAsync(RetryInterval);
    expect(log.stats()).toMatchObject({ lost: 37, failing: 'EIO: i/o error' });
    disk.broken = '';
    await vi.advanceTimersByTimeAsync(RetryInterval);
    const found = await written();
    expect(acts(found)).toHaveLength(fitting + 1);
    expect(acts(found).at(-1)).toEqual({
      kind: 'gap',
      what: 'records the disk could not take',
      from: noon,
      to: noon,
      records: 37,
    });
    expect(log.stats()).toMatchObject({ lost: 37, failing: '', lagMs: 0 });
  });

  test('while records are lost nobody is let in, also where the disk is merely slow', async () => {
    const size = 1000;
    const fitting = Math.floor(MaxQueuedBytes / frameSize(size));
    for (let count = 0; count < fitting + 1; count += 1) log.append(stopped('x'.repeat(size)));
    await vi.advanceTimersByTimeAsync(GroupInterval);
    expect(log.stats()).toMatchObject({ lost: 1, failing: '' });
    expect(log.state().broken).toContain('some is lost');
    await vi.advanceTimersByTimeAsync(SyncInterval);
    expect(log.state().broken).toBe('');
  });

  test('an act that cannot be made durable is refused, and is not in the log later', async () => {
    disk.capacity = 10;
    await expect(log.appendDurable(stopped('refused'))).rejects.toMatchObject({ code: 'PST_ERR_EVIDENCE' });
    disk.capacity = 1e9;
    await log.appendDurable(stopped('accepted'));
    expect(acts(await written())).toEqual([{ kind: 'stopped', why: 'accepted' }]);
  });

  test('after a failed sync the segment is left, the place is named and writing goes on', async () => {
    disk.broken = 'sync';
    await expect(log.appendDurable(stopped('refused'))).rejects.toThrow('i/o error');
    disk.broken = '';
    await log.appendDurable(stopped('accepted'));
    expect(acts(await written())).toMatchObject([
      { kind: 'originStarted', why: 'what segment 1 holds is in doubt: EIO: i/o error' },
      { kind: 'damage', segment: 1, offset: 0, problem: 'EIO: i/o error' },
      { kind: 'stopped', why: 'accepted' },
    ]);
  });

  test('routine records reach the medium after the sync interval', async () => {
    log.append(connectionRecord('a'));
    await vi.advanceTimersByTimeAsync(GroupInterval);
    disk.broken = 'sync';
    await vi.advanceTimersByTimeAsync(SyncInterval);
    expect(log.stats().failing).toBe('EIO: i/o error');
    disk.broken = '';
  });

  test('a flood of one refusal writes few records and loses no count', async () => {
    for (let second = 0; second < 10; second += 1) {
      for (let count = 0; count < 500; count += 1) log.append(refusalRecord());
      await vi.advanceTimersByTimeAsync(1000);
    }
    await log.close();
    const counts = (await written()).flatMap((entry) =>
      entry.kind === 'record' && entry.record.kind === 'refusal' ? [entry.record.count] : [],
    );
    expect(counts.length).toBeLessThan(6);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5000);
  });

  async function written(): Promise<LogEntry[]> {
    const { broken } = disk;
    disk.broken = '';
    const found = await entries(readLog('', disk));
    disk.broken = broken;
    return found;
  }
});

test('a disk that is full at the start costs no record that is there, and goes on when there is room', async () => {
  const disk = memoryDisk();
  const first = await openEvidenceLog('', { ...limits, files: disk });
  await first.appendDurable(stopped('unsigned'));
  disk.notes = 0;
  disk.capacity = 0;
  const log = await openEvidenceLog('', { ...limits, files: disk });
  expect(log.state()).toMatchObject({ size: 1, signedSize: 0, broken: '' });
  await expect(log.appendDurable(stopped('refused'))).rejects.toThrow('ENOSPC');
  expect(log.state().broken).toContain('ENOSPC');
  disk.notes = disk.capacity = 1e9;
  expect(await log.checkpoint()).toMatchObject({ size: 1 });
  expect(log.state().broken).toBe('');
  await log.close();
});

test('a disk broken at the start is waited for', async () => {
  vi.useFakeTimers();
  const disk = memoryDisk();
  disk.broken = 'everything';
  const log = await openEvidenceLog('', { ...limits, files: disk });
  log.append(connectionRecord('a'));
  expect(log.stats()).toMatchObject({ segment: 0, failing: 'EIO: i/o error' });
  disk.broken = '';
  await vi.advanceTimersByTimeAsync(RetryInterval);
  expect(log.stats()).toMatchObject({ segment: 1, records: 1, failing: '' });
  await log.close();
  vi.useRealTimers();
});

describe('within its budget', () => {
  const tight = { maxBytes: 1024 * 1024, segmentBytes: 256 * 1024, clock, owner };
  const long = 'x'.repeat(2000);

  test('the oldest routine segments go, each with an act that says so, and acts stay', async () => {
    const disk = memoryDisk();
    const log = await openEvidenceLog('', { ...tight, files: disk });
    await log.appendDurable(stopped('first of all'));
    for (let round = 0; round < 30; round += 1) {
      for (let count = 0; count < 40; count += 1) log.append(connectionRecord(long));
      await log.appendDurable(stopped(`round ${round}`));
    }
    await log.close();
    const found = await entries(readLog('', disk));
    const removed = acts(found).flatMap((act) => (act.kind === 'removed' ? [act] : []));
    expect(removed.length).toBeGreaterThan(3);
    expect(acts(found)).toContainEqual({ kind: 'stopped', why: 'first of all' });
    const gone = removed.reduce((sum, act) => sum + act.records, 0);
    expect(gone + ids(found).length).toBe(1200);
    const missing = found.reduce((sum, one) => sum + (one.kind === 'missing' ? one.to - one.from : 0), 0);
    expect(missing).toBe(gone);
  });

  test('the files never take more than the budget while there is something to give', async () => {
    const disk = memoryDisk();
    const log = await openEvidenceLog('', { ...tight, files: disk });
    for (let round = 0; round < 100; round += 1) {
      for (let count = 0; count < 19; count += 1) log.append(connectionRecord(long));
      await log.appendDurable(connectionRecord(long));
      const bytes = [...disk.segments().values()].reduce((sum, segment) => sum + segment.length, 0);
      expect(bytes).toBeLessThanOrEqual(tight.maxBytes);
    }
    await log.close();
  });
});

async function entries(log: AsyncIterable<LogEntry>): Promise<LogEntry[]> {
  const found: LogEntry[] = [];
  for await (const entry of log) found.push(entry);
  return found;
}

function ids(found: readonly LogEntry[]): string[] {
  return found.flatMap((entry) =>
    entry.kind === 'record' && entry.record.kind === 'connection' ? [entry.record.id] : [],
  );
}

function acts(found: readonly LogEntry[]): Act[] {
  return found.flatMap((entry) =>
    entry.kind === 'record' && entry.record.kind === 'act' ? [entry.record.act] : [],
  );
}

function frameSize(whyLength: number): number {
  return frameRecord(encodeRecord(stopped('x'.repeat(whyLength)))).length;
}
