import { join } from 'node:path';
import type { Config } from '../config.ts';
import { type Account, findAccount, findGroup } from './account.ts';
import { NodeOptions } from './node-options.ts';

/** One process of the gateway: what to start and with which rights. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
}

/** A capability as setpriv names it. */
type Capability = 'net_admin' | 'net_raw' | 'net_bind_service';

/**
 * The processes of one gateway, each with the rights DESIGN names and no more: the engine holds the
 * network rights, the inspectors raw sockets alone (enough for IP_TRANSPARENT and SO_MARK) and, where there
 * are serial lines, the ttys, the front none.
 * 62443-3-3 SR 2.1, SR 7.7.
 * @param asRoot whether this process may give rights away; without it every process runs as its starter
 * @throws GatewayError PST_ERR_CONFIG for an account that does not exist
 */
export function gatewayProcesses(config: Config, asRoot: boolean): readonly ProcessSpec[] {
  const kernel = config.backEnd === 'kernel';
  const { users } = config;
  const confined = (
    name: string,
    entry: string,
    user: string | undefined,
    caps: readonly Capability[],
    rest: string[],
    groups: readonly number[] = [],
  ) => {
    const node = [process.execPath, ...NodeOptions, join(Root, entry), ...rest, '--supervised'];
    if (!asRoot) return { name, ...plain(node) };
    return { name, ...withRights(user === undefined ? undefined : findAccount(user), groups, caps, node) };
  };
  const engine: readonly Capability[] = kernel ? ['net_admin', 'net_raw', 'net_bind_service'] : [];
  const ttys = config.serial.length === 0 ? undefined : findGroup(TtyGroup);
  const inspector: readonly Capability[] = kernel ? ['net_raw', 'net_bind_service'] : ['net_bind_service'];
  return [
    confined('engine', 'engine/main.ts', users?.engine, engine, ['--config', config.file]),
    ...Array.from({ length: config.inspectors + 1 }, (_, index) =>
      confined(
        `inspector-${index}`,
        'inspector/main.ts',
        users?.inspector,
        inspector,
        [
          '--engine',
          inspectorSocket(config),
          '--carriers',
          carriersDirectory(config),
          '--counters',
          countersDirectory(config),
        ],
        ttys === undefined ? [] : [ttys],
      ),
    ),
    confined('front', 'front/main.ts', users?.front, [], ['--config', config.file]),
    ...(config.syslog === undefined
      ? []
      : [
          // Of the engine's group it may read the evidence, and by its own user not the key.
          confined(
            'syslog',
            'syslog/main.ts',
            users?.syslog,
            [],
            ['--config', config.file],
            users === undefined || !asRoot ? [] : [findAccount(users.engine).gid],
          ),
        ]),
  ];
}

/** Where inspectors reach the engine. */
export function inspectorSocket(config: Config): string {
  return join(config.run, 'inspector', 'engine.sock');
}

/** Where the front reaches the engine. */
export function frontSocket(config: Config): string {
  return join(config.run, 'front', 'engine.sock');
}

/** Where inspectors listen for the vendors that the front brings in. */
export function carriersDirectory(config: Config): string {
  return join(config.run, 'carriers');
}

/** Where each inspector keeps what it counts, for the engine to read. */
export function countersDirectory(config: Config): string {
  return join(config.run, 'counters');
}

/** What the engine keeps new while this box can carry, for the other box of a pair to be left in peace. */
export function carryingFile(config: Config): string {
  return join(config.run, 'carrying');
}

/** Where the command line reaches the engine; for root and the engine's own user. */
export function controlSocket(config: Config): string {
  return join(config.run, 'control', 'engine.sock');
}

function plain(command: readonly string[]): Omit<ProcessSpec, 'name'> {
  const [program = process.execPath, ...rest] = command;
  return { command: program, arguments: rest };
}

function withRights(
  account: Account | undefined,
  groups: readonly number[],
  caps: readonly Capability[],
  command: readonly string[],
) {
  const list = ['-all', ...caps.map((one) => `+${one}`)].join(',');
  const others = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`;
  const identity = account === undefined ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, others];
  const rights = [`--inh-caps=${list}`, `--ambient-caps=${list}`, `--bounding-set=${list}`, '--no-new-privs'];
  return { command: 'setpriv', arguments: [...identity, ...rights, '--', ...command] };
}

/** Whose the serial ports are on Debian. */
export const TtyGroup = 'dialout';

const Root = join(import.meta.dirname, '..');
