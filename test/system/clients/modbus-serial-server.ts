/**
 * modbus-serial as a server on every unit: addresses 0-based, registers 0-59999 and bits 0-65535.
 *   modbus-serial-server.ts ADDRESS PORT
 */
import modbus from 'modbus-serial';

const [address = '', port = ''] = process.argv.slice(2);
const registers = Uint16Array.from({ length: 60_000 }, (_, index) => index * 3);
const inputs = registers.slice();
const coils = Uint8Array.from({ length: 65_536 }, (_, index) => (index % 3 === 0 ? 1 : 0));
const discretes = coils.slice();
const IllegalDataAddress = 2;

const memory = {
  getCoil: (at: number) => read(coils, at) === 1,
  getDiscreteInput: (at: number) => read(discretes, at) === 1,
  getHoldingRegister: (at: number) => read(registers, at),
  getInputRegister: (at: number) => read(inputs, at),
  setCoil: async (at: number, on: boolean) => write(coils, at, on ? 1 : 0),
  setRegister: async (at: number, value: number) => write(registers, at, value),
  readDeviceIdentification: () => ({ 0: 'Penstock', 1: 'PLANT', 2: '1.0', 3: 'https://penstock.example' }),
};
const server = new modbus.ServerTCP(memory, { host: address, port: Number(port), unitID: 255 });
server.on('socketError', () => {});
server.on('initialized', () => console.log('listening'));

function read(table: Uint8Array | Uint16Array, at: number): number {
  return table[at] ?? refuse();
}

function write(table: Uint8Array | Uint16Array, at: number, value: number): void {
  if (at >= table.length) refuse();
  table[at] = value;
}

function refuse(): never {
  throw Object.assign(new Error('no such address'), { modbusErrorCode: IllegalDataAddress });
}
