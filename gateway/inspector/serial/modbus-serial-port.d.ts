/** The port of modbus-serial that holds a tty; the package's own types are of its client only. */
declare module 'modbus-serial/ports/rtubufferedport.js' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  interface TtyOptions {
    readonly baudRate: number;
    readonly dataBits: 8;
    readonly parity: 'none' | 'even' | 'odd';
    readonly stopBits: 1 | 2;
    /** No other process may open it. */
    readonly lock: boolean;
  }

  /** What the stream reads from and writes to. */
  interface TtyBinding {
    /** Null from the moment it is being closed. */
    readonly fd: number | null;
    readonly poller: { once(event: 'readable', done: (error: Error | null) => void): void };
    read(
      into: Buffer,
      at: number,
      length: number,
    ): Promise<{ readonly bytesRead: number; readonly buffer: Buffer }>;
  }

  interface TtyStream extends Duplex {
    /** There once the port is open. */
    readonly port?: TtyBinding;
    /** Throws away what the driver has neither sent nor handed over (tcflush). */
    flush(done: (error: Error | null) => void): void;
  }

  class RtuBufferedPort extends EventEmitter {
    constructor(path: string, options: TtyOptions);
    readonly isOpen: boolean;
    /** The tty's own stream. */
    readonly _client: TtyStream;
    open(done: (error: Error | null) => void): void;
    close(done: (error: Error | null) => void): void;
  }

  export = RtuBufferedPort;
}
