import { parseArgs } from 'node:util';
import { systemClock } from '../clock.ts';
import { readConfig } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { createLog } from '../log.ts';
import { startFront } from './front.ts';

/** `node gateway/front/main.ts --config FILE [--supervised]`: the process of page, API and metrics. */
const log = createLog('front');

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

try {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, supervised: { type: 'boolean', default: false } },
  });
  const config = readConfig(values.config ?? '/etc/penstock/gateway.yaml');
  const front = await startFront(config, systemClock, log);
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void front.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (values.supervised) {
    process.stdin.resume();
    process.stdin.once('end', end);
  }
} catch (cause) {
  fail(cause);
}

function fail(cause: unknown): void {
  if (cause instanceof GatewayError) log.fatal({ code: cause.code, remedy: cause.remedy }, cause.message);
  else log.fatal({ err: cause }, 'the front met a defect of its own');
  process.exit(cause instanceof GatewayError ? 3 : 70);
}
