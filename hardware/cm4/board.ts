import type { Board, BoardIdentity } from '../board.ts';
import { listNetworkDevices } from '../interfaces.ts';
import { readKernelFile } from '../kernel-file.ts';
import { listSerialPorts, type SerialPort } from '../serial-ports.ts';
import { thermometer } from '../temperature.ts';
import { findWatchdog } from '../watchdog/watchdog.ts';

/** `compatible` strings of the Compute Module 4 and 4S; a carrier's own tree lists its name before them. */
export const Cm4Compatible = ['raspberrypi,4-compute-module', 'raspberrypi,4-compute-module-s'] as const;

/** Who a CM4 says it is. Its serial number is fused and readable by everyone. */
export function cm4Identity(root = '/'): BoardIdentity {
  return {
    kind: 'cm4',
    vendor: 'Raspberry Pi',
    model: readKernelFile(root, 'proc/device-tree/model') ?? '',
    serial: readKernelFile(root, 'proc/device-tree/serial-number') ?? '',
  };
}

/** A Raspberry Pi Compute Module 4 on any carrier. */
export function cm4Board(root = '/'): Board {
  return {
    identity: cm4Identity(root),
    temperature: thermometer(root),
    watchdog: findWatchdog(root),
    interfaces: { list: () => listNetworkDevices(root) },
    serialPorts: { list: () => listSerialPorts(root).map(withoutMiniParity) },
  };
}

/** `ttyS0` is the mini UART here: eight bits, and no parity (BCM2711 ARM Peripherals §2.2). */
function withoutMiniParity(port: SerialPort): SerialPort {
  return port.tty === '/dev/ttyS0' ? { ...port, parity: false } : port;
}
