import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { processorTime } from '../../../gateway/ffi/processor-time.ts';
import { until } from '../inspector/loopback.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

test('the processor time of a busy process grows, also while it answers nothing', async () => {
  const pid = start('for (;;);');
  const before = timeOf(pid);
  await until(() => timeOf(pid) > before + 20);
});

test('that of a stopped one stands still', async () => {
  const pid = start('for (;;);');
  process.kill(pid, 'SIGSTOP');
  let last = -1;
  await until(() => {
    const isSame = timeOf(pid) === last;
    last = timeOf(pid);
    return isSame;
  });
  const working = process.cpuUsage().user;
  while (process.cpuUsage().user < working + 50_000);
  expect(timeOf(pid)).toBe(last);
});

test('that of a process that is gone is not known', async () => {
  const pid = start('');
  await once(children[0]!, 'exit');
  expect(processorTime(pid)).toBeUndefined();
});

function start(program: string): number {
  const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
  children.push(child);
  return child.pid!;
}

function timeOf(pid: number): number {
  const time = processorTime(pid);
  if (time === undefined) throw new Error('the process is gone');
  return time;
}
