import { describe, expect, test } from 'vitest';
import { openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { createQuotaWatch } from '../../../gateway/evidence/log-health.ts';
import { readLog } from '../../../gateway/evidence/read-log.ts';
import type { Act } from '../../../rules/record/record.ts';
import { type MemoryDisk, memoryDisk } from './memory-files.ts';
import { proveLog } from './proved-log.ts';
import { connectionRecord, noon, owner, stopped } from './samples.ts';

const Day = 24 * 60 * 60_000;
const tight = { maxBytes: 1024 * 1024, segmentBytes: 64 * 1024, owner };

describe('acts that fill the budget', () => {
  test('are warned of at 70, 85 and 95 percent, once each, before one is refused', async () => {
    const disk = memoryDisk();
    const clock = { wall: () => noon, monotonic: () => performance.now() };
    const log = await openEvidenceLog('', { ...tight, clock, files: disk });
    const heard: string[] = [];
    log.onHealth((broken) => heard.push(broken));
    let refused: unknown;
    for (let count = 0; count < 2_000 && refused === undefined; count += 1) {
      await log.appendDurable(stopped('x'.repeat(2_000))).catch((error: unknown) => {
        refused = error;
      });
    }
    expect(refused).toMatchObject({ code: 'PST_ERR_EVIDENCE' });
    expect(log.state().broken).toContain('acts alone take up the budget');
    expect(heard).toEqual([log.state().broken]);
    expect(log.state().percent).toBeGreaterThanOrEqual(95);
    await log.close();
    const warned = (await acts(disk)).flatMap((act) => (act.kind === 'evidenceQuota' ? [act.percent] : []));
    expect(warned).toEqual([70, 85, 95]);
    const used = [...disk.segments().values()].reduce((sum, bytes) => sum + bytes.length, 0);
    expect(used).toBeLessThanOrEqual(tight.maxBytes);
    expect(proveLog(disk.files).problems).toEqual([]);
  });

  test('are told of again only after they fell well below', () => {
    const watch = createQuotaWatch();
    const told = [69, 70, 71, 69, 70, 85, 80, 84, 79, 86, 96, 60, 96].map((bytes) => watch.take(bytes, 100));
    expect(told.map((act) => (act?.kind === 'evidenceQuota' ? act.percent : 0))).toEqual([
      0, 70, 0, 0, 0, 85, 0, 0, 0, 86, 96, 0, 96,
    ]);
  });
});

describe('routine records that are old', () => {
  test('are given up after the days they are kept, acts are not, and the log goes on proving itself', async () => {
    const { disk, later } = await aged(true);
    expect(later.filter((act) => act.kind === 'removed')).toHaveLength(2);
    expect(later).toContainEqual({ kind: 'stopped', why: 'old' });
    expect(proveLog(disk.files)).toMatchObject({ problems: [], origins: { length: 1 } });
  });

  test('are kept while the clock cannot be believed', async () => {
    const { later } = await aged(false);
    expect(later.filter((act) => act.kind === 'removed')).toEqual([]);
  });

  async function aged(tellsTime: boolean): Promise<{ disk: MemoryDisk; later: Act[] }> {
    let now = noon;
    const disk = memoryDisk(Number.POSITIVE_INFINITY, () => now);
    const clock = { wall: () => now, monotonic: () => performance.now() };
    const retention = { milliseconds: 30 * Day, now: () => (tellsTime ? now : undefined) };
    const log = await openEvidenceLog('', { ...tight, clock, files: disk, retention });
    log.append(connectionRecord('a'));
    await log.appendDurable(stopped('old'));
    log.append(connectionRecord('b'));
    await log.appendDurable(stopped('old too'));
    now += 29 * Day;
    log.append(connectionRecord('c'));
    await log.appendDurable(stopped('young'));
    now += 2 * Day;
    await log.appendDurable(stopped('now'));
    await log.close();
    return { disk, later: await acts(disk) };
  }
});

async function acts(disk: MemoryDisk): Promise<Act[]> {
  const found: Act[] = [];
  for await (const entry of readLog('', disk)) {
    if (entry.kind === 'record' && entry.record.kind === 'act') found.push(entry.record.act);
  }
  return found;
}
