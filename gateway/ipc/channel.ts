import type { Socket } from 'node:net';
import { createFrameReader, encodeFrame, MaxFrame } from './frame.ts';

/** Judges a decoded message: the value with its type, or what is wrong with it. */
export type MessageCheck<In> = (
  message: unknown,
) => { readonly ok: true; readonly value: In } | { readonly ok: false; readonly problem: string };

/** The check that takes what is of the agreed form, and says of what kind a message is that is not. */
export function checkBy<In>(isAgreed: (message: unknown) => boolean): MessageCheck<In> {
  return (message) => {
    if (isAgreed(message)) return { ok: true, value: message as In };
    const kind = (message as { readonly kind?: unknown } | null)?.kind;
    const named = typeof kind === 'string' ? ` of kind '${kind.slice(0, 32)}'` : '';
    return { ok: false, problem: `a message${named} that is not of the agreed form` };
  };
}

/** One end of a local connection that carries checked messages. */
export interface Channel<Out> {
  /** False when the message was not taken: the channel is closed or its queue is full. Nothing is sent in part. */
  readonly send: (message: Out) => boolean;
  /** Bytes accepted and not yet handed to the kernel. */
  readonly queued: () => number;
  /** Ends the channel after what was sent; a peer that does not read it is cut after a second. */
  readonly close: () => void;
  readonly isOpen: () => boolean;
}

export interface ChannelOptions<In, Out> {
  readonly check: MessageCheck<In>;
  readonly onMessage: (message: In, channel: Channel<Out>) => void;
  /** Called once. `problem` is empty when either side closed in the ordinary way. */
  readonly onClose: (problem: string) => void;
  /** Largest body accepted, bytes; {@link MaxFrame} if not stated. */
  readonly maxFrame?: number;
  /** Bytes that may wait for the peer; 8 MiB if not stated. */
  readonly maxQueued?: number;
}

/**
 * Carries messages over a connected socket. The first thing the peer sends that is too large, not JSON or
 * not of the schema closes the channel: that peer is broken or hostile, and guessing helps neither case.
 */
export function openChannel<In, Out>(socket: Socket, options: ChannelOptions<In, Out>): Channel<Out> {
  const { check, onMessage, onClose, maxFrame = MaxFrame, maxQueued = DefaultQueue } = options;
  const reader = createFrameReader(maxFrame);
  let open = true;
  let problem = '';

  const channel: Channel<Out> = { send, queued: () => socket.writableLength, close, isOpen: () => open };

  socket.on('data', (chunk: Buffer) => {
    if (!open) return;
    const batch = reader.push(chunk);
    for (const message of batch.messages) {
      const checked = check(message);
      if (!checked.ok) return fail(checked.problem);
      onMessage(checked.value, channel);
      if (!open) return;
    }
    if (batch.problem !== '') fail(batch.problem);
  });
  socket.on('end', () => close());
  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => {
    open = false;
    onClose(problem);
  });

  function send(message: Out): boolean {
    if (!open || !socket.writable || socket.writableLength > maxQueued) return false;
    socket.write(encodeFrame(message));
    return true;
  }

  function close(): void {
    if (!open) return;
    open = false;
    socket.end();
    setTimeout(() => socket.destroy(), LingerTime).unref();
  }

  function fail(text: string): void {
    if (problem === '') problem = text;
    open = false;
    socket.destroy();
  }

  return channel;
}

const DefaultQueue = 8 * 1024 * 1024;
const LingerTime = 1000;
