import { connect } from 'node:net';
import { type Channel, type ChannelOptions, openChannel } from './channel.ts';

export interface LocalClientOptions<In, Out> extends Omit<ChannelOptions<In, Out>, 'onClose'> {
  readonly path: string;
  /** Called at each successful connection, before any message arrives. */
  readonly onOpen: (channel: Channel<Out>) => void;
  /** Called at the end of each connection, and at each failed try with the reason. */
  readonly onLost: (problem: string) => void;
}

export interface LocalClient<Out> {
  /** False when the message was not taken: not connected, or the queue is full. */
  readonly send: (message: Out) => boolean;
  readonly isOpen: () => boolean;
  /** Stops trying and ends the connection; resolves when what was sent is delivered or cannot be. */
  readonly close: () => Promise<void>;
}

/** Milliseconds between two tries to reach a peer that is gone. */
export const RetryInterval = 100;

/** Keeps one channel to a local socket, connecting again for as long as it lives. */
export function connectLocally<In, Out>(options: LocalClientOptions<In, Out>): LocalClient<Out> {
  const { path, onOpen, onLost, ...channelOptions } = options;
  let channel: Channel<Out> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;
  let onceClosed: () => void = () => undefined;

  function attempt(): void {
    const socket = connect(path);
    let reached = false;
    const failed = (error: Error): void => lost(error.message);
    socket.once('error', failed);
    socket.once('connect', () => {
      reached = true;
      socket.off('error', failed);
      if (closed) return void socket.destroy();
      channel = openChannel<In, Out>(socket, { ...channelOptions, onClose: lost });
      onOpen(channel);
    });
    function lost(problem: string): void {
      if (reached) channel = undefined;
      if (closed) return onceClosed();
      retry = setTimeout(attempt, RetryInterval);
      onLost(problem);
    }
  }

  attempt();
  return {
    send: (message) => channel?.send(message) ?? false,
    isOpen: () => channel?.isOpen() ?? false,
    close: () => {
      closed = true;
      clearTimeout(retry);
      if (channel === undefined) return Promise.resolve();
      channel.close();
      return new Promise((resolve) => {
        onceClosed = resolve;
      });
    },
  };
}
