import type { Duplex } from 'node:stream';
import { Deaf, type Leg, type LegEvents } from './leg.ts';

/** A stream that can be an end of a connection: a TCP socket of Node's, or what stands for one. */
export interface LegStream extends Duplex {
  resetAndDestroy(): unknown;
  /** Takes back what was written and is not sent yet, where that is possible. */
  withdraw?(): void;
}

/**
 * A leg over a stream that allows half-open and is paused. `finish` sends FIN where ending the stream is not enough.
 * From here on errors of the stream are this leg's, so that none ends the process.
 */
export function createStreamLeg<Stream extends LegStream>(
  stream: Stream,
  finish: (stream: Stream) => void = (ended) => void ended.end(),
): Leg {
  let events: LegEvents = Deaf;
  let hasReader = false;
  let failed = false;
  let isClosed = false;
  let added = 0;
  stream.on('error', () => {
    failed = true;
  });
  stream.on('end', () => events.end());
  stream.on('drain', () => events.drained());
  stream.on('close', () => {
    isClosed = true;
    events.gone(failed);
  });

  function read(on: boolean): void {
    if (on && !hasReader) {
      hasReader = true;
      stream.on('data', (chunk: Buffer) => events.data(asPlainBytes(chunk)));
    }
    if (on !== stream.isPaused()) return;
    if (on) stream.resume();
    else stream.pause();
  }

  return {
    follow: (next) => {
      events = next;
      // Whoever comes after the end has to hear of it as well.
      if (isClosed) process.nextTick(() => next.gone(failed));
    },
    read,
    add: (bytes, length) => {
      if (stream.writableEnded) return;
      if (added === 1) stream.cork();
      added += 1;
      stream.write(Buffer.from(bytes.subarray(0, length)));
    },
    flush: () => {
      if (added === 0) return;
      if (added > 1) stream.uncork();
      added = 0;
      events.sent();
    },
    finish: () => {
      if (!stream.writableEnded && !stream.destroyed) finish(stream);
    },
    reset: () => {
      if (!stream.destroyed) stream.resetAndDestroy();
    },
    drop: () => void stream.destroy(),
    withdraw: () => {
      stream.withdraw?.();
      return stream.writableLength === 0;
    },
    get isFull() {
      return stream.writableNeedDrain;
    },
    get isFinished() {
      return stream.writableEnded || stream.destroyed;
    },
    get isGone() {
      return stream.destroyed;
    },
  };
}

/** Of a `Buffer` a `slice` is a view, of plain bytes a copy: whoever is lent these has to be able to rely on that. */
function asPlainBytes(chunk: Buffer): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
}
