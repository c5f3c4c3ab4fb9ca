import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { HardwareError } from '../errors.ts';

/**
 * Takes the right to change the releases of a box, for as long as this process lives, however it ends: two updates at
 * once would each undo the other. By a file that its owner alone may open: a name that any process of the box could
 * hold would let one that was taken over keep out the update that mends it.
 * @returns false where another process has it
 * @throws HardwareError PST_ERR_UPDATE
 */
export function lockReleases(home: string): boolean {
  const file = openSync(join(home, 'update.lock'), 'a', 0o600);
  // The lock is the open file's, and stays with it when the program that took it has ended.
  const { status, error } = spawnSync('flock', ['--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file],
  });
  if (status === 0) return true;
  closeSync(file);
  if (status === Taken) return false;
  throw new HardwareError('PST_ERR_UPDATE', `flock: ${error?.message ?? `exit status ${status}`}`, error);
}

/** What flock says by its exit status where somebody else has the lock. */
const Taken = 1;
