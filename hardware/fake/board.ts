import { type Board, type BoardIdentity, present, type WatchdogDevice } from '../board.ts';
import { cm4Resting } from '../cm4/board.ts';
import { HardwareError } from '../errors.ts';
import { gpioLines } from '../gpio/lines.ts';
import type { NetworkDevice } from '../interfaces.ts';
import type { SerialPort } from '../serial-ports.ts';
import type { Temperature } from '../temperature.ts';
import { type FakeGpioKernel, fakeGpioKernel } from './gpio-kernel.ts';

/** A board in memory that behaves like one: time passes when it is told to, and an unfed watchdog bites. */
export interface FakeBoard extends Board {
  /** Sensors as they read from now on; hottest first is kept. */
  setTemperatures(readings: readonly Temperature[]): void;
  /** Adds the device, or replaces the one of that name. */
  setDevice(device: NetworkDevice): void;
  removeDevice(name: string): void;
  /** Plugs a serial port in, or changes the one of that name. */
  setSerialPort(port: SerialPort): void;
  removeSerialPort(tty: string): void;
  /** Lets time pass, for the watchdog and for contacts that bounce. */
  advance(seconds: number): void;
  /** Wires, lamps and the kernel between: what happens to the GPIO lines. */
  readonly gpioKernel: FakeGpioKernel;
  /** How the watchdog stands; `bitten` means a real box would be restarting. */
  readonly watchdogState: 'closed' | 'running' | 'stopped' | 'bitten';
}

/** A CM4 with two ports that are up, one for RS-485, 45 °C and a watchdog of 15 s. */
export function fakeBoard(identity: BoardIdentity = DefaultIdentity): FakeBoard {
  let temperatures: readonly Temperature[] = [{ sensor: 'cpu-thermal', celsius: 45, criticalCelsius: 110 }];
  const devices = new Map(['eth0', 'eth1'].map((name, index) => [name, livePort(name, index)]));
  const ports = new Map<string, SerialPort>();
  setPort({ tty: '/dev/ttyAMA3', rs485: true, console: false, parity: true });
  const watchdog = fakeWatchdog();
  const gpioKernel = fakeGpioKernel(undefined, (line) => (line <= 8 ? 'high' : 'low'));
  return {
    identity,
    temperature: present({ read: () => temperatures }),
    watchdog: present(watchdog.device),
    interfaces: {
      list: () => [...devices.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    },
    serialPorts: { list: () => [...ports.values()].sort((a, b) => (a.tty < b.tty ? -1 : 1)) },
    gpio: present(gpioLines(gpioKernel, cm4Resting)),
    gpioKernel,
    setTemperatures: (readings) => {
      temperatures = [...readings].sort((a, b) => b.celsius - a.celsius);
    },
    setDevice: (device) => void devices.set(device.name, device),
    removeDevice: (name) => void devices.delete(name),
    setSerialPort: setPort,
    removeSerialPort: (tty) => void ports.delete(tty),
    advance: (seconds) => {
      watchdog.advance(seconds);
      gpioKernel.advance(seconds * 1000);
    },
    get watchdogState() {
      return watchdog.state();
    },
  };

  function setPort(port: SerialPort): void {
    ports.set(port.tty, port);
  }
}

interface FakeWatchdog {
  readonly device: WatchdogDevice;
  advance(seconds: number): void;
  state(): FakeBoard['watchdogState'];
}

function fakeWatchdog(): FakeWatchdog {
  let state: FakeBoard['watchdogState'] = 'closed';
  let remaining = TimeoutSeconds;
  return {
    state: () => state,
    advance: (seconds) => {
      if (state !== 'running') return;
      remaining -= seconds;
      if (remaining <= 0) state = 'bitten';
    },
    device: {
      name: 'Fake watchdog',
      timeoutSeconds: TimeoutSeconds,
      stoppable: true,
      causedLastBoot: false,
      open: () => {
        if (state === 'running') throw new HardwareError('PST_ERR_WATCHDOG_OPEN', 'Fake watchdog is held.');
        state = 'running';
        remaining = TimeoutSeconds;
        return {
          keepAlive: () => {
            remaining = TimeoutSeconds;
          },
          stop: () => {
            state = 'stopped';
          },
        };
      },
    },
  };
}

function livePort(name: string, index: number): NetworkDevice {
  return { name, mac: `02:00:00:00:00:0${index}`, up: true, carrier: true, physical: true, lower: '' };
}

const TimeoutSeconds = 15;

const DefaultIdentity: BoardIdentity = {
  kind: 'cm4',
  vendor: 'Raspberry Pi',
  model: 'Raspberry Pi Compute Module 4 Rev 1.1',
  serial: '10000000abcdef01',
};
