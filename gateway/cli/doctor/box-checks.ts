import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Board, BoardKind } from '../../../hardware/board.ts';
import { isClockSynchronised } from '../../ffi/clock-sync.ts';
import { type Check, good, lacking, note } from './check.ts';

/**
 * What the engine sets in `gateway/enforce/kernel/routing.ts`, below `net.ipv4`: for the whole box, and as a device that
 * comes later begins with it.
 */
export const EngineSettings: Readonly<Record<string, string>> = {
  ip_forward: '1',
  tcp_early_demux: '0',
  tcp_fwmark_accept: '0',
  'conf/all/send_redirects': '0',
  'conf/all/accept_redirects': '0',
  'conf/all/rp_filter': '1',
  'conf/all/src_valid_mark': '1',
  'conf/all/accept_source_route': '0',
  'conf/default/send_redirects': '0',
  'conf/default/accept_redirects': '0',
  // A namespace begins with the host's, and systemd has the host at 2.
  'conf/default/rp_filter': '1',
};

/** The runtime: the release that the lock file names, on an architecture whose socket layout we know. */
export function checkRuntime(): Check {
  const found = `${process.version} ${process.arch}`;
  const wanted = Number(process.versions.node.split('.')[0]) === NodeMajor;
  if (wanted && (process.arch === 'x64' || process.arch === 'arm64')) return good('node', 'Node', found);
  return lacking(
    'node',
    'Node',
    found,
    'both',
    `The gateway is tested with Node ${NodeMajor} on x64 and arm64.`,
    'Run npm ci on a 64-bit system and start penstock by npx: the right Node comes with the packages.',
  );
}

/** Whether a permission with an end can be judged by the wall clock. */
export function checkClock(): Check {
  if (isClockSynchronised()) return good('clock', 'Clock', 'synchronised');
  return note(
    'clock',
    'Clock',
    existsSync('/dev/rtc0') ? 'not synchronised; a battery-backed clock is there' : 'not synchronised',
    'Until it is, no temporary, scheduled or vendor permission opens.',
    'Enable systemd-timesyncd or chrony, and let the model permit NTP to your time server.',
  );
}

/** Room for evidence where the state directory is or will be. */
export function checkDisk(directory: string): Check {
  let existing = directory;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  const mebibytes = Math.floor((bavail * bsize) / 1_048_576);
  const found = `${mebibytes} MiB free at ${existing}`;
  if (mebibytes >= WantedMebibytes) return good('disk', 'Disk', found);
  return note(
    'disk',
    'Disk',
    found,
    'Evidence takes up to 1 GiB unless gateway.yaml says less; a full disk alarms and never stops a flow.',
    'Free space, or lower evidence.max_bytes.',
  );
}

/** The board, its sensors and its watchdog. */
export function checkBoard({ identity, temperature, watchdog }: Board): readonly Check[] {
  const name = [identity.vendor, identity.model].filter((part) => part !== '').join(' ');
  return [
    good('board', 'Board', `${BoardNames[identity.kind]}${name === '' ? '' : `: ${name}`}`),
    temperature.state === 'absent'
      ? good('temperature', 'Temperature', `absent: ${temperature.why}`)
      : checkTemperature(temperature.part.read()[0]),
    watchdog.state === 'absent'
      ? note(
          'watchdog',
          'Watchdog',
          'absent',
          `${watchdog.why} A box that hangs stays as it is until a person restarts it.`,
          'Nothing to do where the host restarts its guests.',
        )
      : good('watchdog', 'Watchdog', `${watchdog.part.name}, ${watchdog.part.timeoutSeconds} s`),
  ];
}

/** How the box would forward right now, before the engine has set anything. */
export function checkForwarding(): readonly Check[] {
  const filter = readSetting('conf/all/rp_filter');
  return [
    good(
      'ip-forward',
      'Forwarding now',
      readSetting('ip_forward') === '1' ? 'on' : 'off (the engine opens it after its table)',
    ),
    filter === '1'
      ? good('rp-filter', 'Reverse path filter', 'strict')
      : note(
          'rp-filter',
          'Reverse path filter',
          filter,
          'A forged source address is caught by the zone’s interface rule only.',
          'Install hardware/os/sysctl.conf, as hardware/install.sh does.',
        ),
  ];
}

/**
 * Whether the engine can set the network as it needs it. In a container `/proc/sys` is mostly read-only; the
 * settings must then be right from outside.
 */
export function checkSettings(): Check {
  const what = 'Network settings';
  try {
    accessSync(`${Settings}/ip_forward`, constants.W_OK);
    return good('sysctl', what, 'can be set');
  } catch {
    const wrong = Object.entries(EngineSettings).filter(([path, value]) => readSetting(path) !== value);
    if (wrong.length === 0) return good('sysctl', what, 'read-only, and right');
    const list = wrong.map(([path, value]) => `net.ipv4.${path.replaceAll('/', '.')}=${value}`);
    return lacking(
      'sysctl',
      what,
      'read-only, and not as needed',
      'kernel',
      'The engine cannot switch forwarding on or make diverted connections work.',
      `Run as root; start a container with ${list.map((one) => `--sysctl ${one}`).join(' ')}.`,
    );
  }
}

function readSetting(path: string): string {
  try {
    return readFileSync(`${Settings}/${path}`, 'utf8').trim();
  } catch {
    return 'unreadable';
  }
}

function checkTemperature(
  hottest: { sensor: string; celsius: number; criticalCelsius: number | undefined } | undefined,
): Check {
  if (hottest === undefined) return good('temperature', 'Temperature', 'no sensor answers');
  const { sensor, celsius, criticalCelsius } = hottest;
  const found = `${celsius.toFixed(1)} °C at ${sensor}`;
  if (celsius < (criticalCelsius ?? DefaultCritical) - Margin)
    return good('temperature', 'Temperature', found);
  return note(
    'temperature',
    'Temperature',
    found,
    'The kernel switches the box off when it gets a little hotter.',
    'Look to the cabinet’s ventilation.',
  );
}

const Settings = '/proc/sys/net/ipv4';
const NodeMajor = 24;
const WantedMebibytes = 1100;
const DefaultCritical = 100;
const Margin = 15;
const BoardNames: Readonly<Record<BoardKind, string>> = {
  cm4: 'Raspberry Pi CM4',
  ipc: 'x86 IPC',
  none: 'none of the known boards',
};
