import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What came of trying one thing: empty when it worked, else the system's own words. */
export interface Trial {
  readonly code: string;
  readonly problem: string;
}

/** Everything that could be tried, and how: in a namespace of its own, by asking only, or not at all. */
export interface Trials {
  readonly how: 'tried' | 'asked' | 'not tried';
  readonly trials: readonly Trial[];
  /** Why nothing or less was tried; empty otherwise. */
  readonly problem: string;
}

/**
 * Tries the kernel in a network namespace that exists for that alone, so that nothing of this machine's own
 * network is touched; where none may be made, asks the kernel without changing anything.
 */
export async function tryKernel(may: {
  readonly namespace: boolean;
  readonly nft: boolean;
}): Promise<Trials> {
  const node = [process.execPath, join(import.meta.dirname, 'kernel-probe-process.ts')];
  if (may.namespace) {
    const tried = await collect('unshare', ['--net', ...node, 'apply']);
    if (tried.trials.length > 0) return { how: 'tried', ...tried };
  }
  if (may.nft) {
    const [program = '', ...rest] = node;
    const asked = await collect(program, [...rest, 'check']);
    if (asked.trials.length > 0) return { how: 'asked', ...asked };
    return { how: 'not tried', ...asked };
  }
  return { how: 'not tried', trials: [], problem: 'this user may not touch the network' };
}

function collect(
  program: string,
  args: readonly string[],
): Promise<{ readonly trials: readonly Trial[]; readonly problem: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: Patience });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    child.on('error', (error) => resolve({ trials: [], problem: error.message }));
    child.on('close', () => resolve({ trials: readTrials(output), problem: complaint.trim() }));
  });
}

/** Lines that are no trial are passed over: a library may print what it likes. */
export function readTrials(output: string): readonly Trial[] {
  return output.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return isTrial(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

function isTrial(value: unknown): value is Trial {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'problem' in value &&
    typeof value.code === 'string' &&
    typeof value.problem === 'string'
  );
}

/** Milliseconds; loading a dozen modules on a slow box takes some. */
const Patience = 60_000;
