import { BlockList, isIP } from 'node:net';

/** Whether an address can be reached from this machine only: 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Whether a Host header names this machine. A page of another site whose name was made to point at
 * 127.0.0.1 (DNS rebinding) sends that site's name, and would else read the API as its own.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const match = /^(?:\[(?<six>[0-9a-f:]+)\]|(?<name>[a-z0-9.-]+))(?::\d{1,5})?$/i.exec(host ?? '');
  const name = match?.groups?.['six'] ?? match?.groups?.['name'] ?? '';
  return name.toLowerCase() === 'localhost' || isLoopback(name);
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
