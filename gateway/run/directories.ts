import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { type Account, findAccount } from './account.ts';
import { controlSocket, frontSocket, inspectorSocket } from './processes.ts';

/**
 * Makes the state and run directories. Who may talk to the engine in which role is decided by directory:
 * each role's socket stands in a directory of the engine's that only that role's group may enter, and the
 * set-group-id bit hands the group on to the socket.
 * @throws GatewayError PST_ERR_STATE_DIR, PST_ERR_SOCKET
 */
export function makeDirectories(config: Config, asRoot: boolean): void {
  const users = asRoot ? config.users : undefined;
  const engine = users === undefined ? undefined : findAccount(users.engine);
  const make = (path: string, mode: number, group: Account | undefined): void => {
    mkdirSync(path, { recursive: true });
    if (engine !== undefined) chownSync(path, engine.uid, (group ?? engine).gid);
    chmodSync(path, mode);
  };
  try {
    make(config.state, 0o750, undefined);
  } catch (cause) {
    throw new GatewayError('PST_ERR_STATE_DIR', config.state, cause);
  }
  try {
    make(config.run, 0o755, undefined);
    make(dirname(controlSocket(config)), 0o700, undefined);
    make(
      dirname(inspectorSocket(config)),
      0o2750,
      users === undefined ? undefined : findAccount(users.inspector),
    );
    make(dirname(frontSocket(config)), 0o2750, users === undefined ? undefined : findAccount(users.front));
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('PST_ERR_SOCKET', config.run, cause);
  }
}
