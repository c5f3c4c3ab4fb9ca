import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isRequired } from '../../groups.ts';
import { run } from '../../plant/namespaces/exec.ts';
import { hasLoopDevices } from '../../soak/disk.ts';

const Bench = fileURLToPath(new URL('../../bench/bench.ts', import.meta.url));
/** Milliseconds, also on a machine that does much else. */
const Patience = 280_000;

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
  if (!(await canMount()) && !isRequired('system')) return skip('needs a loop device: modprobe loop');
  const { written, kept } = await life('--writes', '--seconds', '2');
  expect(written).toMatchObject([
    { what: 'at rest', carried: 0 },
    { what: '500 transactions a second', carried: expect.any(Number) },
    { what: '500 refused requests a second', carried: expect.any(Number) },
  ]);
  for (const { carried } of written.slice(1)) expect(carried).toBeGreaterThan(0);
  // Refusals are evidence, and evidence is on the disk when it has been counted.
  const refused = written.at(-1);
  expect(refused?.device).toBeGreaterThan(0);
  expect(refused?.requests).toBeGreaterThan(0);
  expect(refused?.processes['engine']).toBeGreaterThan(0);
  expect(kept).toBeGreaterThan(0);
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
    readonly requests: number;
    readonly processes: Readonly<Record<string, number>>;
  }[];
  readonly kept: number;
}

async function canMount(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'pst-'));
  try {
    return await hasLoopDevices(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
