import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { systemClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { startInspector } from './inspector.ts';
import { isDataPathName } from './load-data-path.ts';
import { DefaultLimits } from './places.ts';

/**
 * Process entry: `node gateway/inspector/main.ts --engine SOCKET [--carriers DIRECTORY] [--data-path epoll|streams] [--supervised]`. Policy, listeners and
 * shards all come from the engine. With `--supervised` it ends when its standard input does, so that it
 * never outlives the supervisor.
 */
const log = createLog('inspector');

// Fail closed: a bug here must end the process, and with it every connection it carries.
process.on('uncaughtException', (error) => {
  log.fatal({ error: error.message, stack: error.stack }, 'unexpected error');
  process.exit(1);
});

const { engine, carriers, dataPath, supervised } = readArguments();
const inspector = startInspector({
  engine,
  ...(carriers === undefined ? {} : { carriers }),
  epoch: randomBytes(8).toString('hex'),
  pid: process.pid,
  clock: systemClock,
  limits: DefaultLimits,
  dataPath,
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

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        engine: { type: 'string' },
        carriers: { type: 'string' },
        'data-path': { type: 'string', default: 'epoll' },
        supervised: { type: 'boolean', default: false },
      },
    });
    if (values.engine === undefined) throw new Error('--engine SOCKET is missing');
    const { engine, carriers, supervised, 'data-path': dataPath } = values;
    if (!isDataPathName(dataPath)) throw new Error('--data-path is epoll or streams');
    return { engine, carriers, dataPath, supervised };
  } catch (error) {
    log.fatal(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}
