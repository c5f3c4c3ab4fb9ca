import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { restartDelay } from '../../../gateway/run/back-off.ts';
import type { ProcessSpec } from '../../../gateway/run/processes.ts';
import { type Supervisor, supervise } from '../../../gateway/run/supervisor.ts';

const untilEof = 'process.stdin.resume(); process.stdin.on("end", () => process.exit(0));';
const idle = (name: string, program = untilEof): ProcessSpec => ({
  name,
  command: process.execPath,
  arguments: ['-e', program],
});

/** What happened, in order, and who waits for it. */
function events() {
  const seen: { what: 'started' | 'died'; name: string; detail: string; delay: number; pid: number }[] = [];
  let wake = Promise.withResolvers<void>();
  const add = (one: (typeof seen)[number]): void => {
    seen.push(one);
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  return {
    seen,
    told: {
      started: (name: string, pid: number) => add({ what: 'started', name, detail: '', delay: 0, pid }),
      died: (name: string, detail: string, delay: number) =>
        add({ what: 'died', name, detail, delay, pid: 0 }),
    },
    until: async (holds: () => boolean): Promise<void> => {
      while (!holds()) await wake.promise;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

let supervisor: Supervisor | undefined;
afterEach(() => supervisor?.stop());

describe('supervising', () => {
  test('starts a killed process again at once', async () => {
    const { seen, told, until } = events();
    supervisor = supervise([idle('idle')], told);
    await until(() => seen.length === 1);
    process.kill(seen[0]!.pid, 'SIGKILL');
    await until(() => seen.length === 3);
    expect(seen[1]).toMatchObject({ what: 'died', detail: 'SIGKILL', delay: 0 });
    expect(seen[2]).toMatchObject({ what: 'started', name: 'idle' });
  });

  test('says what is wrong with a program that is not there, tries it later each time, and keeps the others', async () => {
    const { seen, told, until } = events();
    const absent = { name: 'absent', command: '/nowhere/at/all', arguments: [] };
    supervisor = supervise([idle('idle'), absent], told);
    await until(() => seen.filter(({ what }) => what === 'died').length === 3);
    const died = seen.filter(({ what }) => what === 'died');
    expect(died.map(({ delay }) => delay)).toEqual([0, 100, 200]);
    expect(died[0]?.detail).toContain('ENOENT');
    expect(isAlive(seen.find(({ name }) => name === 'idle')!.pid)).toBe(true);
  });

  test('says what is wrong with a program the system will not even try', async () => {
    const { seen, told, until } = events();
    supervisor = supervise([{ name: 'odd', command: 'a\0b', arguments: [] }], told);
    await until(() => seen.length > 0);
    expect(seen[0]).toMatchObject({ what: 'died', name: 'odd' });
  });

  test('stopped while a process waits for its next start, starts it no more', async () => {
    const { seen, told, until } = events();
    supervisor = supervise([idle('brief', 'process.exit(3)')], told);
    await until(() => seen.some(({ what, delay }) => what === 'died' && delay > 0));
    await supervisor.stop();
    expect(seen.at(-1)).toMatchObject({ what: 'died', detail: 'exit 3' });
    // Longer than it would have waited.
    const late = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 2 * (seen.at(-1)?.delay ?? 0)));
    expect(seen).toHaveLength(late);
  });

  test('ends the first of its processes last, because the others hand it what they have', async () => {
    const { seen, told, until } = events();
    const folder = mkdtempSync(join(tmpdir(), 'pst-order-'));
    const book = join(folder, 'book');
    // Each says when it is ready and when it ends, in one file.
    const writes = (what: string): string =>
      `require('fs').appendFileSync(${JSON.stringify(book)}, ${JSON.stringify(`${what}\n`)});`;
    const tidy = (name: string): string =>
      `process.stdin.resume(); process.on('SIGTERM', () => { ${writes(`${name} ends`)} process.exit(0); }); ${writes('ready')}`;
    supervisor = supervise([idle('engine', tidy('engine')), idle('other', tidy('other'))], told);
    await until(() => seen.length === 2);
    const lines = (): readonly string[] =>
      existsSync(book) ? readFileSync(book, 'utf8').trim().split('\n') : [];
    while (lines().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await supervisor.stop();
    expect(lines()).toEqual(['ready', 'ready', 'other ends', 'engine ends']);
    rmSync(folder, { recursive: true });
  });

  test('leaves nobody behind when it is killed itself', async () => {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { supervise } from ${JSON.stringify(SupervisorFile)};
         supervise([{ name: 'idle', command: process.execPath, arguments: ['-e', ${JSON.stringify(untilEof)}] }],
           { started: (_, pid) => console.log(pid), died: () => undefined });`,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test('waits longer with every death in a row, up to seconds', () => {
    expect([1, 2, 3, 4, 99].map(restartDelay)).toEqual([0, 100, 200, 400, 5_000]);
  });
});

const SupervisorFile = new URL('../../../gateway/run/supervisor.ts', import.meta.url).href;
