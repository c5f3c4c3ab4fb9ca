import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listKernelDirectory, readKernelFile, readKernelNumber } from './kernel-file.ts';

/** One network device of the box as `/sys/class/net` shows it now. */
export interface NetworkDevice {
  readonly name: string;
  /** Link-layer address, lower case, or empty. */
  readonly mac: string;
  /** Administratively up (`ip link set up`). */
  readonly up: boolean;
  /** A cable with a live partner; false while the device is down, when nobody can know. */
  readonly carrier: boolean;
  /** A port with hardware behind it, not a bridge, VLAN, tunnel or loopback. */
  readonly physical: boolean;
  /** Device a VLAN or bridge port stands on, or empty. */
  readonly lower: string;
}

/** A leg the policy wants: the device that is to carry a zone. */
export interface WantedInterface {
  readonly device: string;
  readonly zone: string;
  /** 1 to 4094 where the leg is a VLAN on `lowerDevice`; 0 otherwise. */
  readonly vlan: number;
  /** Empty unless `vlan` is set. */
  readonly lowerDevice: string;
}

/** How one wanted leg stands. `makeable` is a VLAN that is not there yet but whose port is. */
export type InterfaceState = 'ready' | 'no-carrier' | 'down' | 'makeable' | 'missing';

/** A wanted leg, how it stands, and where it is missing the free physical ports it may have been meant for. */
export interface InterfaceMatch {
  readonly wanted: WantedInterface;
  readonly state: InterfaceState;
  readonly candidates: readonly string[];
}

/** Every device but loopback, by name. */
export function listNetworkDevices(root = '/'): readonly NetworkDevice[] {
  return listKernelDirectory(root, Net)
    .filter((name) => readKernelNumber(root, `${Net}/${name}/type`) !== ArpHardwareLoopback)
    .filter((name) => readKernelFile(root, `${Net}/${name}/flags`) !== undefined)
    .map((name) => readDevice(root, name));
}

/** Holds the legs the policy wants against the devices the box has; one answer per wanted leg, in order. */
export function matchInterfaces(
  wanted: readonly WantedInterface[],
  devices: readonly NetworkDevice[],
): readonly InterfaceMatch[] {
  const named = new Set(wanted.flatMap(({ device, lowerDevice }) => [device, lowerDevice]));
  const free = devices.filter(({ physical, name }) => physical && !named.has(name)).map(({ name }) => name);
  return wanted.map((one) => {
    const state = stateOf(one, devices);
    return { wanted: one, state, candidates: state === 'missing' ? free : [] };
  });
}

function stateOf(wanted: WantedInterface, devices: readonly NetworkDevice[]): InterfaceState {
  const found = devices.find(({ name }) => name === wanted.device);
  if (found === undefined) {
    const lower = wanted.vlan > 0 && devices.some(({ name }) => name === wanted.lowerDevice);
    return lower ? 'makeable' : 'missing';
  }
  if (!found.up) return 'down';
  return found.carrier ? 'ready' : 'no-carrier';
}

function readDevice(root: string, name: string): NetworkDevice {
  const base = `${Net}/${name}`;
  const flags = Number(readKernelFile(root, `${base}/flags`) ?? 0);
  return {
    name,
    mac: (readKernelFile(root, `${base}/address`) ?? '').toLowerCase(),
    up: (flags & FlagUp) !== 0,
    carrier: readKernelNumber(root, `${base}/carrier`) === 1,
    physical: existsSync(join(root, base, 'device')),
    lower: listKernelDirectory(root, base)
      .filter((entry) => entry.startsWith('lower_'))
      .map((entry) => entry.slice('lower_'.length))
      .join(''),
  };
}

const Net = 'sys/class/net';
/** `ARPHRD_LOOPBACK` and `IFF_UP` of linux/if_arp.h and linux/if.h. */
const ArpHardwareLoopback = 772;
const FlagUp = 0x1;
