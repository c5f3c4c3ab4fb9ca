import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { LegStream } from '../stream-leg.ts';
import type { Handover } from './handover.ts';

/**
 * The vendor's end of a channel: the data socket of the front. What comes and what goes is handed over to be
 * recorded first, and waits here while there is no room for it.
 */
export class CarrierLeg extends Duplex implements LegStream {
  readonly #socket: Socket;
  readonly #handover: Handover | undefined;
  #isWanted = false;
  #held: (() => void) | undefined;

  /** The socket is connected, half-open allowed, and nobody else reads it. */
  constructor(socket: Socket, handover: Handover | undefined) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#handover = handover;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
    socket.pause();
  }

  /** A local socket knows no reset: destroyed, it drops what was not sent yet. */
  resetAndDestroy(): this {
    return this.destroy();
  }

  /** There is room again for what waits here. */
  proceed(): void {
    if (this.destroyed || this.#handover?.isFull() === true) return;
    const held = this.#held;
    this.#held = undefined;
    held?.();
    if (this.#isWanted) this.#socket.resume();
  }

  override _read(): void {
    this.#isWanted = true;
    if (this.#handover?.isFull() !== true) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#handover?.isFull() === true) {
      this.#held = () => this.#send(chunk, done);
      return;
    }
    this.#send(chunk, done);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#held = undefined;
    this.#socket.destroy();
    done(error);
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed || this.#handover?.take('client', chunk) === false) return;
    if (!this.push(chunk)) this.#isWanted = false;
    if (!this.#isWanted || this.#handover?.isFull() === true) this.#socket.pause();
  }

  #send(chunk: Buffer, done: (error?: Error | null) => void): void {
    if (this.#handover?.take('server', chunk) === false) return done(new Error('not recorded'));
    this.#socket.write(chunk, done);
  }
}
