import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import { LoneHalfTime } from './join-halves.ts';

/**
 * Carries a forward's bytes both ways, unchanged, with half-closed ends. ssh2 hands on to the connection whatever
 * the client's window allows, and a client may allow gigabytes: what reads the data socket waits for the connection
 * as well. `onEnd` comes once.
 */
export function joinForward(
  channel: ServerChannel,
  data: Socket,
  connection: Socket,
  onEnd: () => void,
): void {
  let lone: NodeJS.Timeout | undefined;
  const goOn = (): void => {
    if (!channel.writableNeedDrain && !connection.writableNeedDrain) data.resume();
  };

  data.on('data', (piece: Buffer) => {
    lone?.refresh();
    if (!channel.write(piece) || connection.writableNeedDrain) data.pause();
  });
  channel.on('drain', goOn);
  connection.on('drain', goOn);
  data.once('end', () => {
    lone = setTimeout(() => data.destroy(), LoneHalfTime);
    // After everything before it. `end` would close the channel, and the client's half with it.
    channel.write(Buffer.alloc(0), () => channel.eof());
  });
  data.once('close', () => channel.end());

  channel.on('data', (piece: Buffer) => {
    lone?.refresh();
    if (!data.write(piece)) channel.pause();
  });
  data.on('drain', () => channel.resume());
  channel.once('end', () => data.end());
  channel.once('close', () => {
    clearTimeout(lone);
    connection.off('drain', goOn);
    if (connection.destroyed) data.destroy();
    else data.destroySoon();
    onEnd();
  });
  // A client that closed while it was accepted says nothing any more.
  if (connection.destroyed) data.destroy();
  else data.resume();
}
