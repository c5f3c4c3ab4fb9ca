import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLog } from '../../../gateway/evidence/read-log.ts';
import type { Act } from '../../../rules/record/record.ts';
import { verifyDirectory } from '../engine/verify-directory.ts';

const lives = process.env['PENSTOCK_SLOW'] === undefined ? 15 : 1_000;

/** After so many steps, and so many milliseconds more, it is killed. */
const moments = fc.record({ steps: fc.integer({ min: 1, max: 14 }), more: fc.integer({ min: 0, max: 6 }) });

const claim =
  'killed at any moment of opening and closing, nothing was open that is not on record, and all of it is closed';
test(claim, () => holdsIn(6));
test(`${claim}, again and again`, { tags: ['deep'], timeout: 3_600_000 }, () => holdsIn(lives));

async function holdsIn(lives: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-granting-'));
  try {
    for (const { steps, more } of fc.sample(moments, lives)) await live(directory, steps, more);
    await live(directory);
    const acts = await actsOf(join(directory, 'evidence'));
    const effects = readFileSync(join(directory, 'effects'), 'utf8').trim().split('\n');

    const opened = named(acts, 'grantOpened');
    const closed = named(acts, 'grantClosed');
    const channels = acts.flatMap((act) => (act.kind === 'channelOpened' ? [act.channel] : []));
    const told = (what: string): readonly string[] =>
      effects.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []));
    expect(told('open').length).toBeGreaterThan(lives / 4);
    expect(told('open').filter((grant) => !opened.includes(grant))).toEqual([]);
    expect(told('expect').filter((channel) => !channels.includes(channel))).toEqual([]);
    expect(new Set(closed).size).toBe(closed.length);
    expect(closed.toSorted()).toEqual(opened.toSorted());
    const asked = new Set(named(acts, 'grantRequested'));
    const over = new Set([...closed, ...named(acts, 'grantRefused')]);
    expect([...asked].filter((grant) => !over.has(grant))).toEqual([]);

    const { broken } = await verifyDirectory(join(directory, 'evidence'));
    expect(broken).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One life of the process: killed after so many steps, or the last one, which ends in order. */
async function live(directory: string, steps?: number, more = 0): Promise<void> {
  const script = new URL('./granting-child.ts', import.meta.url).pathname;
  const last = steps === undefined ? ['last'] : [];
  const child = spawn(process.execPath, [script, directory, ...last], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let said = 0;
  for await (const _ of createInterface({ input: child.stdout })) {
    said += 1;
    if (said !== steps) continue;
    await delay(more);
    child.kill('SIGKILL');
  }
  const status = await ended;
  if (steps === undefined) expect(status).toBe(0);
}

async function actsOf(directory: string): Promise<readonly Act[]> {
  const acts: Act[] = [];
  for await (const entry of readLog(directory)) {
    if (entry.kind === 'record' && entry.record.kind === 'act') acts.push(entry.record.act);
  }
  return acts;
}

function named(
  acts: readonly Act[],
  kind: 'grantOpened' | 'grantClosed' | 'grantRequested' | 'grantRefused',
) {
  return acts.flatMap((act) => (act.kind === kind ? [act.grant] : []));
}
