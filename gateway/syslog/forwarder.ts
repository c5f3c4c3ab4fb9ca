import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Config, SyslogConfig } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { readIfPresent, replaceDurably } from '../load/durable-file.ts';
import type { Logger } from '../log.ts';
import type { Work } from '../run/child.ts';
import { createCollector } from './collector.ts';
import { followLog } from './follow-log.ts';

/**
 * Follows the evidence of this box and hands it to the syslog collector of `gateway.yaml`. Where it got to is kept in
 * the state directory, so that nothing is left out while collector, network or this process are away; the evidence
 * itself is what waits.
 * @throws GatewayError PST_ERR_CONFIG
 */
export async function startForwarder(config: Config, clock: Clock, log: Logger): Promise<Work> {
  const { syslog } = config;
  if (syslog === undefined) throw new GatewayError('PST_ERR_CONFIG', 'syslog: names no collector.');
  const cursor = join(config.state, 'syslog', 'cursor');
  const from = readCursor(cursor);
  const abort = new AbortController();
  const collector = createCollector(
    {
      ...readPems(syslog),
      address: syslog.to.address,
      port: syslog.to.port,
      name: syslog.name,
      sender: { host: hostname(), site: config.site },
      clock,
      log,
    },
    from ?? 0,
  );
  let kept = from;

  async function keep(): Promise<void> {
    const now = collector.delivered();
    if (now === kept || now === 0) return;
    await replaceDurably(cursor, Buffer.from(`${now}\n`)).then(
      () => {
        kept = now;
      },
      (cause: unknown) => log.error({ problem: String(cause) }, 'where the forwarding got to cannot be kept'),
    );
  }

  async function follow(): Promise<void> {
    for await (const { sequence, record } of followLog(join(config.state, 'evidence'), from, abort.signal)) {
      await collector.take(sequence, record);
    }
  }

  const following = follow();
  let keeping: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    keeping = keeping.then(keep);
  }, KeepInterval);
  return {
    close: async () => {
      clearInterval(timer);
      abort.abort();
      await keeping;
      await keep();
      await collector.close();
      await following;
    },
  };
}

/** Sequence of the first record that may not have arrived; undefined before the first time. */
function readCursor(file: string): number | undefined {
  const text = Buffer.from(readIfPresent(file) ?? [])
    .toString('utf8')
    .trim();
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function readPems({ authority, identity }: SyslogConfig) {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw new GatewayError('PST_ERR_CONFIG', `syslog: ${path} cannot be read.`, cause);
    }
  };
  return {
    authority: read(authority),
    identity:
      identity === undefined
        ? undefined
        : { certificate: read(identity.certificate), key: read(identity.key) },
  };
}

/** Between two looks at what has arrived, milliseconds; so much is sent again after a sudden end. */
const KeepInterval = 5_000;
