import { Python } from '../../groups.ts';
import { type Running, start } from '../../plant/namespaces/exec.ts';
import { client, compileClient } from '../bench.ts';
import type { Wire } from './wire.ts';

/** A pseudo-terminal has no parity, and libraries that ask for it are refused. */
export const Baud = 19_200;

/** libmodbus as the one device of a wire, unit 1; registers hold three times their address. */
export async function startLibmodbus(wire: Wire, folder: string): Promise<Running> {
  const program = await compileClient('libmodbus-rtu-server', folder);
  return listening(start([program, wire.devices, String(Baud), 'N', '1']));
}

/** pymodbus as the devices of a wire, units 1 and 2; registers hold three times their address. */
export function startPymodbus(wire: Wire): Promise<Running> {
  return listening(start([Python, client('pymodbus_rtu_server.py'), wire.devices, String(Baud), 'N']));
}

async function listening(server: Running): Promise<Running> {
  await server.says(/listening/);
  return server;
}
