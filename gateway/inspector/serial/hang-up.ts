import { read } from 'node:fs';
import type RtuBufferedPort from 'modbus-serial/ports/rtubufferedport.js';

type TtyStream = RtuBufferedPort['_client'];
type TtyBinding = NonNullable<TtyStream['port']>;

/**
 * Lets a tty's stream see the end of its port. Its own package takes a read of 0 bytes for one without data and
 * reads again, for ever and with more memory each time; of an adapter pulled out while it talks, the kernel gives
 * nothing else. To be called before the port is opened.
 */
export function heedHangUp(stream: TtyStream): void {
  // Before the stream's own listeners, which begin to read.
  stream.prependOnceListener('open', () => {
    const { port } = stream;
    if (port !== undefined) port.read = (into, at, length) => readOnce(port, into, at, length);
  });
}

/** @returns how much came, at least 1 byte. @throws when the port is gone, and with `canceled` when it was closed */
async function readOnce(
  port: TtyBinding,
  buffer: Buffer,
  at: number,
  length: number,
): Promise<{ readonly bytesRead: number; readonly buffer: Buffer }> {
  while (port.fd !== null) {
    const bytesRead = await readSome(port.fd, buffer, at, length);
    if (bytesRead === 0) throw new Error('the port has hung up');
    if (bytesRead > 0) return { bytesRead, buffer };
    await new Promise<void>((resolve, reject) => {
      port.poller.once('readable', (error) => (error === null ? resolve() : reject(error)));
    });
  }
  throw Object.assign(new Error('the port was closed'), { canceled: true });
}

/** @returns how many bytes came: 0 at the end, below that while there are none */
function readSome(fd: number, buffer: Buffer, at: number, length: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, at, length, null, (error, count) => {
      if (error === null) resolve(count);
      else if (error.code === 'EAGAIN' || error.code === 'EINTR') resolve(-1);
      else reject(error);
    });
  });
}
