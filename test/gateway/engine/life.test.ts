import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leaveForRecord, readLeft } from '../../../gateway/backup/to-record.ts';
import { systemClock } from '../../../gateway/clock.ts';
import type { Access } from '../../../gateway/engine/access.ts';
import { beginLife, type Life } from '../../../gateway/engine/life.ts';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { readLog } from '../../../gateway/evidence/read-log.ts';
import { createLog } from '../../../gateway/log.ts';
import type { Act } from '../../../rules/record/record.ts';
import { owner } from '../evidence/samples.ts';
import { memoryLog } from './memory-log.ts';

const person: Act = {
  kind: 'accountChanged',
  account: 'berta',
  what: 'changed',
  detail: 'operator',
  by: 'box',
  second: '',
};

let state: string;
let evidence: EvidenceLog;
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'pst-life-'));
  evidence = await openLog();
});
afterEach(async () => {
  await evidence.close();
  rmSync(state, { recursive: true, force: true });
});

function openLog(): Promise<EvidenceLog> {
  const limits = { maxBytes: 1_048_576, segmentBytes: 65_536, clock: systemClock };
  return openEvidenceLog(join(state, 'evidence'), { ...limits, owner });
}

/** A start of the engine; `dies` makes it end at this act, before that is on record. */
function begin(dies: Act['kind'] | 'never'): Promise<Life> {
  return beginLife({
    config: { state },
    evidence,
    record: (act) =>
      act.kind === dies
        ? new Promise(() => undefined)
        : evidence.appendDurable({ kind: 'act', at: systemClock.wall(), act }),
    look: async () => [],
    access: {
      broker: { summary: () => ({ open: [], requested: 0, approved: 0 }) },
      restate: async () => [person],
    } as unknown as Access,
    activation: { active: () => undefined },
    log: createLog('engine', memoryLog().stream),
  });
}

/** What the history in hand tells, in its order. */
async function toldNow(): Promise<readonly Act[]> {
  await evidence.checkpoint();
  const found: Act[] = [];
  for await (const entry of readLog(join(state, 'evidence'))) {
    if (entry.kind === 'record' && entry.record.kind === 'act') found.push(entry.record.act);
  }
  return found.slice(found.findLastIndex(({ kind }) => kind === 'originStarted') + 1);
}

async function startAgain(): Promise<void> {
  await evidence.close();
  evidence = await openLog();
  await begin('never');
}

describe('a change of the key of the log', () => {
  test.for(['accountChanged', 'keyRotated'] as const)(
    'whose engine ends before "%s" is told by the next one: who wanted it, and what sessions are judged by',
    async (kind) => {
      const former = evidence.state().publicKey;
      const life = await begin(kind);
      void life.act({ what: 'rotate', key: 'evidence', why: 'it was time' }, 'anna');
      await expect.poll(() => evidence.state().publicKey).not.toBe(former);
      await startAgain();
      const now = evidence.state().publicKey;
      const told = { kind: 'keyRotated', what: 'evidence', former, now, by: 'anna', why: 'it was time' };
      expect((await toldNow()).slice(-2)).toEqual([person, told]);
      expect(readLeft(state)).toEqual([]);
    },
  );

  test('that did not happen is told by nobody', async () => {
    leaveForRecord(state, {
      kind: 'keyChanging',
      former: evidence.state().publicKey,
      by: 'anna',
      why: '',
    });
    await startAgain();
    expect((await toldNow()).map(({ kind }) => kind)).not.toContain('keyRotated');
    expect(readLeft(state)).toEqual([]);
  });

  test('that was told leaves what others left, and is not told again', async () => {
    const life = await begin('never');
    const backedUp = { kind: 'backedUp', by: 'carl', keys: false, evidence: false } as const;
    leaveForRecord(state, backedUp);
    expect(await life.act({ what: 'rotate', key: 'evidence', why: '' }, 'anna')).toMatchObject({ ok: true });
    expect(readLeft(state)).toEqual([backedUp]);
    await startAgain();
    expect((await toldNow()).map(({ kind }) => kind)).toEqual(['accountChanged', 'keyRotated', 'backedUp']);
  });
});
