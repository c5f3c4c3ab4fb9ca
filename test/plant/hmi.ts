import { parseArgs } from 'node:util';
import modbus from 'modbus-serial';
import { Register } from './process.ts';

export interface HmiOptions {
  readonly host: string;
  readonly port: number;
  /** Between two polls, milliseconds. */
  readonly interval?: number;
  readonly onReading?: (reading: Reading) => void;
}

/** What one poll gave. */
export type Reading =
  | {
      readonly kind: 'values';
      /** m3/h */
      readonly flow: number;
      /** mg/l of free chlorine */
      readonly residual: number;
      /** mg/l */
      readonly dose: number;
      readonly pumpRunning: boolean;
    }
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'lost'; readonly problem: string };

export interface Hmi {
  /** Polls answered with values, with an exception, and not at all. */
  readonly tally: { values: number; exception: number; lost: number };
  readonly close: () => Promise<void>;
}

const UnitIdentifier = 1;
const TimeoutMilliseconds = 2_000;

/** Polls one controller until it is closed, and connects again after every loss. */
export function startHmi(options: HmiOptions): Hmi {
  const tally = { values: 0, exception: 0, lost: 0 };
  let client = new modbus.default();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let polling = poll();
  return {
    tally,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      client.close(() => {});
      await polling;
    },
  };

  async function poll(): Promise<void> {
    const reading = await read().catch(explain);
    if (closed) return;
    tally[reading.kind] += 1;
    options.onReading?.(reading);
    timer = setTimeout(() => {
      polling = poll();
    }, options.interval ?? 1_000);
  }

  async function read(): Promise<Reading> {
    if (!client.isOpen) await connect();
    const telemetry = await client.readHoldingRegisters(Register.flow, 10);
    const dose = await client.readHoldingRegisters(Register.dose, 1);
    const inputs = await client.readDiscreteInputs(0, 16);
    return {
      kind: 'values',
      flow: (telemetry.data[Register.flow] ?? 0) / 10,
      residual: (telemetry.data[Register.residual] ?? 0) / 100,
      dose: (dose.data[0] ?? 0) / 10,
      pumpRunning: inputs.data[12] ?? false,
    };
  }

  async function connect(): Promise<void> {
    client = new modbus.default();
    client.on('error', () => {});
    await client.connectTCP(options.host, { port: options.port });
    client.setID(UnitIdentifier);
    client.setTimeout(TimeoutMilliseconds);
  }

  function explain(error: unknown): Reading {
    const code = (error as { modbusCode?: number }).modbusCode;
    if (code !== undefined) return { kind: 'exception', code };
    client.close(() => {});
    return { kind: 'lost', problem: error instanceof Error ? error.message : String(error) };
  }
}

/** `node hmi.ts --host 10.30.0.12 --port 502`: polls and prints one line per reading. */
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '502' },
      interval: { type: 'string', default: '1000' },
    },
  });
  startHmi({
    host: values.host,
    port: Number(values.port),
    interval: Number(values.interval),
    onReading: (reading) => console.log(JSON.stringify(reading)),
  });
}
