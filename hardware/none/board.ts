import { absent, type Board, type BoardIdentity } from '../board.ts';
import { findGpio } from '../gpio/lines.ts';
import { listNetworkDevices } from '../interfaces.ts';
import { listSerialPorts } from '../serial-ports.ts';

/** A container, a virtual machine or an unnamed machine: network devices and what is plugged in, no more. */
export function noBoard(identity: BoardIdentity, root = '/'): Board {
  return {
    identity,
    temperature: absent('This is not a board whose sensors tell the temperature of the box.'),
    watchdog: absent('A watchdog here would be the host’s, not the box’s.'),
    interfaces: { list: () => listNetworkDevices(root) },
    serialPorts: { list: () => listSerialPorts(root) },
    gpio: findGpio(
      root,
      () => 'unknown',
      'a key switch needs one: a board’s own, or an adapter’s (gpio_cp210x, gpio_ljca).',
    ),
  };
}
