import type { SerialLine } from '../../../rules/modbus/profile.ts';
import { heedHangUp } from './hang-up.ts';
import type { Tty, TtyEvents } from './tty.ts';

/**
 * Opens a tty through modbus-serial, locked against every other process. Bytes go past that package's own
 * frames: it knows the length of a few functions' answers only, searches for a frame where one does not fit,
 * and throws at a request that is shorter than it should be.
 */
export async function openRtuPort(path: string, line: SerialLine, events: TtyEvents): Promise<Tty> {
  const { default: RtuBufferedPort } = await import('modbus-serial/ports/rtubufferedport.js');
  const { baud: baudRate, parity, stopBits } = line;
  const port = new RtuBufferedPort(path, { baudRate, dataBits: 8, parity, stopBits, lock: true });
  const stream = port._client;
  let over = false;
  let writing = 0;

  function end(problem: string | undefined): void {
    if (over) return;
    over = true;
    if (port.isOpen) stream.flush(() => port.close(() => undefined));
    if (problem !== undefined) events.lost(problem);
  }

  heedHangUp(stream);
  stream.removeAllListeners('data');
  stream.on('data', (chunk: Buffer) => {
    if (!over) events.bytes(chunk);
  });
  stream.on('end', () => end('end of file'));
  port.on('error', (error: Error) => end(error.message));
  port.on('close', () => end('the port was closed'));
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error === null ? resolve() : reject(error)));
  });
  return {
    write: (bytes) => {
      writing += 1;
      stream.write(Buffer.from(bytes), () => {
        writing -= 1;
      });
    },
    discard: () => {
      if (over) return;
      // What has not even come to the driver by now would be sent when it goes on, whenever that is.
      if (writing > 0) end('it takes nothing');
      else stream.flush(() => undefined);
    },
    close: () => end(undefined),
  };
}
