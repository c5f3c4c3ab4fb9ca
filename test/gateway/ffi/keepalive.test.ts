import koffi from 'koffi';
import { afterEach, expect, test } from 'vitest';
import { bindSocket, closeDescriptor, listenOn } from '../../../gateway/ffi/libc.ts';
import { socketAddress } from '../../../gateway/ffi/socket.ts';
import { acceptNext, ownAddress, tune } from '../../../gateway/ffi/stream-socket.ts';
import { KeepaliveDelay } from '../../../gateway/inspector/carrier.ts';
import { plainSocket } from '../inspector/data-paths.ts';
import { createLoopback, type Loopback } from '../inspector/loopback.ts';

const open: number[] = [];
const loopback: Loopback = createLoopback();
afterEach(() => {
  for (const fd of open.splice(0)) closeDescriptor(fd);
  loopback.close();
});

test('a socket is tuned as Node tunes its own, and so is what a listener accepts', async () => {
  const fd = plainSocket();
  open.push(fd);
  bindSocket(fd, socketAddress('127.0.0.1', 0));
  listenOn(fd, 8);
  tune(fd, KeepaliveDelay);
  const { socket } = await loopback.connect(ownAddress(fd)?.port ?? 0);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KeepaliveDelay);
  const reference = tuningOf((socket as unknown as { _handle: { fd: number } })._handle.fd);
  const accepted = acceptNext(fd)!;
  open.push(accepted.fd);
  expect(reference).toMatchObject({ noDelay: 1, keepalive: 1, idle: KeepaliveDelay / 1000 });
  expect(tuningOf(fd)).toEqual(reference);
  expect(tuningOf(accepted.fd)).toEqual(reference);
});

const getsockopt: (
  fd: number,
  level: number,
  name: number,
  value: Int32Array,
  length: Uint32Array,
) => number = koffi.load(null).func('int getsockopt(int, int, int, int32_t *, uint32_t *)');

/** How a TCP socket is tuned; seconds. */
function tuningOf(fd: number) {
  const read = (level: number, name: number): number => {
    const value = new Int32Array(1);
    if (getsockopt(fd, level, name, value, Uint32Array.of(4)) < 0) throw new Error('getsockopt');
    return value[0] ?? -1;
  };
  return {
    noDelay: Math.sign(read(6, 1)),
    keepalive: read(1, 9),
    idle: read(6, 4),
    interval: read(6, 5),
    count: read(6, 6),
  };
}
