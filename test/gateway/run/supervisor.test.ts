import { describe, expect, test } from 'vitest';
import { restartDelay } from '../../../gateway/run/back-off.ts';
import { supervise } from '../../../gateway/run/supervisor.ts';

const idle = {
  name: 'idle',
  command: process.execPath,
  arguments: ['-e', 'process.stdin.resume(); process.stdin.on("end", () => process.exit(0))'],
};

describe('supervising', () => {
  test('a killed process is started again at once', async () => {
    const pids: number[] = [];
    let next: (() => void) | undefined;
    const started = () => new Promise<void>((resolve) => (next = resolve));
    const first = started();
    const supervisor = supervise([idle], {
      started: (_, pid) => {
        pids.push(pid);
        next?.();
      },
      died: (name, how, delay) => expect([name, how, delay]).toEqual(['idle', 'SIGKILL', 0]),
    });
    await first;
    const second = started();
    process.kill(pids[0]!, 'SIGKILL');
    await second;
    expect(pids).toHaveLength(2);
    await supervisor.stop();
    expect(() => process.kill(pids[1]!, 0)).toThrow();
  });

  test('a program that is not there is retried later, not at once for ever', () => {
    expect([1, 2, 3, 4, 99].map(restartDelay)).toEqual([0, 100, 200, 400, 5_000]);
  });
});
