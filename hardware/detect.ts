import type { Board, BoardIdentity, BoardKind } from './board.ts';
import { Cm4Compatible, cm4Board } from './cm4/board.ts';
import { ipcBoard, ipcIdentity } from './ipc/board.ts';
import { readKernelFile } from './kernel-file.ts';
import { noBoard } from './none/board.ts';

/** Opens the board this runs on. `kind` forces one where the box cannot say what it is. */
export function openBoard(root = '/', kind: BoardKind = detectBoard(root)): Board {
  switch (kind) {
    case 'cm4':
      return cm4Board(root);
    case 'ipc':
      return ipcBoard(root);
    case 'none':
      return noBoard(unnamed(root), root);
  }
}

/**
 * Which board this is: a CM4 by its device tree, an x86 IPC by its DMI tables. A virtual machine has DMI
 * tables too and is none: its watchdog and sensors are the host's.
 */
export function detectBoard(root = '/'): BoardKind {
  const compatible = (readKernelFile(root, 'proc/device-tree/compatible') ?? '').split('\0');
  if (Cm4Compatible.some((name) => compatible.includes(name))) return 'cm4';
  const { vendor, model } = ipcIdentity(root);
  if (vendor === '' && model === '') return 'none';
  return Hypervisor.test(`${vendor} ${model}`) ? 'none' : 'ipc';
}

function unnamed(root: string): BoardIdentity {
  const { vendor, model } = ipcIdentity(root);
  return { kind: 'none', vendor, model, serial: '' };
}

const Hypervisor =
  /qemu|kvm|bochs|vmware|virtualbox|innotek|xen|parallels|bhyve|virtual machine|amazon ec2|google compute|openstack|firecracker/i;
