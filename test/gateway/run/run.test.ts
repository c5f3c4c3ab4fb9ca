import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Box, eventually, isReady, openBox } from '../engine/box.ts';

let box: Box;
let gateway: ChildProcess;
let log = '';
beforeEach(async () => {
  box = await openBox();
  box.confirm(box.sealed({ version: 42 }));
  log = '';
  // A process group of its own, as a terminal gives it.
  gateway = spawn(process.execPath, [Penstock, 'run', '--config', box.config.file], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
  });
  gateway.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
});
afterEach(async () => {
  gateway.kill('SIGKILL');
  await box.close();
});

describe('penstock run', () => {
  test('ends on Ctrl-C, which reaches every process at once, in order and with nobody left', async () => {
    await box.status(isReady);
    const children = childrenOf(gateway);
    expect(children).toHaveLength(4);
    process.kill(-(gateway.pid ?? 0), 'SIGINT');
    const [code] = await once(gateway, 'close');
    expect(code).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
    const acts = (await box.records()).flatMap((one) => (one.kind === 'act' ? [one.act.kind] : []));
    expect(acts).toContain('stopped');
    expect(acts).not.toContain('processDied');
    expect(log).not.toContain('starting again');
  });

  test('killed, takes every process with it', async () => {
    await box.status(isReady);
    const children = childrenOf(gateway);
    gateway.kill('SIGKILL');
    await eventually(async () => (children.some(isAlive) ? undefined : true));
  });

  test('asked to end while it is still starting, leaves nobody either', async () => {
    const children = await eventually(async () => {
      const found = childrenOf(gateway);
      return found.length === 4 ? found : undefined;
    });
    gateway.kill('SIGTERM');
    const [code] = await once(gateway, 'close');
    expect(code).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
  });
});

/** Process ids, from the kernel. */
function childrenOf({ pid }: ChildProcess): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function isAlive(pid: number): boolean {
  try {
    // A process that has ended and whose parent has not looked yet is over.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const Penstock = fileURLToPath(new URL('../../../gateway/cli/penstock.ts', import.meta.url));
