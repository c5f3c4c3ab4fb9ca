import { execFile } from 'node:child_process';
import { GatewayError } from '../../errors.ts';

/** Runs `ip` with these arguments, no shell, and gives its output. */
export type IpCommand = (...args: readonly string[]) => Promise<string>;

/** The program of iproute2. @throws GatewayError PST_ERR_ROUTING with its own words */
export const ip: IpCommand = (...args) =>
  new Promise((resolve, reject) => {
    execFile('ip', args, { timeout: Patience, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else
        reject(
          new GatewayError('PST_ERR_ROUTING', `ip ${args.join(' ')}: ${stderr.trim() || error.message}`),
        );
    });
  });

const Patience = 10_000;
