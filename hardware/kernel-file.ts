import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Text of a file of /proc or /sys without the trailing newline or NUL; undefined where it does not exist
 * or the kernel has no answer (a `carrier` of a device that is down answers EINVAL).
 */
export function readKernelFile(root: string, path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8').replace(/[\0\n]+$/, '');
  } catch {
    return undefined;
  }
}

/** A whole number from a file of /proc or /sys; undefined where there is none. */
export function readKernelNumber(root: string, path: string): number | undefined {
  const text = readKernelFile(root, path)?.trim();
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** Sorted names in a directory of /proc or /sys; empty where it does not exist. */
export function listKernelDirectory(root: string, path: string): readonly string[] {
  try {
    return readdirSync(join(root, path)).sort();
  } catch {
    return [];
  }
}
