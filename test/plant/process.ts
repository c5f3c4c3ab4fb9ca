/** What kind of controller stands there; each has its own physics and the same memory layout. */
export const PlcKinds = ['intake', 'dosing', 'safety'] as const;
export type PlcKind = (typeof PlcKinds)[number];

/** The four Modbus tables of one controller; addresses are 0-based as on the wire. */
export interface PlcMemory {
  readonly coils: Uint8Array;
  readonly discreteInputs: Uint8Array;
  readonly holdingRegisters: Uint16Array;
  readonly inputRegisters: Uint16Array;
}

/** A controller with the bit of plant behind it. `step` moves the plant on by so many seconds. */
export interface Process {
  readonly memory: PlcMemory;
  readonly step: (seconds: number) => void;
}

/** Addresses the example model speaks of. */
export const Register = {
  flow: 0,
  level: 1,
  residual: 2,
  pumpSpeed: 3,
  pressure: 4,
  turbidity: 5,
  heartbeat: 6,
  setpoints: 100,
  dose: 140,
  filterHead: 200,
} as const;
export const PumpRunning = 12;
export const DoseInhibit = 64;
const InhibitBit = 1 << 15;

/** Water flows, chlorine follows the dose with a lag, the filter clogs slowly and is washed. */
export function createProcess(kind: PlcKind): Process {
  const memory: PlcMemory = {
    coils: new Uint8Array(256),
    discreteInputs: new Uint8Array(256),
    holdingRegisters: new Uint16Array(400),
    inputRegisters: new Uint16Array(400),
  };
  const { holdingRegisters, inputRegisters, discreteInputs } = memory;
  let seconds = 0;
  let residual = 0.8;
  let head = 1.5;
  holdingRegisters.fill(500, Register.setpoints, Register.setpoints + 20);
  holdingRegisters[Register.dose] = 18;
  discreteInputs[PumpRunning] = kind === 'safety' ? 0 : 1;
  discreteInputs.fill(kind === 'safety' ? 1 : 0, 0, 8);
  step(0);
  return { memory, step };

  function step(elapsed: number): void {
    seconds += elapsed;
    const dose = dosePerLitre();
    residual += (dose * 0.45 - residual) * Math.min(1, elapsed / 20);
    head = head > 9 ? 1.5 : head + elapsed * 0.005;
    telemetry(Register.flow, 4_800 + (holdingRegisters[Register.setpoints] ?? 0) + wave(60, 40));
    telemetry(Register.level, 6_200 + wave(300, 180));
    telemetry(Register.residual, residual * 100);
    telemetry(Register.pumpSpeed, discreteInputs[PumpRunning] ? 1_450 + wave(7, 9) : 0);
    telemetry(Register.pressure, 420 + wave(11, 6));
    telemetry(Register.turbidity, 12 + wave(90, 4));
    telemetry(Register.heartbeat, Math.floor(seconds) % 65_536);
    writeFloat(Register.filterHead, head);
  }

  function dosePerLitre(): number {
    const register = holdingRegisters[Register.dose] ?? 0;
    const runs = discreteInputs[PumpRunning] === 1 && (register & InhibitBit) === 0;
    return runs ? (register & ~InhibitBit) / 10 : 0;
  }

  function telemetry(address: number, value: number): void {
    holdingRegisters[address] = Math.round(value);
    inputRegisters[address] = Math.round(value);
  }

  function wave(period: number, size: number): number {
    return size * Math.sin((2 * Math.PI * seconds) / period);
  }

  function writeFloat(address: number, value: number): void {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    for (const table of [holdingRegisters, inputRegisters]) {
      table[address] = view.getUint16(0);
      table[address + 1] = view.getUint16(2);
    }
  }
}

/** A write to a coil; coil 64 is a bit of the dose register, the back door the alias in the model guards. */
export function writeCoil(memory: PlcMemory, address: number, on: boolean): void {
  memory.coils[address] = on ? 1 : 0;
  if (address !== DoseInhibit) return;
  const dose = memory.holdingRegisters[Register.dose] ?? 0;
  memory.holdingRegisters[Register.dose] = on ? dose | InhibitBit : dose & ~InhibitBit;
}

/** A write to a holding register, the dose register's bit 15 showing in coil 64 as well. */
export function writeRegister(memory: PlcMemory, address: number, value: number): void {
  memory.holdingRegisters[address] = value;
  if (address === Register.dose) memory.coils[DoseInhibit] = (value & InhibitBit) === 0 ? 0 : 1;
}
