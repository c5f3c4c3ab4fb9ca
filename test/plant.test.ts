import { expect, test } from 'vitest';
import { type Reading, startHmi } from './plant/hmi.ts';
import { startPlant } from './plant/plant.ts';
import {
  createProcess,
  DoseInhibit,
  PumpRunning,
  Register,
  writeCoil,
  writeRegister,
} from './plant/process.ts';

test('chlorine in the water follows the dose', () => {
  const { memory, step } = createProcess('dosing');
  const before = memory.holdingRegisters[Register.residual]!;
  writeRegister(memory, Register.dose, 30);
  for (let second = 0; second < 120; second++) step(1);
  expect(memory.holdingRegisters[Register.residual]).toBeGreaterThan(before + 30);
  memory.discreteInputs[PumpRunning] = 0;
  for (let second = 0; second < 240; second++) step(1);
  expect(memory.holdingRegisters[Register.residual]).toBeLessThan(5);
});

test('the filter head is a 32-bit float, most significant word first', () => {
  const { memory, step } = createProcess('dosing');
  step(100);
  const [high, low] = memory.holdingRegisters.subarray(Register.filterHead, Register.filterHead + 2);
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, high!);
  view.setUint16(2, low!);
  expect(view.getFloat32(0)).toBeCloseTo(2, 3);
});

test('coil 64 is bit 15 of the dose register, whichever way it is written', () => {
  const { memory } = createProcess('dosing');
  writeCoil(memory, DoseInhibit, true);
  expect(memory.holdingRegisters[Register.dose]).toBe(0x8000 | 18);
  writeRegister(memory, Register.dose, 20);
  expect(memory.coils[DoseInhibit]).toBe(0);
  writeRegister(memory, Register.dose, 0x8000);
  expect(memory.coils[DoseInhibit]).toBe(1);
});

test('an HMI polls a controller of the plant, and says so when it is lost', async () => {
  const plant = await startPlant();
  const dosing = plant.plcs.get('plc-dosing')!;
  const readings: Reading[] = [];
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  const hmi = startHmi({
    host: dosing.address,
    port: dosing.port,
    interval: 20,
    onReading: (reading) => {
      readings.push(reading);
      if (reading.kind === 'values') void plant.close();
      if (reading.kind === 'lost') resolve();
    },
  });
  await lost;
  await hmi.close();
  await plant.close();
  expect(readings[0]).toMatchObject({ kind: 'values', dose: 1.8, pumpRunning: true });
  expect(hmi.tally.values).toBeGreaterThan(0);
});
