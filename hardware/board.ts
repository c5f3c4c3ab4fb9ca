import type { GpioLines } from './gpio/lines.ts';
import type { NetworkDevice } from './interfaces.ts';
import type { SerialPort } from './serial-ports.ts';
import type { Temperature } from './temperature.ts';
import type { Watchdog } from './watchdog/watchdog.ts';

/** The box as the gateway sees it. A part a board does not have says so; nobody has to guess. */
export interface Board {
  readonly identity: BoardIdentity;
  readonly temperature: Part<Thermometer>;
  readonly watchdog: Part<WatchdogDevice>;
  readonly interfaces: NetworkPorts;
  readonly serialPorts: SerialPorts;
  readonly gpio: Part<GpioLines>;
}

/** `none` is a container, a virtual machine or a machine that does not say what it is. */
export type BoardKind = 'cm4' | 'ipc' | 'none';

/** Who made this box. Every text may be empty; `serial` is readable by root only on a PC. */
export interface BoardIdentity {
  readonly kind: BoardKind;
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
}

/** A part that is there, or the plain reason why it is not. */
export type Part<T> =
  | { readonly state: 'present'; readonly part: T }
  | { readonly state: 'absent'; readonly why: string };

/** The sensors of the box, hottest first. */
export interface Thermometer {
  read(): readonly Temperature[];
}

/** The watchdog before it runs. Opening starts it: from then on only {@link Watchdog} keeps the box up. */
export interface WatchdogDevice {
  /** The driver's own name, e.g. `Broadcom BCM2835 Watchdog timer`. */
  readonly name: string;
  /** Seconds without a keep-alive until the box restarts, at least 1. */
  readonly timeoutSeconds: number;
  /** False where the driver cannot be stopped once started (`nowayout`). */
  readonly stoppable: boolean;
  /** Whether the last start of the box was this watchdog's doing. */
  readonly causedLastBoot: boolean;
  /** @throws HardwareError PST_ERR_WATCHDOG_OPEN */
  open(): Watchdog;
}

/** The network devices of the box as they are now. */
export interface NetworkPorts {
  list(): readonly NetworkDevice[];
}

/** The serial ports of the box as they are now; an adapter comes and goes. */
export interface SerialPorts {
  list(): readonly SerialPort[];
}

/** Wraps a part that is there. */
export function present<T>(part: T): Part<T> {
  return { state: 'present', part };
}

/** Says why a part is not there. */
export function absent(why: string): { readonly state: 'absent'; readonly why: string } {
  return { state: 'absent', why };
}
