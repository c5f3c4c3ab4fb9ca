import { execFileSync } from 'node:child_process';
import { HardwareError, type HardwareErrorCode } from '../errors.ts';

/** How a program of the system is run; `env` is added to what this process has. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which it is ended; as long as it takes if not given. */
  readonly timeout?: number;
  /** What its failure is called. */
  readonly failure?: HardwareErrorCode;
}

/** Runs a program and gives what it prints, 256 MiB at most. @throws HardwareError with the program's own last words */
export function run(program: string, args: readonly string[], options: RunOptions = {}): string {
  const { env, failure = 'PST_ERR_RELEASE_BUILD', ...rest } = options;
  try {
    return execFileSync(program, args, {
      ...rest,
      env: { ...process.env, ...env, LC_ALL: 'C.UTF-8' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 268_435_456,
    });
  } catch (cause) {
    const words = (cause as { stderr?: string }).stderr || (cause instanceof Error ? cause.message : '');
    const said = words.trim().split('\n').slice(-3).join(' ');
    throw new HardwareError(failure, `${program} ${args[0] ?? ''}: ${said}`, cause);
  }
}
