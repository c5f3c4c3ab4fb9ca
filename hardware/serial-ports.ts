import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listKernelDirectory, readKernelFile, readKernelNumber } from './kernel-file.ts';

/** One serial port of the box that has hardware behind it. */
export interface SerialPort {
  /** `/dev/ttyAMA3` */
  readonly tty: string;
  /** The device tree lets the driver switch an RS-485 transceiver; elsewhere the transceiver does so itself. */
  readonly rs485: boolean;
  /** The kernel writes its messages there, so that it is no line for anything else. */
  readonly console: boolean;
  /** False where the hardware knows no parity, as the mini UART of a Raspberry Pi. */
  readonly parity: boolean;
}

/** A device file as the process that is to open it will find it. */
export interface TtyFile {
  readonly state: 'missing' | 'no-tty' | 'present';
  /** Group and permission bits; 0 unless present. */
  readonly gid: number;
  readonly mode: number;
}

/** Every port with hardware, by name. The PC's driver shows four even where there are none: they have no type. */
export function listSerialPorts(root = '/'): readonly SerialPort[] {
  const consoles = (readKernelFile(root, `${Ttys}/console/active`) ?? '').split(/\s+/);
  return listKernelDirectory(root, Ttys)
    .filter((name) => existsSync(join(root, Ttys, name, 'device')))
    .filter((name) => readKernelNumber(root, `${Ttys}/${name}/type`) !== UnknownPort)
    .map((name) => ({
      tty: `/dev/${name}`,
      rs485: existsSync(join(root, Ttys, name, 'device/of_node/linux,rs485-enabled-at-boot-time')),
      console: consoles.includes(name),
      parity: true,
    }));
}

/** Looks at a device file; a link is followed, as `/dev/serial/by-id` has them. */
export function examineTty(path: string, root = '/'): TtyFile {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (found === undefined) return { state: 'missing', gid: 0, mode: 0 };
  if (!found.isCharacterDevice()) return { state: 'no-tty', gid: 0, mode: 0 };
  return { state: 'present', gid: found.gid, mode: found.mode & 0o777 };
}

const Ttys = 'sys/class/tty';
/** `PORT_UNKNOWN` of linux/serial_core.h. */
const UnknownPort = 0;
