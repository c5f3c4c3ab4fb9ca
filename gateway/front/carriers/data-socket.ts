import { connect, type Socket } from 'node:net';

/** Milliseconds an inspector has to take a token. It dials the target first. */
export const DataSocketTime = 15_000;

/**
 * Opens a channel's data socket: the token and a newline are written, and one `+` comes back once the target is
 * connected. The socket is paused, half-open ends are allowed, and every byte after the `+` is payload. Undefined
 * where it was refused or took too long; `socketMade` is told of the socket at once, so that it can be ended before.
 */
export function openDataSocket(
  { path, token }: { readonly path: string; readonly token: string },
  socketMade: (socket: Socket) => void,
  patience: number = DataSocketTime,
): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true });
    const timer = setTimeout(() => settle(undefined), patience);
    const refused = (): void => settle(undefined);
    socket.on('error', () => undefined);
    socket.once('close', refused);
    socket.once('end', refused);
    socket.once('data', heard);
    socketMade(socket);
    socket.write(`${token}\n`);

    function heard(answer: Buffer): void {
      socket.pause();
      if (answer[0] !== Accepted) return settle(undefined);
      if (answer.length > 1) socket.unshift(answer.subarray(1));
      settle(socket);
    }

    function settle(outcome: Socket | undefined): void {
      clearTimeout(timer);
      socket.off('close', refused);
      socket.off('end', refused);
      socket.off('data', heard);
      if (outcome === undefined) socket.destroy();
      resolve(outcome);
    }
  });
}

const Accepted = 0x2b;
