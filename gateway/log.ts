import { type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger };

/**
 * The process log: JSON lines on standard error with the process's name and pid. For the people who run
 * the box; what an auditor needs is in the evidence log. Values under the names of secrets are removed.
 * PENSTOCK_LOG sets the level: error, warn, info (the default) or debug.
 */
export function createLog(name: string, destination: NodeJS.WritableStream = process.stderr): Logger {
  return pino(
    {
      level: process.env['PENSTOCK_LOG'] ?? 'info',
      base: { name, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: Secret, censor: '[removed]' },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

const SecretNames = ['password', 'passphrase', 'secret', 'token', 'privateKey', 'authorization', 'cookie'];
const Secret = SecretNames.flatMap((name) => [name, `*.${name}`]);
