import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * When the log of a directory was last written to, milliseconds since the Unix epoch, by the clock of that
 * time; 0 for a new log. A clock that lies before it is wrong.
 */
export function newestWrite(directory: string): number {
  try {
    const times = readdirSync(directory)
      .filter((name) => name.endsWith('.seg'))
      .map((name) => statSync(join(directory, name)).mtimeMs);
    return Math.max(0, ...times);
  } catch {
    // No directory yet, or a broken disk: the log itself alarms about that.
    return 0;
  }
}
