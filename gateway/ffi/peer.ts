import type { Socket } from 'node:net';
import koffi from 'koffi';

type GetSockOpt = (fd: number, level: number, name: number, value: Uint8Array, length: Uint32Array) => number;
const getsockopt: GetSockOpt = koffi
  .load(null)
  .func('int getsockopt(int, int, int, _Out_ uint8_t *, _Inout_ uint32_t *)');

/**
 * The user that runs the process at the other end of a local socket, as the kernel noted it when the connection was
 * made; undefined where it cannot be told (`unix(7)`, SO_PEERCRED).
 */
export function peerUser(socket: Socket): number | undefined {
  const fd = (socket as unknown as { readonly _handle?: { readonly fd?: number } })._handle?.fd ?? -1;
  // `struct ucred`: process, user and group, 32 bits each.
  const credentials = new Uint8Array(12);
  if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, Uint32Array.of(12)) < 0)
    return undefined;
  return new DataView(credentials.buffer).getUint32(4, true);
}

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
