import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type CarryingFacts,
  carries,
  createCarryingSign,
  signOf,
} from '../../../gateway/engine/carrying-sign.ts';
import { createLog } from '../../../gateway/log.ts';
import { samplePolicy } from '../inspector/sample.ts';

const well: CarryingFacts = {
  policy: samplePolicy({}),
  drift: [],
  inspectors: [
    { pid: 31, shards: [0, 1], silence: 250 },
    { pid: 32, shards: [2, 3], silence: 1_250 },
    { pid: 33, shards: [], silence: 60_000 },
  ],
};

describe('a box carries', () => {
  test('while a policy is in force, the kernel holds it, and every shard has an inspector', () => {
    expect(carries(well)).toBe(true);
  });

  test.each<[string, Partial<CarryingFacts>]>([
    ['without a policy', { policy: undefined }],
    ['with a table that is not the policy', { drift: ['The set flows is gone.'] }],
    ['with a shard that nobody has', { inspectors: [{ pid: 31, shards: [0, 1, 3], silence: 0 }] }],
    ['without any', { inspectors: [] }],
  ])('and not %s', (_, change) => {
    expect(carries({ ...well, ...change })).toBe(false);
  });
});

describe('the sign of it', () => {
  test('says when it was written and by whom, and how long the quietest one that carries has been silent', () => {
    expect(signOf(well, 71_255.089, 30)).toBe('7125508 30 125 32');
    expect(signOf({ inspectors: [] }, 71_255, 30)).toBe('7125500 30 0 30');
  });

  let folder: string;
  beforeEach(() => {
    vi.useFakeTimers();
    folder = mkdtempSync(join(tmpdir(), 'pst-sign-'));
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
  });

  test('says how long the box had been up, comes and goes with what it stands for, and goes with the engine', () => {
    const file = join(folder, 'carrying');
    let facts = well;
    const sign = createCarryingSign(file, () => facts, createLog('test'));
    sign.start();
    const [said, engine] = readFileSync(file, 'utf8').split(' ').map(Number);
    expect(Math.abs(Number(said) - uptime() * 100)).toBeLessThan(6_000);
    expect(engine).toBe(process.pid);
    vi.advanceTimersByTime(2_000);
    facts = { ...well, inspectors: [] };
    vi.advanceTimersByTime(500);
    expect(existsSync(file)).toBe(false);
    facts = well;
    vi.advanceTimersByTime(500);
    expect(existsSync(file)).toBe(true);
    sign.stop();
    vi.advanceTimersByTime(5_000);
    expect(existsSync(file)).toBe(false);
  });

  test('of an engine that was killed stays while the inspectors come back to the next one, and no longer', () => {
    const file = join(folder, 'carrying');
    let facts: CarryingFacts = { ...well, inspectors: [] };
    for (const come of [true, false]) {
      const left = signOf(well, uptime(), 30);
      writeFileSync(file, left);
      const sign = createCarryingSign(file, () => facts, createLog('test'));
      sign.start();
      vi.advanceTimersByTime(1_900);
      expect(readFileSync(file, 'utf8')).toBe(left);
      if (come) facts = well;
      vi.advanceTimersByTime(500);
      expect(existsSync(file)).toBe(come);
      if (come) expect(readFileSync(file, 'utf8')).not.toBe(left);
      facts = { ...well, inspectors: [] };
      sign.stop();
    }
  });

  test('that cannot be written is no reason to end', () => {
    const sign = createCarryingSign(join(folder, 'gone', 'carrying'), () => well, createLog('test'));
    sign.start();
    vi.advanceTimersByTime(2_000);
    sign.stop();
  });
});
