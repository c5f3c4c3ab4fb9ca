/** @module-tag deep: a bench; nothing of the gateway is shown here alone. */

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mountDisk } from '../../bench/life/writes.ts';
import { isRequired } from '../../groups.ts';
import { run } from '../../plant/namespaces/exec.ts';
import { hasLoopDevices } from '../../soak/disk.ts';

const Bench = fileURLToPath(new URL('../../bench/bench.ts', import.meta.url));
/** Milliseconds, also on a machine that does much else. */
const Patience = 280_000;
const NoLoop = 'needs a loop device: modprobe loop';

test('the bench of life measures a start to the first packet that passes, and what of it is what', async () => {
  const {
    boots: [{ engine, plain, inspected }],
    parts: [{ node, verify, apply }],
  } = await life('--boot');
  for (const time of [engine, node, verify, apply]) expect(time).toBeGreaterThan(0);
  // Nothing passes before there is a process that could have let it.
  for (const time of [plain, inspected]) expect(time).toBeGreaterThan(engine);
});

test('the bench of life counts what is written to a disk, at rest and under requests', async ({ skip }) => {
  if (!(await canMount()) && !isRequired('system')) return skip(NoLoop);
  const { written } = await life('--writes', '--seconds', '2');
  expect(written.map(({ what }) => what)).toEqual([
    '500 transactions a second',
    '500 refused requests a second',
    'at rest',
  ]);
  for (const { carried } of written.slice(0, 2)) expect(carried).toBeGreaterThan(0);
  // In two seconds nothing need be written, but everyone who could is looked at.
  for (const { device, processes } of written) {
    expect(device).toBeGreaterThanOrEqual(0);
    expect(Object.keys(processes).toSorted()).toEqual(['engine', 'front', 'inspector']);
  }
});

test('every byte that reaches the disk of the bench is counted', async ({ skip }) => {
  if (!(await canMount()) && !isRequired('system')) return skip(NoLoop);
  const folder = mkdtempSync(join(tmpdir(), 'pst-'));
  const disk = await mountDisk(folder, join(folder, 'disk'));
  try {
    const before = disk.counted();
    const Size = 1024 * 1024;
    writeFileSync(join(disk.path, 'file'), randomBytes(Size));
    await run(['sync', '-f', disk.path]);
    const after = disk.counted();
    expect(after.bytes - before.bytes).toBeGreaterThanOrEqual(Size);
    expect(after.requests).toBeGreaterThan(before.requests);
  } finally {
    await disk.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What the bench tells; the part of it says which. */
async function life(...options: readonly string[]) {
  const command = [process.execPath, Bench, 'life', '--short', '--json', ...options];
  const { status, stdout, stderr } = await run(command, { patience: Patience });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Life;
}

interface Life {
  readonly boots: readonly [Record<'engine' | 'plain' | 'inspected', number>];
  readonly parts: readonly [Record<'node' | 'verify' | 'apply', number>];
  readonly written: readonly {
    readonly what: string;
    readonly carried: number;
    readonly device: number;
    readonly processes: Readonly<Record<string, number>>;
  }[];
}

async function canMount(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'pst-'));
  try {
    return await hasLoopDevices(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
