import { absent, type Board, type BoardIdentity } from '../board.ts';
import { listNetworkDevices } from '../interfaces.ts';

/** A container, a virtual machine or an unnamed machine: network devices, and nothing else to rely on. */
export function noBoard(identity: BoardIdentity, root = '/'): Board {
  return {
    identity,
    temperature: absent('This is not a board whose sensors tell the temperature of the box.'),
    watchdog: absent('A watchdog here would be the host’s, not the box’s.'),
    interfaces: { list: () => listNetworkDevices(root) },
  };
}
