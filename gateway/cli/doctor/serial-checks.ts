import { accessSync, constants } from 'node:fs';
import type { SerialPort, TtyFile } from '../../../hardware/serial-ports.ts';
import type { SerialLine } from '../../../rules/modbus/profile.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { Config } from '../../config.ts';
import { findGroup } from '../../run/account.ts';
import { TtyGroup } from '../../run/processes.ts';
import { type Check, good, note } from './check.ts';

/** What there is to look at; a test gives its own. */
export interface SerialSurroundings {
  readonly ports: readonly SerialPort[];
  readonly examine: (tty: string) => TtyFile;
  /** Whether the inspectors can open it. */
  readonly mayOpen: (tty: string, file: TtyFile) => boolean;
}

/**
 * Each serial line of the policy, and each port of `gateway.yaml`: whether its tty is there, free and the
 * inspectors' to open. A line that is not answers its clients that its path is unavailable; no other suffers.
 */
export function checkSerial(
  config: Pick<Config, 'serial'>,
  policy: Pick<Policy, 'assets'> | undefined,
  surroundings: SerialSurroundings,
): readonly Check[] {
  const lines = (policy?.assets ?? []).flatMap(({ name, modbus }) =>
    modbus.line === undefined ? [] : [{ asset: name, line: modbus.line }],
  );
  const named = config.serial.map(({ port, tty }) => {
    const line = lines.find((one) => one.line.port === port)?.line;
    return checkPort(`Serial port ${port}`, tty, line, surroundings);
  });
  const unnamed = lines
    .filter(({ line }) => !config.serial.some(({ port }) => port === line.port))
    .map(({ asset, line }) => checkUnnamed(asset, line, config, surroundings.ports));
  return [...named, ...unnamed];
}

function checkPort(
  what: string,
  tty: string,
  line: SerialLine | undefined,
  around: SerialSurroundings,
): Check {
  const file = around.examine(tty);
  const port = around.ports.find((one) => one.tty === tty);
  const wrong = (found: string, remedy: string): Check =>
    note(
      'serial',
      what,
      `${tty} ${found}`,
      'Clients of its line are told that the path is unavailable.',
      remedy,
    );
  if (file.state === 'missing')
    return wrong('is not there', `Plug it in, or correct gateway.yaml. ${free(around.ports)}`);
  if (file.state === 'no-tty') return wrong('is no tty', `Correct gateway.yaml. ${free(around.ports)}`);
  if (port?.console === true) {
    return wrong('is the console of the kernel', 'Take console= with this tty off the kernel command line.');
  }
  if (!around.mayOpen(tty, file)) {
    return wrong(
      'is not the inspectors’ to open',
      `Give it to the group ${TtyGroup}, mode 660, by a udev rule.`,
    );
  }
  if (port?.parity === false && line !== undefined && line.parity !== 'none') {
    return wrong(`knows no parity, and the line has ${line.parity}`, 'Use another port for this line.');
  }
  return good('serial', what, `${tty}${port?.rs485 === true ? ', drives RS-485' : ''}`);
}

function checkUnnamed(
  asset: string,
  { port }: SerialLine,
  { serial }: Pick<Config, 'serial'>,
  ports: readonly SerialPort[],
): Check {
  const left = ports.filter(({ tty }) => !serial.some((one) => one.tty === tty));
  return note(
    'serial',
    `Serial port ${port}`,
    'not in gateway.yaml',
    `Clients of ${asset} are told that the path is unavailable.`,
    `Name its tty in gateway.yaml: serial: {${port}: {tty: /dev/…}}. ${free(left)}`,
  );
}

function free(ports: readonly SerialPort[]): string {
  const ttys = ports.filter((port) => !port.console).map(({ tty }) => tty);
  return ttys.length === 0 ? 'This box shows no serial port.' : `There are: ${ttys.join(', ')}.`;
}

/** By group where the inspectors have a user of their own; else they are who asks here. */
export function mayOpenTty(hasOwnUser: boolean): SerialSurroundings['mayOpen'] {
  const group = findGroup(TtyGroup);
  return (tty, { gid, mode }) => {
    if (hasOwnUser) return (gid === group && (mode & 0o060) === 0o060) || (mode & 0o006) === 0o006;
    try {
      accessSync(tty, constants.R_OK | constants.W_OK);
      return true;
    } catch {
      return false;
    }
  };
}
