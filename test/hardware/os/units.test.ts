import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NodeOptions } from '../../../gateway/run/node-options.ts';

const folder = new URL('../../../hardware/os/', import.meta.url);

/** What each process may do beyond an ordinary one, and no more: DESIGN names these rights. */
const Rights = [
  {
    unit: 'penstock-engine.service',
    user: 'penstock-engine',
    capabilities: 'CAP_NET_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE',
    families: 'AF_UNIX AF_NETLINK AF_INET AF_INET6',
  },
  {
    unit: 'penstock-inspector@.service',
    user: 'penstock-inspector',
    capabilities: 'CAP_NET_RAW CAP_NET_BIND_SERVICE',
    families: 'AF_UNIX AF_INET AF_INET6',
  },
  {
    unit: 'penstock-front.service',
    user: 'penstock-front',
    capabilities: '',
    families: 'AF_UNIX AF_INET AF_INET6',
  },
  {
    unit: 'penstock-syslog.service',
    user: 'penstock-syslog',
    capabilities: '',
    families: 'AF_INET AF_INET6',
  },
  {
    unit: 'penstock-watchdog.service',
    user: 'penstock-watchdog',
    capabilities: 'CAP_NET_ADMIN',
    families: 'AF_UNIX AF_NETLINK',
  },
] as const;

/** What every long-running process is denied. */
const Denied = {
  NoNewPrivileges: 'yes',
  ProtectSystem: 'strict',
  ProtectHome: 'yes',
  ProtectProc: 'invisible',
  PrivateTmp: 'yes',
  ProtectKernelModules: 'yes',
  ProtectKernelLogs: 'yes',
  ProtectControlGroups: 'yes',
  ProtectHostname: 'yes',
  RestrictNamespaces: 'yes',
  RestrictRealtime: 'yes',
  RestrictSUIDSGID: 'yes',
  LockPersonality: 'yes',
  SystemCallArchitectures: 'native',
  SystemCallErrorNumber: 'EPERM',
} as const;

describe.for(Rights)('$unit', ({ unit, user, capabilities, families }) => {
  const settings = readUnit(unit);

  test('runs as its own user with the capabilities it needs and no more', () => {
    expect(settings.get('User')).toEqual([user]);
    expect(settings.get('Group')).toEqual([user]);
    expect(settings.get('CapabilityBoundingSet')).toEqual([capabilities]);
    expect(settings.get('AmbientCapabilities')).toEqual(capabilities === '' ? undefined : [capabilities]);
    expect(settings.get('RestrictAddressFamilies')).toEqual([families]);
  });

  test('is denied what no process of the gateway needs', () => {
    const held = Object.fromEntries(Object.keys(Denied).map((key) => [key, settings.get(key)?.join()]));
    expect(held).toEqual(Denied);
    expect(settings.get('SystemCallFilter')?.slice(0, 2)).toEqual([
      '@system-service',
      '~@privileged @resources @obsolete',
    ]);
  });

  test('sees no device but those it works with: ttys with hardware behind them, or the lines of the board', () => {
    if (unit === 'penstock-inspector@.service') {
      expect(settings.get('DevicePolicy')).toEqual(['closed']);
      expect(settings.get('DeviceAllow')?.every((one) => /^char-tty[A-Z]+ rw$/.test(one))).toBe(true);
      expect(settings.get('SupplementaryGroups')).toEqual(['dialout']);
    } else if (unit === 'penstock-engine.service') {
      expect(settings.get('DevicePolicy')).toEqual(['closed']);
      expect(settings.get('DeviceAllow')).toEqual(['char-gpiochip rw']);
      expect(settings.get('SupplementaryGroups')).toBeUndefined();
      expect(readFileSync(new URL('udev.rules', folder), 'utf8')).toMatch(
        /gpiochip.*GROUP="penstock-engine"/,
      );
    } else {
      // The evidence is readable for the engine's group; what is its owner's alone stays out of reach.
      const groups = unit === 'penstock-syslog.service' ? ['penstock-engine'] : undefined;
      expect(settings.get('SupplementaryGroups')).toEqual(groups);
      if (unit !== 'penstock-watchdog.service') expect(settings.get('PrivateDevices')).toEqual(['yes']);
    }
  });

  test('is started again for ever, with no limit on how often', () => {
    expect(settings.get('Restart')).toEqual(['always']);
    expect(settings.get('StartLimitIntervalSec')).toEqual(['0']);
  });

  test('leaves V8 its machine code', () => {
    expect(settings.get('MemoryDenyWriteExecute')).toEqual(['no']);
  });

  test('makes its user known to the installer', () => {
    expect(readFileSync(new URL('sysusers.conf', folder), 'utf8')).toContain(`u ${user} `);
  });
});

test.each(['engine', 'inspector@', 'front', 'syslog'])(
  'penstock-%s.service starts Node as `penstock run` does: what is compiled beforehand holds for these options alone',
  (name) => {
    const unit = readFileSync(new URL(`penstock-${name}.service`, folder), 'utf8');
    const [, options = ''] = /^ExecStart=\S+\/node (.*?) \/opt\//m.exec(unit) ?? [];
    expect(options.split(' ')).toEqual(NodeOptions);
    expect(unit).toContain('\nEnvironment=MALLOC_ARENA_MAX=1\n');
  },
);

describe('the boot-time drop', () => {
  const settings = readUnit('penstock-boot-drop.service');

  test('stands before the network comes up', () => {
    expect(settings.get('Before')?.join(' ')).toContain('network-pre.target');
    expect(settings.get('Wants')?.join(' ')).toContain('network-pre.target');
    expect(settings.get('DefaultDependencies')).toEqual(['no']);
    expect(settings.get('WantedBy')).toEqual(['sysinit.target']);
  });

  test('is taken away by no stop of the unit', () => {
    expect(settings.get('ExecStop')).toBeUndefined();
    expect(settings.get('ExecStopPost')).toBeUndefined();
    expect(settings.get('RefuseManualStop')).toEqual(['yes']);
  });

  test('may change the network and nothing else', () => {
    expect(settings.get('CapabilityBoundingSet')).toEqual(['CAP_NET_ADMIN']);
  });
});

test('no unit stops the kernel table when its process stops', () => {
  for (const unit of units()) expect(readUnit(unit).get('ExecStop'), unit).toBeUndefined();
});

test('every program a unit starts is one the installer installs or the system has', () => {
  for (const unit of units()) {
    for (const key of ['ExecStart'] as const) {
      const programs =
        readUnit(unit)
          .get(key)
          ?.map((line) => line.replace(/^-/, '').split(' ')[0]) ?? [];
      for (const program of programs) expect(KnownPrograms, `${unit}: ${program}`).toContain(program);
    }
  }
});

test('every script a unit starts is in the repository', () => {
  const scripts = units().flatMap((unit) =>
    (readUnit(unit).get('ExecStart') ?? []).flatMap(
      (line) => line.match(/\/opt\/penstock\/current\/\S+\.(?:ts|nft)/g) ?? [],
    ),
  );
  expect(scripts.length).toBeGreaterThanOrEqual(6);
  for (const script of scripts) {
    expect(() =>
      readFileSync(new URL(`../..${script.slice('/opt/penstock/current'.length)}`, folder)),
    ).not.toThrow();
  }
});

const KnownPrograms = [
  '/opt/penstock/current/node_modules/.bin/node',
  '/usr/sbin/nft',
  '/bin/sh',
  '/usr/bin/systemctl',
];

function units(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.service'));
}

/** Settings of a unit, every assignment kept in order. */
function readUnit(name: string): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, string[]>();
  for (const line of readFileSync(new URL(name, folder), 'utf8').split('\n')) {
    const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}
