import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockReleases } from '../../../hardware/release/lock.ts';
import { scratch } from './staged.ts';

const lock = new URL('../../../hardware/release/lock.ts', import.meta.url);

test('one update at a time, and the next one when that is killed', async () => {
  const home = scratch();
  const holds = `import { lockReleases } from ${JSON.stringify(lock.href)};
    console.log(lockReleases(${JSON.stringify(home)}));
    setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', holds]);
  onTestFinished(() => void other.kill('SIGKILL'));
  const [said] = await once(other.stdout, 'data');
  expect(String(said)).toBe('true\n');
  expect(lockReleases(home)).toBe(false);
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(lockReleases(home)).toBe(true);
  expect(lockReleases(home)).toBe(false);
});

test('nobody but its owner can open what an update holds, and so hold it against him', () => {
  const home = scratch();
  lockReleases(home);
  expect(statSync(join(home, 'update.lock')).mode & 0o777).toBe(0o600);
});
