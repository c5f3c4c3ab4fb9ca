import { parseArgs } from 'node:util';
import { type Config, readConfig } from '../config.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';

/** A process's work, which can be ended in order. */
export interface Work {
  readonly close: () => Promise<void>;
}

/**
 * The life of a process that reads `gateway.yaml`: `--config FILE [--supervised]`. It ends in order on
 * SIGTERM and, supervised, with its standard input, so that it never outlives the supervisor. Exit status 0
 * after an orderly end, 2 for wrong options, 3 when the system is in the way, 70 for a defect of ours.
 */
export async function liveAsChild(log: Logger, start: (config: Config) => Promise<Work>): Promise<void> {
  const fail = (cause: unknown): never => explain(log, cause);
  // Fail closed: a bug ends the process. What the kernel and the other processes enforce stays as it is.
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  try {
    const { config, supervised } = readOptions(log);
    const asked = askedToEnd(supervised);
    void asked.then(() => endAfterAll(log));
    const work = await start(readConfig(config));
    await asked;
    await work.close();
    process.exit(0);
  } catch (cause) {
    fail(cause);
  }
}

function readOptions(log: Logger): { readonly config: string; readonly supervised: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        config: { type: 'string', default: '/etc/penstock/gateway.yaml' },
        supervised: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (cause) {
    log.fatal(cause instanceof Error ? cause.message : String(cause));
    process.exit(2);
  }
}

/** From the first moment on, so that a process that is still starting ends in order as well. */
function askedToEnd(supervised: boolean): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGTERM', () => resolve());
    // Ctrl-C and a closed terminal reach the whole process group; the supervisor ends its processes in order.
    for (const signal of ['SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => (supervised ? undefined : resolve()));
    }
    if (!supervised) return;
    process.stdin.resume();
    process.stdin.once('end', () => resolve());
    process.stdin.once('error', () => resolve());
  });
}

/** Nobody is left over who hangs while starting or ending. */
function endAfterAll(log: Logger): void {
  const giveUp = (): never => {
    log.fatal('asked to end and still here after its time');
    return process.exit(3);
  };
  setTimeout(giveUp, Patience).unref();
}

function explain(log: Logger, cause: unknown): never {
  if (cause instanceof GatewayError) log.fatal({ code: cause.code, remedy: cause.remedy }, cause.message);
  else log.fatal({ err: cause }, 'a defect of Penstock itself ended this process');
  process.exit(cause instanceof GatewayError ? 3 : 70);
}

/** Longer than the supervisor's, which ends a process by force before that. Milliseconds. */
const Patience = 8_000;
