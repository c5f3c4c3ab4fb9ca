import { execFileSync } from 'node:child_process';
import { HardwareError } from '../errors.ts';

/** How a program of the system is run; `env` is added to what this process has. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program and gives what it prints, 256 MiB at most. @throws HardwareError PST_ERR_RELEASE_BUILD with its own last words */
export function run(program: string, args: readonly string[], options: RunOptions = {}): string {
  try {
    return execFileSync(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env, LC_ALL: 'C.UTF-8' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 268_435_456,
    });
  } catch (cause) {
    const words = (cause as { stderr?: string }).stderr ?? (cause instanceof Error ? cause.message : '');
    const said = words.trim().split('\n').slice(-3).join(' ');
    throw new HardwareError('PST_ERR_RELEASE_BUILD', `${program} ${args[0] ?? ''}: ${said}`, cause);
  }
}
