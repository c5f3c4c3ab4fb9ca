import koffi from 'koffi';

/**
 * The C functions the gateway calls itself: socket options that Node does not know, netlink, and sockets for the
 * inspectors' own event loop (stream-socket.ts, epoll.ts). Everything else stays with libuv.
 */
const libc = koffi.load(null);

type Socket = (domain: number, type: number, protocol: number) => number;
type SetSockOpt = (fd: number, level: number, name: number, value: Uint8Array, length: number) => number;
type Bind = (fd: number, address: Uint8Array, length: number) => number;
type Listen = (fd: number, backlog: number) => number;
type Close = (fd: number) => number;
type Receive = (fd: number, into: Uint8Array, length: number, flags: number) => number;
type IndexToName = (index: number, name: Uint8Array) => bigint | number | null;
type Send = (fd: number, from: Uint8Array, length: number, flags: number) => number;

const socket: Socket = libc.func('int socket(int, int, int)');
const setsockopt: SetSockOpt = libc.func('int setsockopt(int, int, int, const uint8_t *, uint32_t)');
const bind: Bind = libc.func('int bind(int, const uint8_t *, uint32_t)');
const listen: Listen = libc.func('int listen(int, int)');
const close: Close = libc.func('int close(int)');
const recv: Receive = libc.func('long recv(int, uint8_t *, size_t, int)');
const send: Send = libc.func('long send(int, const uint8_t *, size_t, int)');
const indexToName: IndexToName = libc.func('void *if_indextoname(uint32_t, uint8_t *)');

/** A system call that failed: its name as in the manual, what it was about, and the symbolic errno. */
export class SystemCallError extends Error {
  readonly call: string;
  /** `EPERM`, `EADDRINUSE`, …; `E` and the number where the name is not known. */
  readonly errno: string;

  constructor(call: string, errno: number) {
    const name = nameErrno(errno);
    super(`${call}: ${name}`);
    this.name = 'SystemCallError';
    this.call = call;
    this.errno = name;
  }
}

/** A new socket, closed in children. @throws SystemCallError */
export function openSocket(domain: number, type: number, protocol: number): number {
  return checked('socket', socket(domain, type | SOCK_CLOEXEC, protocol));
}

/** Sets an option whose value is an `int`; `name` is for the error. @throws SystemCallError */
export function setIntegerOption(fd: number, option: SocketOption, value: number): void {
  Integer[0] = value;
  setOption(fd, option, IntegerBytes);
}

/** Sets an option whose value is a C structure laid out by the caller. @throws SystemCallError */
export function setOption(fd: number, option: SocketOption, value: Uint8Array): void {
  checked(`setsockopt ${option.name}`, setsockopt(fd, option.level, option.number, value, value.length));
}

/** @throws SystemCallError */
export function bindSocket(fd: number, address: Uint8Array): void {
  checked('bind', bind(fd, address, address.length));
}

/** @throws SystemCallError */
export function listenOn(fd: number, backlog: number): void {
  checked('listen', listen(fd, backlog));
}

/** Closes; a descriptor that is already closed is not an error. */
export function closeDescriptor(fd: number): void {
  close(fd);
}

/** Blocks until a datagram arrives and gives its length. @throws SystemCallError, EAGAIN after the time-out */
export function receive(fd: number, into: Uint8Array): number {
  return checked('recv', recv(fd, into, into.length, 0));
}

/** @throws SystemCallError */
export function sendBytes(fd: number, bytes: Uint8Array): void {
  checked('send', send(fd, bytes, bytes.length, 0));
}

/** Name of a network device by its index in this network namespace; its number as text when it is gone. */
export function deviceName(index: number): string {
  const name = new Uint8Array(16);
  if (indexToName(index, name) === null) return String(index);
  return String.fromCharCode(...name.subarray(0, name.indexOf(0)));
}

/** A socket option by its two numbers in the Linux ABI (x86-64 and arm64 agree on all used here). */
export interface SocketOption {
  readonly name: string;
  readonly level: number;
  readonly number: number;
}

/** Used for one call at a time, which copies it: memory for each would be most of what a connection costs here. */
const Integer = new Int32Array(1);
const IntegerBytes = new Uint8Array(Integer.buffer);

function checked(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno());
  return result;
}

function nameErrno(errno: number): string {
  return ErrnoNames.get(errno) ?? `E${errno}`;
}

/** Where two names share a number (EAGAIN, EWOULDBLOCK) the first holds. */
const ErrnoNames: ReadonlyMap<number, string> = new Map(
  Object.entries(koffi.os.errno)
    .map(([name, number]): [number, string] => [number, name])
    .reverse(),
);

const SOCK_CLOEXEC = 0o2000000;
