import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { Sizes } from './abi.ts';

/** The kernel's side of GPIO lines, in bytes; the fake behaves like it in memory. */
export interface GpioKernel {
  /** Names of the chips, `gpiochip0`, in order. */
  readonly chips: () => readonly string[];
  /** @throws GpioCallError */
  readonly open: (chip: string) => number;
  /** Asks about the bytes and answers in them. @throws GpioCallError */
  readonly control: (fd: number, request: number, bytes: Uint8Array) => void;
  /** From now on {@link GpioKernel.readEdges} does not wait. @throws GpioCallError */
  readonly stopWaiting: (fd: number) => void;
  /** What is there of edges, as whole structures; empty where there is nothing. @throws GpioCallError */
  readonly readEdges: (fd: number) => Uint8Array;
  /** Closes a chip, or lets go of a line: the kernel then leaves it to the board. */
  readonly close: (fd: number) => void;
}

/** A call that failed, by the symbolic errno: `ENODEV` is a chip that went. */
export class GpioCallError extends Error {
  readonly errno: string;

  constructor(call: string, errno: string) {
    super(`${call}: ${errno}`);
    this.name = 'GpioCallError';
    this.errno = errno;
  }
}

/** The real one. The foreign functions are loaded when it is made: a box without lines does without. */
export function openGpioKernel(root = '/'): GpioKernel {
  const libc = koffi.load(null);
  const ioctl: (fd: number, request: number, bytes: Uint8Array) => number = libc.func(
    'int ioctl(int, unsigned long, uint8_t *)',
  );
  const fcntl: (fd: number, command: number, value: number) => number = libc.func('int fcntl(int, int, int)');
  const checked = (call: string, result: number): void => {
    if (result < 0) throw new GpioCallError(call, nameErrno(koffi.errno()));
  };
  return {
    chips: () => chipsIn(root),
    open: (chip) => {
      try {
        return openSync(join(root, 'dev', chip), 'r+');
      } catch (cause) {
        throw new GpioCallError(`open ${chip}`, codeOf(cause));
      }
    },
    control: (fd, request, bytes) => checked('ioctl', ioctl(fd, request, bytes)),
    stopWaiting: (fd) => checked('fcntl', fcntl(fd, F_SETFL, O_NONBLOCK)),
    readEdges: (fd) => {
      const room = new Uint8Array(Sizes.event * 16);
      try {
        return room.subarray(0, readSync(fd, room));
      } catch (cause) {
        if (codeOf(cause) === 'EAGAIN') return new Uint8Array();
        throw new GpioCallError('read', codeOf(cause));
      }
    },
    close: (fd) => {
      try {
        closeSync(fd);
      } catch {
        // Of a chip that went nothing is left to close.
      }
    },
  };
}

/** Names of the chips of this box, `gpiochip0`, in order. */
export function chipsIn(root = '/'): readonly string[] {
  try {
    return readdirSync(join(root, 'dev'))
      .filter((name) => /^gpiochip\d+$/.test(name))
      .sort((one, other) => Number(one.slice(8)) - Number(other.slice(8)));
  } catch {
    return [];
  }
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? 'EIO';
}

function nameErrno(errno: number): string {
  const known = Object.entries(koffi.os.errno).find(([, number]) => number === errno);
  return known?.[0] ?? `E${errno}`;
}

const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
