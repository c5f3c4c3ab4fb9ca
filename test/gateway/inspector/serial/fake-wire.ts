import type { Tty, TtyEvents } from '../../../../gateway/inspector/serial/tty.ts';
import { crc16 } from '../../../../rules/modbus/rtu/rtu.ts';

/** A wire in memory with devices on it: what is written is heard by all, and a unit answers as it was told. */
export interface FakeWire {
  readonly open: (events: TtyEvents) => Promise<Tty>;
  /** Everything that was ever written, frame by frame, hexadecimal. */
  readonly heard: readonly string[];
  /** Puts bytes on the wire that nobody was asked for. */
  readonly say: (...bytes: number[]) => void;
  /** Pulls the adapter out: an open port is lost, and none can be opened until it is put back. */
  readonly unplug: () => void;
  readonly plug: () => void;
  /** How often the port was opened, and how often that failed. */
  readonly opened: () => number;
  readonly refused: () => number;
}

/** Called with each frame; answers by calling `say`, now or later. */
export type FakeDevices = (frame: Uint8Array, say: (bytes: Uint8Array) => void) => void;

export function createFakeWire(devices: FakeDevices): FakeWire {
  const heard: string[] = [];
  let events: TtyEvents | undefined;
  let isPlugged = true;
  let opened = 0;
  let refused = 0;
  const say = (bytes: Uint8Array): void => events?.bytes(bytes);
  return {
    open: async (mine) => {
      if (!isPlugged || events !== undefined) {
        refused += 1;
        throw new Error(isPlugged ? 'in use' : 'no such device');
      }
      opened += 1;
      events = mine;
      return {
        write: (bytes) => {
          heard.push(Buffer.from(bytes).toString('hex'));
          devices(bytes.slice(), say);
        },
        // What is written here is heard at once.
        discard: () => undefined,
        close: () => {
          if (events === mine) events = undefined;
        },
      };
    },
    heard,
    say: (...bytes) => say(Uint8Array.from(bytes)),
    unplug: () => {
      isPlugged = false;
      const lost = events?.lost;
      events = undefined;
      lost?.('input/output error');
    },
    plug: () => {
      isPlugged = true;
    },
    opened: () => opened,
    refused: () => refused,
  };
}

/** A frame: address, PDU and their CRC, from hexadecimal text. */
export function frame(hex: string): Uint8Array {
  const body = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const crc = crc16(body, 0, body.length);
  return Uint8Array.from([...body, crc & 0xff, crc >>> 8]);
}

/** The answer to a read of one register, or the echo of a write, of whichever unit was asked. */
export function answerTo(asked: Uint8Array, value = 0x002a): Uint8Array {
  const [unit = 0, functionCode = 0] = asked;
  if (functionCode !== 3) return asked.slice();
  return frame(Buffer.from([unit, 3, 2, value >>> 8, value & 0xff]).toString('hex'));
}
