import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { HardwareError } from '../errors.ts';

/** The count of reboots the guard caused, kept across them. */
export interface RebootHistory {
  /** 0 where nothing was kept, or what was kept is not a count. */
  read(): number;
  /** Durable when it returns: a reboot that forgets itself would repeat for ever. @throws HardwareError PST_ERR_REBOOT_HISTORY */
  write(reboots: number): void;
}

/** Keeps the count in one small file. */
export function openRebootHistory(file: string): RebootHistory {
  return {
    read: () => readCount(file),
    write: (reboots) => {
      try {
        writeDurably(file, `${reboots}\n`);
      } catch (cause) {
        throw new HardwareError('PST_ERR_REBOOT_HISTORY', file, cause);
      }
    },
  };
}

function readCount(file: string): number {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^\d{1,4}$/.test(text) ? Number(text) : 0;
  } catch {
    return 0;
  }
}

function writeDurably(file: string, text: string): void {
  const draft = `${file}.new`;
  const fd = openSync(draft, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, file);
  const directory = openSync(dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
