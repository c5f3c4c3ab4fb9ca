import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import modbus from 'modbus-serial';
import {
  createProcess,
  type PlcKind,
  PlcKinds,
  type PlcMemory,
  writeCoil,
  writeRegister,
} from './process.ts';

export interface PlcOptions {
  readonly kind: PlcKind;
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** A simulated controller, listening. */
export interface Plc {
  readonly address: string;
  readonly port: number;
  readonly memory: PlcMemory;
  readonly close: () => Promise<void>;
}

const UnitIdentifier = 1;
const StepMilliseconds = 200;
const IllegalDataAddress = 2;

/** Starts one controller as unit 1 of a Modbus/TCP server; throws when the port is taken. */
export async function startPlc(options: PlcOptions): Promise<Plc> {
  const port = options.port === 0 ? await freePort(options.address) : options.port;
  const { memory, step } = createProcess(options.kind);
  const server = new modbus.ServerTCP(vector(memory), {
    host: options.address,
    port,
    unitID: UnitIdentifier,
  });
  // A client that resets its connection is everyday life of a controller.
  server.on('socketError', () => {});
  await new Promise<void>((resolve, reject) => {
    server.on('initialized', () => resolve());
    server.on('serverError', reject);
  });
  const timer = setInterval(() => step(StepMilliseconds / 1000), StepMilliseconds);
  return {
    address: options.address,
    port,
    memory,
    close: () => {
      clearInterval(timer);
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function vector(memory: PlcMemory) {
  const register = (table: Uint16Array) => (address: number) => table[address] ?? refuse();
  const bit = (table: Uint8Array) => (address: number) => (table[address] ?? refuse()) === 1;
  return {
    getCoil: bit(memory.coils),
    getDiscreteInput: bit(memory.discreteInputs),
    getHoldingRegister: register(memory.holdingRegisters),
    getInputRegister: register(memory.inputRegisters),
    setCoil: async (address: number, on: boolean) => {
      if (address >= memory.coils.length) refuse();
      writeCoil(memory, address, on);
    },
    setRegister: async (address: number, value: number) => {
      if (address >= memory.holdingRegisters.length) refuse();
      writeRegister(memory, address, value);
    },
  };
}

function refuse(): never {
  throw Object.assign(new Error('no such address'), { modbusErrorCode: IllegalDataAddress });
}

/** modbus-serial reads port 0 as 502, so the free one is found first. */
function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, address, () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : 0));
    });
  });
}

/** `node plc.ts --kind dosing --address 10.30.0.12 --port 502`: one controller until it is killed. */
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kind: { type: 'string', default: 'dosing' },
      address: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '502' },
    },
  });
  const kind = PlcKinds.find((known) => known === values.kind);
  if (kind === undefined) throw new Error(`--kind is one of ${PlcKinds.join(', ')}`);
  const plc = await startPlc({ kind, address: values.address, port: Number(values.port) });
  console.log(`listening ${plc.address}:${plc.port}`);
}
