import { closeSync, constants, fchmodSync, fchownSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { type Account, findAccount } from './account.ts';
import {
  carriersDirectory,
  controlSocket,
  countersDirectory,
  frontSocket,
  inspectorSocket,
} from './processes.ts';

/**
 * Makes the state and run directories. Who may talk to the engine in which role is decided by directory:
 * each role's socket stands in a directory of the engine's that only that role's group may enter, and the
 * set-group-id bit hands the group on to the socket.
 * @throws GatewayError PST_ERR_CONFIG, PST_ERR_STATE_DIR, PST_ERR_SOCKET
 */
export function makeDirectories(config: Config, asRoot: boolean): void {
  const users = asRoot ? config.users : undefined;
  const engine = users === undefined ? undefined : findAccount(users.engine);
  const inspector = users === undefined ? undefined : findAccount(users.inspector);
  const front = users === undefined ? undefined : findAccount(users.front);
  const syslog = users?.syslog === undefined ? undefined : findAccount(users.syslog);
  try {
    makeDirectory(config.state, 0o750, engine, engine);
    if (config.syslog !== undefined) makeDirectory(join(config.state, 'syslog'), 0o2750, syslog, engine);
  } catch (cause) {
    throw new GatewayError('PST_ERR_STATE_DIR', textOf(cause), cause);
  }
  try {
    makeDirectory(config.run, 0o755, engine, engine);
    makeDirectory(dirname(controlSocket(config)), 0o700, engine, engine);
    makeDirectory(dirname(inspectorSocket(config)), 0o2750, engine, inspector);
    makeDirectory(dirname(frontSocket(config)), 0o2750, engine, front);
    // The inspectors' own: they make their sockets there, and only the front may connect to them.
    makeDirectory(carriersDirectory(config), 0o2750, inspector, front);
    // Their own as well: the engine reads what they count there, and removes it when they are gone.
    makeDirectory(countersDirectory(config), 0o2770, inspector, engine);
  } catch (cause) {
    throw new GatewayError('PST_ERR_SOCKET', textOf(cause), cause);
  }
}

/**
 * Makes a directory under the state directory, or gives one that is there these rights; never through a link.
 * @throws GatewayError PST_ERR_STATE_DIR
 */
export function makeStateDirectory(path: string, mode: number, owner: Account | undefined): void {
  try {
    makeDirectory(path, mode, owner, owner);
  } catch (cause) {
    throw new GatewayError('PST_ERR_STATE_DIR', textOf(cause), cause);
  }
}

/**
 * By descriptor and never through a link: these directories belong to the engine, and one that was
 * taken over could else have root give it any directory of the box at the next start.
 */
function makeDirectory(
  path: string,
  mode: number,
  owner: Account | undefined,
  group: Account | undefined,
): void {
  mkdirSync(path, { recursive: true });
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if (owner !== undefined && group !== undefined) fchownSync(fd, owner.uid, group.gid);
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

function textOf(cause: unknown): string {
  return `${cause instanceof Error ? cause.message : String(cause)}.`;
}
