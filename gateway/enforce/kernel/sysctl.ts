import { readFileSync, writeFileSync } from 'node:fs';
import { GatewayError } from '../../errors.ts';

/** Settings of the kernel's network under `/proc/sys/net`, keyed by path, e.g. `ipv4/ip_forward`. */
export interface Sysctl {
  /** Undefined when there is no such setting, as for a device that is not there. */
  readonly read: (path: string) => string | undefined;
  /** Writes only when the value differs, so that a read-only tree with the right values will do. @throws GatewayError PST_ERR_ROUTING */
  readonly write: (path: string, value: string) => void;
}

/** The settings of the network namespace this process is in. */
export const sysctl: Sysctl = { read, write };

function read(path: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/net/${path}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function write(path: string, value: string): void {
  if (read(path) === value) return;
  try {
    writeFileSync(`/proc/sys/net/${path}`, value);
  } catch (cause) {
    throw new GatewayError('PST_ERR_ROUTING', `/proc/sys/net/${path} cannot be set to ${value}.`, cause);
  }
}
