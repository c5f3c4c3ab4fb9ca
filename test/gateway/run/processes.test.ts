import { describe, expect, test } from 'vitest';
import type { Config } from '../../../gateway/config.ts';
import { findGroup } from '../../../gateway/run/account.ts';
import { gatewayProcesses, TtyGroup } from '../../../gateway/run/processes.ts';

const config = (change: Partial<Config> = {}): Config =>
  ({
    file: '/etc/penstock/gateway.yaml',
    run: '/run/penstock',
    backEnd: 'kernel',
    inspectors: 2,
    serial: [],
    users: { engine: '101', inspector: '102', front: '103' },
    ...change,
  }) as Config;

const rightsOf = (one: Config, name: string) => {
  const found = gatewayProcesses(one, true).find((process) => process.name === name);
  const option = (key: string) =>
    found?.arguments.find((argument) => argument.startsWith(`--${key}=`))?.slice(key.length + 3);
  return {
    command: found?.command,
    user: option('reuid'),
    bounding: option('bounding-set'),
    ambient: option('ambient-caps'),
  };
};

describe('the processes of a gateway', () => {
  test('are the engine first, one inspector more than asked for, and the front', () => {
    expect(gatewayProcesses(config(), true).map(({ name }) => name)).toEqual([
      'engine',
      'inspector-0',
      'inspector-1',
      'inspector-2',
      'front',
    ]);
  });

  test.for([
    ['engine', '101', '-all,+net_admin,+net_raw,+net_bind_service'],
    ['inspector-0', '102', '-all,+net_raw,+net_bind_service'],
    ['front', '103', '-all'],
  ] as const)('started by root, %s is its own user with its own rights alone', ([name, user, rights]) => {
    expect(rightsOf(config(), name)).toEqual({ command: 'setpriv', user, bounding: rights, ambient: rights });
  });

  test('of which the inspectors alone may use the ttys, and only where there are serial lines', () => {
    const groupsOf = (one: Config) =>
      gatewayProcesses(one, true).map(({ name, arguments: all }) => [
        name,
        all.find((argument) => /^--(clear-)?groups/.test(argument)),
      ]);
    const none = '--clear-groups';
    expect(groupsOf(config({ inspectors: 1 })).every(([, groups]) => groups === none)).toBe(true);
    const serial = [{ port: 'rs485-1', tty: '/dev/ttyS1' }];
    expect(groupsOf(config({ inspectors: 1, serial }))).toEqual([
      ['engine', none],
      ['inspector-0', `--groups=${findGroup(TtyGroup)}`],
      ['inspector-1', `--groups=${findGroup(TtyGroup)}`],
      ['front', none],
    ]);
  });

  test('hand evidence to a collector by a user of its own, of the engine’s group and without a right', () => {
    const users = { engine: '101', inspector: '102', front: '103', syslog: '104' };
    const syslog = {
      to: { address: '10.20.0.5', port: 6514 },
      name: 'c',
      authority: '',
      identity: undefined,
    };
    const one = config({ users, syslog });
    expect(rightsOf(one, 'syslog')).toEqual({
      command: 'setpriv',
      user: '104',
      bounding: '-all',
      ambient: '-all',
    });
    const found = gatewayProcesses(one, true).find(({ name }) => name === 'syslog');
    expect(found?.arguments).toContain('--groups=101');
    expect(gatewayProcesses(config({}), true).some(({ name }) => name === 'syslog')).toBe(false);
  });

  test('of the proxy back end change nothing in the kernel', () => {
    expect(rightsOf(config({ backEnd: 'proxy' }), 'engine').bounding).toBe('-all');
  });

  test('started by anybody else are that user’s, whatever accounts are configured', () => {
    const users = { engine: 'no-such', inspector: 'no-such', front: 'no-such' };
    const processes = gatewayProcesses(config({ users }), false);
    expect(processes.every(({ command }) => command === process.execPath)).toBe(true);
  });

  test('started by root for an account that does not exist are none', () => {
    const users = { engine: 'no-such', inspector: '1', front: '1' };
    expect(() => gatewayProcesses(config({ users }), true)).toThrow(
      expect.objectContaining({ code: 'PST_ERR_CONFIG' }),
    );
  });
});
