import { Ready } from '../../ffi/epoll.ts';
import { closeDescriptor } from '../../ffi/libc.ts';
import { setResetOnClose } from '../../ffi/socket.ts';
import { arrived, Broken, endSending, receiveInto, sendSome, WouldBlock } from '../../ffi/stream-socket.ts';
import { Deaf, type Leg, LegCapacity, type LegEvents } from '../leg.ts';
import type { EventLoop, Watcher } from './event-loop.ts';
import type { Sender } from './outgoing.ts';

/**
 * A connected TCP descriptor on the event loop. It does not block, and closing it resets the connection until FIN
 * was sent: so are the transparent sockets made, and nothing half said ends in order by accident.
 */
export class DescriptorLeg implements Leg, Watcher, Sender {
  readonly #loop: EventLoop;
  readonly #fd: number;
  /** Where the loop knows it; {@link NoSlot} until there is something to watch for. */
  #slot: number;
  #events: LegEvents = Deaf;
  #wanted = 0;
  #isReading = false;
  #hasEnded = false;
  #isFinishing = false;
  #isGone = false;
  /** Of the end, once it was told. */
  #told: { readonly failed: boolean } | undefined;
  #isFull = false;
  /** Segments with data when that was last asked and all of it had been read. */
  #segments = 0;
  /** Bytes, modulo 2³². */
  #received = 0;
  /** What the kernel has not taken yet, oldest first. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  /** Takes over the descriptor, and its slot where it was watched before, once. */
  constructor(loop: EventLoop, fd: number, slot: number = NoSlot) {
    this.#loop = loop;
    this.#fd = fd;
    this.#slot = slot;
    if (slot !== NoSlot) loop.hand(slot, this);
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  get isFinished(): boolean {
    return this.#isFinishing || this.#isGone;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  follow(events: LegEvents): void {
    this.#events = events;
    // Whoever comes after the end has to hear of it as well.
    if (this.#told !== undefined) this.#tellGone(this.#told.failed);
  }

  read(on: boolean): void {
    if (this.#isReading === on) return;
    this.#isReading = on;
    this.#watch();
  }

  add(bytes: Uint8Array, length: number): void {
    if (!this.isFinished) this.#loop.outgoing.add(this, bytes, length);
  }

  flush(pieces?: number): void {
    this.#loop.outgoing.flush(this, pieces);
  }

  send(bytes: Uint8Array): void {
    if (this.isFinished) return;
    const taken = this.#waitingBytes > 0 ? 0 : sendSome(this.#fd, bytes, bytes.length);
    if (taken === bytes.length) return;
    if (taken === Broken) return this.#close(true);
    this.#wait(bytes.slice(taken === WouldBlock ? 0 : taken));
  }

  sent(): void {
    this.#events.sent();
  }

  segments(): number {
    const { segments, bytes } = arrived(this.#fd);
    const since = (segments - this.#segments) >>> 0;
    // What waits to be read came in some of these; which of them, nobody tells.
    if (bytes === this.#received) this.#segments = segments;
    return since;
  }

  finish(): void {
    if (this.isFinished) return;
    this.#sendFlushed();
    // That may have been told that the connection is broken.
    if (this.#isGone) return;
    this.#isFinishing = true;
    if (this.#waitingBytes === 0) this.#sendFin();
  }

  reset(): void {
    // A client that is turned away when it comes has nothing here, and must not undo what is gathered for others.
    if (this.#slot !== NoSlot) this.#sendFlushed();
    if (this.#isGone) return;
    if (this.#isFinishing) this.#setReset(true);
    this.#close(false);
  }

  drop(): void {
    if (!this.#isGone) this.#close(false);
  }

  withdraw(): boolean {
    this.#sendFlushed();
    return this.#waitingBytes === 0;
  }

  ready(events: number): void {
    if ((events & Ready.Out) !== 0) this.#sendWaiting();
    if (this.#isGone || (events & ~Ready.Out) === 0) return;
    if (this.#isReading && !this.#hasEnded) return this.#receive(events);
    if ((events & Ready.Error) !== 0) return this.#close(true);
    // Told unasked and for as long as it is so: both sides have ended and what came before is not wanted yet.
    if ((events & Ready.HangUp) !== 0) this.#stopWatching();
  }

  /** What was flushed counts as sent, and nothing that is done to the leg afterwards takes it back. */
  #sendFlushed(): void {
    this.#loop.outgoing.flush(this);
    this.#loop.outgoing.release();
  }

  #receive(events: number): void {
    const count = receiveInto(this.#fd, this.#loop.received);
    if (count > 0) {
      this.#received = (this.#received + count) >>> 0;
      return this.#events.data(this.#loop.view(count));
    }
    if (count === Broken) return this.#close(true);
    if (count === WouldBlock) {
      // An error that nobody can be told of would be told for ever.
      if ((events & (Ready.Error | Ready.HangUp)) !== 0) this.#close(true);
      return;
    }
    this.#hasEnded = true;
    this.#events.end();
    if (this.#isGone) return;
    if (this.#isFinishing && this.#waitingBytes === 0) this.#close(false);
    else this.#watch();
  }

  #sendWaiting(): void {
    while (this.#waitingBytes > 0) {
      const bytes = this.#takeWaiting();
      const taken = sendSome(this.#fd, bytes, bytes.length);
      if (taken === Broken) return this.#close(true);
      if (taken === bytes.length) continue;
      this.#putBack(taken === WouldBlock ? bytes : bytes.subarray(taken));
      return;
    }
    this.#watch();
    if (this.#isFinishing) this.#sendFin();
    if (!this.#isFull || this.#isGone) return;
    this.#isFull = false;
    this.#events.drained();
  }

  #sendFin(): void {
    this.#setReset(false);
    // Closing sends FIN by itself, after what the kernel still holds.
    if (this.#hasEnded) this.#close(false);
    else endSending(this.#fd);
  }

  #wait(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= LegCapacity) this.#isFull = true;
    this.#watch();
  }

  /** All that waits, in one piece: it goes to the kernel together. */
  #takeWaiting(): Uint8Array {
    const [first = Nothing, ...rest] = this.#waiting;
    const all = rest.length === 0 ? first : Buffer.concat([first, ...rest]);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return all;
  }

  #putBack(bytes: Uint8Array): void {
    this.#waiting = [bytes];
    this.#waitingBytes = bytes.length;
  }

  #watch(): void {
    if (this.#isGone) return;
    const reads = this.#isReading && !this.#hasEnded ? Ready.In : 0;
    const wanted = reads | (this.#waitingBytes > 0 ? Ready.Out : 0);
    if (wanted === this.#wanted) return;
    if (this.#slot === NoSlot) this.#slot = this.#loop.watch(this.#fd, wanted, this);
    else if (this.#wanted === NotWatched) this.#loop.rewatch(this.#slot, this.#fd, wanted);
    else this.#loop.change(this.#slot, this.#fd, wanted);
    this.#wanted = wanted;
  }

  #stopWatching(): void {
    this.#loop.unwatch(this.#fd);
    this.#wanted = NotWatched;
  }

  #setReset(on: boolean): void {
    try {
      setResetOnClose(this.#fd, on);
    } catch {
      // The connection is gone already, and how it ends is decided.
    }
  }

  /** The last bytes are gone with it. Told later: whoever calls is not done yet. */
  #close(failed: boolean): void {
    this.#isGone = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#loop.outgoing.drop(this);
    if (this.#slot !== NoSlot) this.#loop.forget(this.#slot);
    closeDescriptor(this.#fd);
    this.#tellGone(failed);
  }

  #tellGone(failed: boolean): void {
    process.nextTick(() => {
      this.#told = { failed };
      this.#events.gone(failed);
    });
  }
}

const NoSlot = -1;
const Nothing = new Uint8Array(0);
/** Of what is watched for: the kernel does not know the descriptor at the moment. */
const NotWatched = -1;
