import koffi from 'koffi';
import { closeDescriptor, type SocketOption, SystemCallError, setIntegerOption } from './libc.ts';
import { type SocketAddress, socketAddress } from './socket.ts';

type Transfer = (fd: number, bytes: Uint8Array, length: number, flags: number) => number;
type Name = (fd: number, address: Uint8Array, length: Uint32Array) => number;

const libc = koffi.load(null);
// `recv` fills memory of ours in place; marked as out it would be copied at every call.
const recv: Transfer = libc.func('long recv(int, uint8_t *, size_t, int)');
const send: Transfer = libc.func('long send(int, const uint8_t *, size_t, int)');
const accept4: (fd: number, address: Uint8Array, length: Uint32Array, flags: number) => number = libc.func(
  'int accept4(int, uint8_t *, uint32_t *, int)',
);
const getsockname: Name = libc.func('int getsockname(int, uint8_t *, uint32_t *)');
const connect: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  'int connect(int, const uint8_t *, uint32_t)',
);
const socketpair: (domain: number, type: number, protocol: number, pair: Int32Array) => number = libc.func(
  'int socketpair(int, int, int, int32_t *)',
);
const shutdown: (fd: number, how: number) => number = libc.func('int shutdown(int, int)');
const getsockopt: (
  fd: number,
  level: number,
  name: number,
  value: Int32Array,
  length: Uint32Array,
) => number = libc.func('int getsockopt(int, int, int, int32_t *, uint32_t *)');

/** What {@link receiveInto} and {@link sendSome} give where nothing can be had or taken now. */
export const WouldBlock = -1;

/** What they give after an error of the connection: it is over. */
export const Broken = -2;

/** Bytes received into `into`, 0 after FIN, or {@link WouldBlock} or {@link Broken}. */
export function receiveInto(fd: number, into: Uint8Array): number {
  const count = recv(fd, into, into.length, 0);
  return count >= 0 ? count : failure();
}

/** Bytes of `[0, length)` the kernel took, or {@link WouldBlock} or {@link Broken}. */
export function sendSome(fd: number, bytes: Uint8Array, length: number): number {
  const count = send(fd, bytes, length, MSG_NOSIGNAL);
  return count >= 0 ? count : failure();
}

/** A client that has connected, and both ends of its connection. */
export interface Accepted {
  readonly fd: number;
  readonly client: SocketAddress;
  /** Where the client wanted to go. */
  readonly server: SocketAddress;
}

/**
 * The next client of an IPv4 listener, or undefined when none waits or it has left again. Its descriptor does not
 * block and is closed in children.
 * @throws SystemCallError EMFILE and its like: no descriptors are left
 */
export function acceptNext(listener: number): Accepted | undefined {
  Length[0] = AddressBytes;
  const fd = accept4(listener, Address, Length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (koffi.errno() === EAGAIN) return undefined;
    const error = lastError('accept4');
    if (NothingToAccept.has(error.errno)) return undefined;
    throw error;
  }
  const client = addressOf(Address);
  const server = ownAddress(fd);
  if (server !== undefined) return { fd, client, server };
  closeDescriptor(fd);
  return undefined;
}

/** The address this end of an IPv4 socket has; undefined where it has none. */
export function ownAddress(fd: number): SocketAddress | undefined {
  Length[0] = AddressBytes;
  return getsockname(fd, Address, Length) === 0 ? addressOf(Address) : undefined;
}

/** Begins to connect; the descriptor is writable when that is decided, see {@link connectOutcome}. @throws SystemCallError */
export function beginConnect(fd: number, server: SocketAddress): void {
  const address = socketAddress(server.address, server.port);
  // Asked by number: an error object with its stack, for what is no error, was a tenth of the cost of a connection.
  if (connect(fd, address, address.length) === 0 || koffi.errno() === EINPROGRESS) return;
  throw lastError('connect');
}

/** @throws SystemCallError why it could not connect */
export function connectOutcome(fd: number): void {
  Length[0] = 4;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, Outcome, Length) < 0) throw lastError('getsockopt');
  if (Outcome[0] !== 0) throw new SystemCallError('connect', Outcome[0] ?? 0);
}

/** Two stream sockets connected to each other and to nothing else, neither of which blocks. @throws SystemCallError */
export function openPair(): readonly [number, number] {
  const pair = new Int32Array(2);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
    throw lastError('socketpair');
  return [pair[0] ?? -1, pair[1] ?? -1];
}

/** What has come on a connection since it began, modulo 2³². */
export interface Arrived {
  /** Segments with data; what the network device put together counts as what it was on the wire. */
  readonly segments: number;
  /** Bytes of the stream in order, whether read or not; FIN counts as one. */
  readonly bytes: number;
}

/** As `struct tcp_info` of linux/tcp.h has it; no segments where the kernel does not say. */
export function arrived(fd: number): Arrived {
  Length[0] = TcpInfo.length * 4;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, TcpInfo, Length) < 0 || (Length[0] ?? 0) <= 4 * DataSegmentsWord)
    return { segments: 0, bytes: 0 };
  return { segments: (TcpInfo[DataSegmentsWord] ?? 0) >>> 0, bytes: (TcpInfo[BytesWord] ?? 0) >>> 0 };
}

/** Sends FIN. A connection that is gone already has nothing to end. */
export function endSending(fd: number): void {
  shutdown(fd, SHUT_WR);
}

/**
 * No waiting for more bytes, and keepalive after `silence` milliseconds: ten questions a second apart, as Node has it,
 * and a connection without an answer is over. What a listener has its clients inherit. @throws SystemCallError
 */
export function tune(fd: number, silence: number): void {
  setIntegerOption(fd, TCP_NODELAY, 1);
  setIntegerOption(fd, SO_KEEPALIVE, 1);
  setIntegerOption(fd, TCP_KEEPIDLE, Math.ceil(silence / 1000));
  setIntegerOption(fd, TCP_KEEPINTVL, 1);
  setIntegerOption(fd, TCP_KEEPCNT, 10);
}

function failure(): number {
  const errno = koffi.errno();
  return errno === EAGAIN || errno === EINTR ? WouldBlock : Broken;
}

function lastError(call: string): SystemCallError {
  return new SystemCallError(call, koffi.errno());
}

function addressOf(bytes: Uint8Array): SocketAddress {
  const port = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  return { address: `${bytes[4]}.${bytes[5]}.${bytes[6]}.${bytes[7]}`, port };
}

const EAGAIN = koffi.os.errno['EAGAIN'];
const EINPROGRESS = koffi.os.errno['EINPROGRESS'];
const EINTR = koffi.os.errno['EINTR'];
/** The connection was reset before it was accepted, or its network's error shows here (`accept(2)`, "Error handling"). */
const NothingToAccept: ReadonlySet<string> = new Set([
  'EINTR',
  'ECONNABORTED',
  'ENETDOWN',
  'EPROTO',
  'ENOPROTOOPT',
  'EHOSTDOWN',
  'ENONET',
  'EHOSTUNREACH',
  'EOPNOTSUPP',
  'ENETUNREACH',
]);

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** `tcpi_data_segs_in`, 152 bytes into the structure on every 64-bit Linux. */
const DataSegmentsWord = 38;
/** The lower half of `tcpi_bytes_received`, 128 bytes in; all Linux that Node 24 runs on is little-endian here. */
const BytesWord = 32;
/** Used for one call at a time: memory for each call would be most of what a connection costs here. */
const TcpInfo = new Int32Array(40);
const Outcome = new Int32Array(1);
const Length = new Uint32Array(1);
const AddressBytes = 16;
const Address = new Uint8Array(AddressBytes);
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const TCP_NODELAY: SocketOption = { name: 'TCP_NODELAY', level: 6, number: 1 };
const SO_KEEPALIVE: SocketOption = { name: 'SO_KEEPALIVE', level: 1, number: 9 };
const TCP_KEEPIDLE: SocketOption = { name: 'TCP_KEEPIDLE', level: 6, number: 4 };
const TCP_KEEPINTVL: SocketOption = { name: 'TCP_KEEPINTVL', level: 6, number: 5 };
const TCP_KEEPCNT: SocketOption = { name: 'TCP_KEEPCNT', level: 6, number: 6 };
