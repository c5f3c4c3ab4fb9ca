import type { Board, BoardIdentity } from '../board.ts';
import { findGpio } from '../gpio/lines.ts';
import { listNetworkDevices } from '../interfaces.ts';
import { readKernelFile } from '../kernel-file.ts';
import { listSerialPorts } from '../serial-ports.ts';
import { thermometer } from '../temperature.ts';
import { findWatchdog } from '../watchdog/watchdog.ts';

/** Who a PC says it is by its DMI tables; empty where the maker left the form as it came. */
export function ipcIdentity(root = '/'): BoardIdentity {
  return {
    kind: 'ipc',
    vendor: firstFilled(root, ['sys_vendor', 'board_vendor', 'chassis_vendor']),
    model: firstFilled(root, ['product_name', 'board_name']),
    serial: firstFilled(root, ['product_serial', 'board_serial', 'chassis_serial']),
  };
}

/** An x86 industrial PC. */
export function ipcBoard(root = '/'): Board {
  return {
    identity: ipcIdentity(root),
    temperature: thermometer(root),
    watchdog: findWatchdog(root),
    interfaces: { list: () => listNetworkDevices(root) },
    serialPorts: { list: () => listSerialPorts(root) },
    // What the isolated outputs of a PC do while nothing holds them is in its manual and in no register.
    gpio: findGpio(
      root,
      () => 'unknown',
      'load the driver of its digital I/O (gpio_it87, gpio_f7188x, gpio_ich, or the maker’s own).',
    ),
  };
}

function firstFilled(root: string, names: readonly string[]): string {
  for (const name of names) {
    const text = (readKernelFile(root, `sys/class/dmi/id/${name}`) ?? '').trim();
    if (text !== '' && !Placeholder.test(text)) return text;
  }
  return '';
}

/** What board makers leave in the DMI form instead of an answer. */
const Placeholder =
  /^(to be filled by o\.?e\.?m\.?|default string|system (manufacturer|product name|serial number)|not (specified|applicable|available)|none|unknown|0+|x+|123456789)$/i;
