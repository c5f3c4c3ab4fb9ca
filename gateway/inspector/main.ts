import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { systemClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { openCounterFile } from './counter-file.ts';
import type { TakeSlot } from './counters.ts';
import { startInspector } from './inspector.ts';
import { DefaultLimits } from './places.ts';

/**
 * Process entry: `node gateway/inspector/main.ts --engine SOCKET [--carriers DIRECTORY] [--counters DIRECTORY] [--supervised]`. Policy, listeners and
 * shards all come from the engine. With `--supervised` it ends when its standard input does, so that it
 * never outlives the supervisor.
 */
const log = createLog('inspector');

// Fail closed: a bug here must end the process, and with it every connection it carries.
process.on('uncaughtException', (error) => {
  log.fatal({ error: error.message, stack: error.stack }, 'unexpected error');
  process.exit(1);
});

const { engine, carriers, counters, supervised } = readArguments();
const epoch = randomBytes(8).toString('hex');
const counterFile = await countIn(counters);
const inspector = startInspector({
  engine,
  ...(carriers === undefined ? {} : { carriers }),
  ...(counterFile === undefined ? {} : { counterFile }),
  epoch,
  pid: process.pid,
  clock: systemClock,
  limits: DefaultLimits,
  kill: (pid) => process.kill(pid, 'SIGKILL'),
  log,
});

process.once('SIGTERM', stop);
if (supervised) {
  // Ctrl-C reaches the whole process group; the supervisor's SIGTERM follows and ends this one in order.
  process.on('SIGINT', () => undefined);
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
} else {
  process.once('SIGINT', stop);
}

function stop(): void {
  log.info('stopping');
  void inspector.close().then(() => process.exit(0));
}

/** Where memory cannot be shared, counts are sent: a box without them is worse than one that is told them late. */
async function countIn(directory: string | undefined): Promise<TakeSlot | undefined> {
  if (directory === undefined) return undefined;
  try {
    const { mapShared } = await import('../ffi/shared-memory.ts');
    return openCounterFile(directory, epoch, mapShared);
  } catch (error) {
    log.warn({ problem: String(error) }, 'counts cannot be shared, they are sent');
    return undefined;
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        engine: { type: 'string' },
        carriers: { type: 'string' },
        counters: { type: 'string' },
        supervised: { type: 'boolean', default: false },
      },
    });
    if (values.engine === undefined) throw new Error('--engine SOCKET is missing');
    const { engine, carriers, counters, supervised } = values;
    return { engine, carriers, counters, supervised };
  } catch (error) {
    log.fatal(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}
