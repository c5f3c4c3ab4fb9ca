import type { Board, BoardIdentity } from '../board.ts';
import { findGpio } from '../gpio/lines.ts';
import type { Resting } from '../gpio/wiring.ts';
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
    gpio: findGpio(root, cm4Resting, 'the kernel of a CM4 has pinctrl-bcm2711.'),
  };
}

/**
 * Where a line of the module's own header rests while nothing holds it (BCM2711 ARM Peripherals §5.2, the pulls after
 * reset): lines 0 to 8 are pulled up, 9 to 27 down. What the carrier fits outside is the carrier's.
 */
export function cm4Resting(chip: string, line: number): Resting {
  if (chip !== Cm4Chip || line > 27) return 'unknown';
  return line <= 8 ? 'high' : 'low';
}

/** What the driver calls the lines of the module. */
export const Cm4Chip = 'pinctrl-bcm2711';

/** `ttyS0` is the mini UART here: eight bits, and no parity (BCM2711 ARM Peripherals §2.2). */
function withoutMiniParity(port: SerialPort): SerialPort {
  return port.tty === '/dev/ttyS0' ? { ...port, parity: false } : port;
}
