import { createHash, timingSafeEqual } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type LocalListener, listenLocally } from '../../ipc/listen.ts';

/** Somebody who may come once with a token. */
export interface Expected {
  /** SHA-256 of the token, hexadecimal. */
  readonly token: string;
  /** Called once with the socket, half-open allowed and paused, from which the token was read. */
  readonly come: (socket: Socket) => void;
}

/** The local socket where the front brings vendors in: it lets in whoever shows a token that is expected. */
export interface Doorway {
  /** Listens, if it does not yet. @returns its path @throws GatewayError PST_ERR_SOCKET */
  readonly open: () => Promise<string>;
  readonly expect: (one: Expected) => void;
  readonly forget: (one: Expected) => void;
  readonly close: () => Promise<void>;
}

export interface DoorwayOptions {
  /** Where the front may look for sockets; the engine made it. */
  readonly directory: string;
  /** Of this process, the name of its socket. */
  readonly epoch: string;
}

/** Milliseconds whoever has connected may take to show a token. */
export const TokenWithin = 2_000;

/** Connections that may be without a token at one time; of more, the oldest goes. */
export const MostWithoutToken = 128;

/** Not listening, and expecting nobody. */
export function createDoorway({ directory, epoch }: DoorwayOptions): Doorway {
  const expected = new Set<Expected>();
  const waiting = new Set<Socket>();
  const path = join(directory, `${epoch}.sock`);
  let listener: Promise<LocalListener> | undefined;

  async function listen(): Promise<LocalListener> {
    await removeLeftOvers(directory, path);
    const options = { path, directoryMode: 0o2750, mode: 0o660, halfOpen: true, onConnection: greet };
    return listenLocally(options);
  }

  function greet(socket: Socket): void {
    const [oldest] = waiting;
    if (waiting.size >= MostWithoutToken && oldest !== undefined) oldest.destroy();
    waiting.add(socket);
    const shown = Buffer.alloc(TokenBytes);
    let length = 0;
    const late = setTimeout(() => socket.destroy(), TokenWithin);
    const settled = (): void => {
      clearTimeout(late);
      waiting.delete(socket);
    };
    socket.once('close', settled);
    socket.once('end', refuse);
    socket.on('data', receive);

    function receive(chunk: Buffer): void {
      const taken = chunk.copy(shown, length);
      length += taken;
      if (length < TokenBytes) return;
      const one = find(shown);
      if (one === undefined) return refuse();
      expected.delete(one);
      settled();
      socket.off('data', receive);
      socket.off('end', refuse);
      socket.pause();
      if (taken < chunk.length) socket.unshift(chunk.subarray(taken));
      one.come(socket);
    }

    function refuse(): void {
      socket.destroy();
    }
  }

  /** Looks at all of them, whatever fits, so that time tells nothing of them. */
  function find(shown: Buffer): Expected | undefined {
    const isLine = shown[TokenBytes - 1] === NewLine;
    const digest = createHash('sha256')
      .update(shown.subarray(0, TokenBytes - 1))
      .digest();
    let found: Expected | undefined;
    for (const one of expected) if (timingSafeEqual(digest, Buffer.from(one.token, 'hex'))) found = one;
    return isLine ? found : undefined;
  }

  return {
    open: async () => {
      listener ??= listen();
      try {
        await listener;
      } catch (cause) {
        listener = undefined;
        throw cause;
      }
      return path;
    },
    expect: (one) => expected.add(one),
    forget: (one) => expected.delete(one),
    close: async () => {
      expected.clear();
      await (await listener?.catch(() => undefined))?.close();
    },
  };
}

/** Sockets of processes that were killed. What answers stays. */
async function removeLeftOvers(directory: string, own: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const others = names
    .filter((name) => /^[0-9a-f]{16}\.sock$/.test(name))
    .map((name) => join(directory, name));
  for (const path of others)
    if (path !== own && !(await answers(path))) await unlink(path).catch(() => undefined);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** 43 characters of base64url and a line end. */
const TokenBytes = 44;
const NewLine = 0x0a;
