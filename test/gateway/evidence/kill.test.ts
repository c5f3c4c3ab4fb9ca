import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { readLog } from '../../../gateway/evidence/read-log.ts';
import { proveLog } from './proved-log.ts';
import { owner } from './samples.ts';

/** Lives are short and many, so that some end in a header, some in a record, some in a checkpoint. */
const lives = process.env['PENSTOCK_SLOW'] === undefined ? 15 : 1_000;

const Signed = 'signed ';

const claim = 'killed at any moment, the log keeps all that was acknowledged, and nothing in it is corrupt';
test(claim, () => holdsIn(5));
test(`${claim}, again and again`, { tags: ['deep'], timeout: 3_600_000 }, () => holdsIn(lives));

async function holdsIn(lives: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'penstock-killed-'));
  try {
    const acknowledged: string[] = [];
    for (const [index, after] of fc.sample(fc.integer({ min: 1, max: 40 }), lives).entries()) {
      acknowledged.push(...(await killAfter(directory, `life-${index}`, after)));
    }
    const log = await openEvidenceLog(directory, {
      maxBytes: 64 * 1024 * 1024,
      segmentBytes: 1024 * 1024,
      clock: { wall: Date.now, monotonic: () => performance.now() },
      owner,
    });
    await log.close();
    const signed = acknowledged
      .filter((word) => word.startsWith(Signed))
      .map((word) => Number(word.slice(7)));
    expect(log.state().size).toBeGreaterThanOrEqual(Math.max(0, ...signed));
    expect(log.state().broken).toBe('');
    const files = (await readdir(directory)).map(
      async (name) => [name, await readFile(join(directory, name))] as const,
    );
    expect(proveLog(new Map(await Promise.all(files)))).toMatchObject({
      problems: [],
      origins: { length: 1 },
    });

    const found = new Set<string>();
    const routine: string[] = [];
    for await (const entry of readLog(directory)) {
      // The next life cuts a torn tail, so that nothing but whole records is left.
      expect(entry.kind).toBe('record');
      if (entry.kind !== 'record') continue;
      if (entry.record.kind === 'act' && entry.record.act.kind === 'stopped') found.add(entry.record.act.why);
      if (entry.record.kind === 'connection') routine.push(entry.record.id);
    }
    const acts = acknowledged.filter((word) => !word.startsWith(Signed));
    expect(acts.filter((name) => !found.has(name))).toEqual([]);
    // What was appended before an acknowledged act is there as well, and in order.
    const wanted = acts.flatMap((name) => Array.from({ length: 20 }, (_, at) => `${name}-${at}`));
    const present = new Set(routine);
    expect(wanted.filter((id) => !present.has(id))).toEqual([]);
    expect(routine.length).toBe(present.size);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Runs the writer and kills it with SIGKILL once it has acknowledged `after` acts; gives back what it said. */
async function killAfter(directory: string, name: string, after: number): Promise<string[]> {
  const script = new URL('./writing-child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, directory, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === after) child.kill('SIGKILL');
  }
  await ended;
  return said;
}
