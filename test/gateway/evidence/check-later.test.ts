import { expect, test, vi } from 'vitest';
import { FirstCheck } from '../../../gateway/evidence/check-later.ts';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { type MemoryDisk, memoryDisk } from './memory-files.ts';
import { connectionRecord, noon, owner, stopped } from './samples.ts';

const clock = { wall: () => noon, monotonic: () => performance.now() };

test.each<readonly [string, string, (disk: MemoryDisk) => void]>([
  ['changed', 'segment 3 is not what it was', (disk) => disk.files.set('00000003.seg', flipped(disk, 45))],
  ['taken away', 'segment 3 is gone', (disk) => disk.files.delete('00000003.seg')],
  [
    'shortened',
    'segment 3 is not what it was',
    (disk) => disk.files.set('00000003.seg', flipped(disk, 45).slice(0, 90)),
  ],
])('an old segment that is %s while the log is open is found within the day', async (_, problem, damage) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const disk = memoryDisk();
    const log = await open(disk);
    for (let count = 0; count < 3; count += 1) {
      log.append(connectionRecord(`${count}`));
      await log.appendDurable(stopped(`${count}`));
    }
    const { origin } = log.state();
    damage(disk);
    const heard = new Promise((resolve) => log.onHealth(resolve));
    vi.advanceTimersByTime(FirstCheck);
    expect(await heard).toBe(problem);
    expect(log.state()).toMatchObject({ broken: problem });
    expect(log.state().origin).not.toBe(origin);
    await log.close();
  } finally {
    vi.useRealTimers();
  }
});

test('what a start trusted the notes for is looked at later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const disk = memoryDisk();
    const first = await open(disk);
    for (let count = 0; count < 3; count += 1) {
      first.append(connectionRecord(`${count}`));
      await first.appendDurable(stopped(`${count}`));
    }
    await first.close();
    disk.files.set('00000003.seg', flipped(disk, 45));
    const log = await open(disk);
    expect(log.state().broken).toBe('');
    const heard = new Promise((resolve) => log.onHealth(resolve));
    vi.advanceTimersByTime(FirstCheck);
    expect(await heard).toBe('segment 3 is not what it was');
    await log.close();
  } finally {
    vi.useRealTimers();
  }
});

function open(disk: MemoryDisk): Promise<EvidenceLog> {
  return openEvidenceLog('', { maxBytes: 1e8, segmentBytes: 1e6, clock, owner, files: disk });
}

function flipped(disk: MemoryDisk, at: number): Uint8Array {
  const bytes = Uint8Array.from(disk.files.get('00000003.seg') ?? []);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}
