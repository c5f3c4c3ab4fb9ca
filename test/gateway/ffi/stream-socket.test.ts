import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../gateway/cli/free-port.ts';
import { bindSocket, closeDescriptor, listenOn, openSocket } from '../../../gateway/ffi/libc.ts';
import { socketAddress } from '../../../gateway/ffi/socket.ts';
import {
  acceptNext,
  Broken,
  beginConnect,
  connectOutcome,
  endSending,
  openPair,
  receiveInto,
  sendSome,
  tune,
  WouldBlock,
} from '../../../gateway/ffi/stream-socket.ts';

const open: number[] = [];
afterEach(() => {
  for (const fd of open.splice(0)) closeDescriptor(fd);
});

function pair(): readonly [number, number] {
  const both = openPair();
  open.push(...both);
  return both;
}

const InternetStream = [2, 1 | 0o4000, 0] as const;

async function listener(): Promise<{ readonly fd: number; readonly port: number }> {
  const fd = openSocket(...InternetStream);
  open.push(fd);
  const port = await freePort(28_000 + (process.pid % 500) * 8);
  bindSocket(fd, socketAddress('127.0.0.1', port));
  listenOn(fd, 8);
  return { fd, port };
}

/** Asks until the kernel has it. */
async function eventually<T>(ask: () => T | undefined): Promise<T> {
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('bytes over a descriptor', () => {
  test('arrive as they were sent, those before the length alone, and there are none before', () => {
    const [near, far] = pair();
    const into = new Uint8Array(8);
    expect(receiveInto(near, into)).toBe(WouldBlock);
    expect(sendSome(far, Uint8Array.of(1, 0, 255, 9), 3)).toBe(3);
    expect(receiveInto(near, into)).toBe(3);
    expect([...into]).toEqual([1, 0, 255, 0, 0, 0, 0, 0]);
  });

  test('that the other side does not read are refused after some, and none is lost', () => {
    const [near, far] = pair();
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    let sent = 0;
    for (let took = 0; took !== WouldBlock; took = sendSome(far, bytes, bytes.length)) sent += took;
    const into = new Uint8Array(bytes.length);
    let received = 0;
    for (let got = receiveInto(near, into); got !== WouldBlock; got = receiveInto(near, into))
      received += got;
    expect(sent).toBeGreaterThan(0);
    expect(received).toBe(sent);
  });

  test('end with 0, the other direction going on', () => {
    const [near, far] = pair();
    sendSome(far, Uint8Array.of(1), 1);
    endSending(far);
    const into = new Uint8Array(4);
    expect([receiveInto(near, into), receiveInto(near, into)]).toEqual([1, 0]);
    expect(sendSome(near, Uint8Array.of(2), 1)).toBe(1);
    expect(receiveInto(far, into)).toBe(1);
  });

  test('for a side that is gone are an answer, not a signal that ends the process', () => {
    const [near, far] = openPair();
    open.push(near);
    closeDescriptor(far);
    expect(sendSome(near, Uint8Array.of(1), 1)).toBe(Broken);
    expect(receiveInto(-1, new Uint8Array(1))).toBe(Broken);
  });
});

describe('a client', () => {
  test('is accepted with both ends of its connection, and nobody where none waits', async () => {
    const { fd, port } = await listener();
    expect(acceptNext(fd)).toBeUndefined();
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    const accepted = await eventually(() => acceptNext(fd));
    open.push(accepted.fd);
    expect(accepted).toMatchObject({
      client: { address: '127.0.0.1', port: client.localPort },
      server: { address: '127.0.0.1', port },
    });
    tune(accepted.fd, 30_000);
    expect(receiveInto(accepted.fd, new Uint8Array(1))).toBe(WouldBlock);
    client.destroy();
  });

  test('of ours connects, or is told why not', async () => {
    const { fd, port } = await listener();
    const reaching = openSocket(...InternetStream);
    const failing = openSocket(...InternetStream);
    open.push(reaching, failing);
    beginConnect(reaching, { address: '127.0.0.1', port });
    open.push((await eventually(() => acceptNext(fd))).fd);
    connectOutcome(reaching);
    closeDescriptor(open.splice(open.indexOf(fd), 1)[0] ?? -1);
    const said = await eventually(() => refusal(failing, port));
    expect(said).toContain('ECONNREFUSED');
  });
});

/** On loopback the refusal may be there before the call has returned. */
function refusal(fd: number, port: number): string | undefined {
  try {
    beginConnect(fd, { address: '127.0.0.1', port });
    connectOutcome(fd);
    return undefined;
  } catch (cause) {
    return String(cause);
  }
}
