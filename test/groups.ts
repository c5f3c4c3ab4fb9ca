import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Tests that need the same things from the machine. */
export interface Group {
  readonly name: 'unit' | 'system' | 'browser';
  /** What is missing and what would supply it, or empty when the group can run here. */
  readonly obstacle: () => string;
}

/** A foreign program some tests of a group use; without it those tests alone are skipped. */
export interface Tool {
  readonly group: Group['name'];
  readonly name: string;
  readonly debianPackages: string;
  readonly present: () => boolean;
}

export const groups: readonly Group[] = [
  { name: 'unit', obstacle: () => '' },
  { name: 'system', obstacle: systemObstacle },
  { name: 'browser', obstacle: browserObstacle },
];

export const Python = '/usr/bin/python3';

export const tools: readonly Tool[] = [
  {
    group: 'system',
    name: 'iptables',
    debianPackages: 'iptables',
    present: () => onPath('iptables-restore'),
  },
  { group: 'system', name: 'mbpoll', debianPackages: 'mbpoll', present: () => onPath('mbpoll') },
  {
    group: 'system',
    name: 'libmodbus',
    debianPackages: 'libmodbus-dev gcc libc6-dev',
    present: () => onPath('gcc') && existsSync('/usr/include/modbus/modbus.h'),
  },
  {
    group: 'system',
    name: 'pymodbus',
    debianPackages: 'python3-pymodbus',
    present: () => succeeds(Python, '-c', 'import pymodbus.client, pymodbus.server'),
  },
  { group: 'system', name: 'dpkg', debianPackages: 'dpkg', present: () => onPath('dpkg-deb') },
  { group: 'system', name: 'promtool', debianPackages: 'prometheus', present: () => onPath('promtool') },
  {
    group: 'system',
    name: 'systemd',
    debianPackages: 'systemd',
    present: () => onPath('systemctl') && onPath('systemd-sysusers'),
  },
  {
    group: 'system',
    name: 'systemd-nspawn',
    debianPackages: 'systemd-container',
    present: () => onPath('systemd-nspawn'),
  },
  { group: 'system', name: 'openssl', debianPackages: 'openssl', present: () => onPath('openssl') },
  { group: 'system', name: 'stunnel', debianPackages: 'stunnel4', present: () => onPath('stunnel') },
  { group: 'system', name: 'ssh', debianPackages: 'openssh-client', present: () => onPath('ssh') },
  { group: 'system', name: 'socat', debianPackages: 'socat', present: () => onPath('socat') },
  { group: 'system', name: 'tcpdump', debianPackages: 'tcpdump', present: () => onPath('tcpdump') },
  {
    group: 'system',
    name: 'qemu',
    debianPackages: 'qemu-user-static',
    present: () => onPath('qemu-aarch64-static'),
  },
  {
    group: 'system',
    name: 'keepalived',
    debianPackages: 'keepalived',
    present: () => onPath('keepalived'),
  },
  {
    group: 'system',
    name: 'conntrackd',
    debianPackages: 'conntrackd conntrack',
    present: () => onPath('conntrackd') && onPath('conntrack'),
  },
];

/** Whether a group may not be skipped: `PENSTOCK_REQUIRE=system,browser`. */
export function isRequired(group: string): boolean {
  return (process.env['PENSTOCK_REQUIRE'] ?? '').split(',').some((name) => name.trim() === group);
}

function systemObstacle(): string {
  const remedy =
    'run as root after: apt-get install nftables libnftables1 iproute2 iputils-ping util-linux netbase';
  if (process.getuid?.() !== 0) return `needs root; ${remedy}`;
  if (!onPath('ip')) return `needs iproute2; ${remedy}`;
  if (!onPath('nft')) return `needs nftables; ${remedy}`;
  if (!succeeds('sh', '-c', '/sbin/ldconfig -p | grep -q libnftables.so.1'))
    return `needs libnftables; ${remedy}`;
  if (!onPath('ping') || !onPath('setpriv')) return `needs iputils-ping and util-linux; ${remedy}`;
  return namespaceObstacle();
}

/** Really tries what the tests do: a container often has root and the programs but not the rights. */
function namespaceObstacle(): string {
  const name = `pst-probe-${process.pid}`;
  try {
    if (!succeeds('ip', 'netns', 'add', name))
      return 'needs network namespaces: run where CAP_SYS_ADMIN is given, not in an unprivileged container';
    if (!succeeds('ip', '-n', name, 'link', 'add', 'probe0', 'type', 'veth', 'peer', 'name', 'probe1'))
      return 'needs veth devices: modprobe veth';
    if (!succeeds('ip', '-n', name, 'link', 'add', 'probe2', 'type', 'bridge'))
      return 'needs bridge devices: modprobe bridge';
    const rule =
      'table inet probe { chain c { type filter hook prerouting priority mangle; tcp dport 1 tproxy ip to :1; }; }';
    if (!succeeds('ip', 'netns', 'exec', name, 'nft', rule))
      return 'needs nftables with TPROXY in the kernel: modprobe nft_tproxy';
    return '';
  } finally {
    succeeds('ip', 'netns', 'del', name);
  }
}

function browserObstacle(): string {
  return succeeds('/usr/bin/chromium', '--version') ? '' : 'needs chromium: apt-get install chromium';
}

function onPath(program: string): boolean {
  const folders = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`.split(':');
  return folders.some((folder) => folder !== '' && existsSync(`${folder}/${program}`));
}

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 30_000 }).status === 0;
}
