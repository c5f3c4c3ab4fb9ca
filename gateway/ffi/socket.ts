import { isIPv4 } from 'node:net';
import { GatewayError } from '../errors.ts';
import {
  bindSocket,
  closeDescriptor,
  listenOn,
  openSocket,
  type SocketOption,
  SystemCallError,
  setIntegerOption,
  setOption,
} from './libc.ts';

/**
 * The mark on every packet of the inspectors' own sockets. The ruleset's output chain accepts it. It must
 * differ from the mark that means "deliver locally" (0x1), because SO_MARK takes part in `ip rule fwmark`.
 */
export const InspectorMark = 0x100;

/** One side of a TCP connection: an IPv4 literal and a port, 0 to 65535. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * A listening socket for connections diverted by TPROXY, for `net.createServer(…).listen({fd})`. An accepted
 * socket's local address is where the client wanted to go. It binds loopback only, since a listener on
 * 0.0.0.0 would swallow forwarded replies to its port. Accepted sockets inherit the mark and the reset on
 * close, so that the death of the process resets its clients at once; and the room for answers that nobody reads.
 * @throws GatewayError PST_ERR_LISTEN, PST_ERR_CAPABILITY, PST_ERR_KERNEL_FEATURE; cause SystemCallError
 */
export function openTransparentListener(port: number): number {
  return build(`127.0.0.1:${port}`, (fd) => {
    setIntegerOption(fd, SO_REUSEADDR, 1);
    makeTransparent(fd);
    setIntegerOption(fd, SO_SNDBUF, AnswersHeld);
    bindSocket(fd, socketAddress('127.0.0.1', port));
    listenOn(fd, Backlog);
  });
}

/**
 * A socket bound to the client's own address and port, not yet connected, so that the server sees its
 * client. Use as `new net.Socket({fd, allowHalfOpen: true, manualStart: true}).connect({host, port})` with
 * an IP literal. Port 0 keeps the address and leaves the port to `connect`, which is also what happens when
 * the port cannot be bound: a server without TCP timestamps leaves its client's port in TIME_WAIT here.
 * That is mostly noticed by `connect` (EADDRNOTAVAIL); call again with port 0 then.
 * @throws GatewayError PST_ERR_CAPABILITY, PST_ERR_KERNEL_FEATURE; cause SystemCallError
 */
export function openUpstream(client: SocketAddress): number {
  return build(`${client.address}:${client.port}`, (fd) => {
    setIntegerOption(fd, SO_REUSEADDR, 1);
    makeTransparent(fd);
    if (client.port !== 0 && tryBind(fd, client)) return;
    setIntegerOption(fd, IP_BIND_ADDRESS_NO_PORT, 1);
    bindSocket(fd, socketAddress(client.address, 0));
  });
}

/**
 * A socket for a connection of the inspectors' own, not yet connected and bound to nothing: the route to the server
 * gives it the box's address there. Use as {@link openUpstream}.
 * @throws GatewayError PST_ERR_CAPABILITY, PST_ERR_KERNEL_FEATURE; cause SystemCallError
 */
export function openMarked(): number {
  return build('a connection of the box', mark);
}

/**
 * Whether closing the socket, also by the death of the process, sends a reset at once. Both kinds of socket
 * above start with it on. Switch it off before an orderly close, or bytes not yet acknowledged are lost.
 * @throws SystemCallError
 */
export function setResetOnClose(fd: number, on: boolean): void {
  setOption(fd, SO_LINGER, on ? LingerNot : LingerAsUsual);
}

function build(target: string, configure: (fd: number) => void): number {
  let fd = -1;
  try {
    fd = openSocket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    configure(fd);
    return fd;
  } catch (cause) {
    if (fd >= 0) closeDescriptor(fd);
    throw cause instanceof SystemCallError ? explain(target, cause) : cause;
  }
}

function makeTransparent(fd: number): void {
  setIntegerOption(fd, IP_TRANSPARENT, 1);
  mark(fd);
}

function mark(fd: number): void {
  setIntegerOption(fd, SO_MARK, InspectorMark);
  setResetOnClose(fd, true);
}

function tryBind(fd: number, { address, port }: SocketAddress): boolean {
  try {
    bindSocket(fd, socketAddress(address, port));
    return true;
  } catch (cause) {
    if (cause instanceof SystemCallError && PortTaken.has(cause.errno)) return false;
    throw cause;
  }
}

function explain(target: string, cause: SystemCallError): GatewayError {
  const detail = `(${cause.call} for ${target}: ${cause.errno})`;
  if (cause.errno === 'EPERM' || cause.errno === 'EACCES') {
    return new GatewayError('PST_ERR_CAPABILITY', `CAP_NET_RAW is needed ${detail}.`, cause);
  }
  if (cause.call === 'bind' || cause.call === 'listen') {
    return new GatewayError('PST_ERR_LISTEN', detail, cause);
  }
  return new GatewayError('PST_ERR_KERNEL_FEATURE', detail, cause);
}

/** `struct sockaddr_in`, in memory that the next call uses again. @throws TypeError for what is no IPv4 literal */
export function socketAddress(address: string, port: number): Uint8Array {
  if (!isIPv4(address)) throw new TypeError(`not an IPv4 address: ${address}`);
  // Memory of its own for each would be most of what a connection costs here.
  Address.fill(0);
  Address[0] = AF_INET;
  Address[2] = port >> 8;
  Address[3] = port & 0xff;
  Address.set(address.split('.').map(Number), 4);
  return Address;
}

const Address = new Uint8Array(16);

/** `struct linger`: on, and for no time. */
const LingerNot = new Uint8Array(Int32Array.of(1, 0).buffer);
const LingerAsUsual = new Uint8Array(8);

const Backlog = 512;
/**
 * Bytes of answers that the kernel keeps for a client: by itself it would come to 4 MiB for each that never reads, and
 * have controllers asked until they are full. 250 of the longest answers fit.
 */
const AnswersHeld = 64 * 1024;
const PortTaken: ReadonlySet<string> = new Set(['EADDRINUSE', 'EADDRNOTAVAIL']);

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SO_REUSEADDR: SocketOption = { name: 'SO_REUSEADDR', level: 1, number: 2 };
const SO_SNDBUF: SocketOption = { name: 'SO_SNDBUF', level: 1, number: 7 };
const SO_LINGER: SocketOption = { name: 'SO_LINGER', level: 1, number: 13 };
const SO_MARK: SocketOption = { name: 'SO_MARK', level: 1, number: 36 };
const IP_TRANSPARENT: SocketOption = { name: 'IP_TRANSPARENT', level: 0, number: 19 };
const IP_BIND_ADDRESS_NO_PORT: SocketOption = { name: 'IP_BIND_ADDRESS_NO_PORT', level: 0, number: 24 };
