import { expect, test } from 'vitest';
import { asked, askedByHeader } from '../../../rules/modbus/asked.ts';
import { describe as describeAsked } from '../../../rules/modbus/describe.ts';
import type { Request } from '../../../rules/modbus/request.ts';
import { maskWrite, read, readWrite, writeCoil, writeRegister, writeRegisters } from './builders.ts';

test.for<[Request, string]>([
  [read(1, 3), 'READ coil 3 on unit 1'],
  [read(2, 0, 16), 'READ discrete inputs 0-15 on unit 1'],
  [read(3, 100, 20, 7), 'READ holding registers 100-119 on unit 7'],
  [read(4, 65535), 'READ input register 65535 on unit 1'],
  [writeCoil(64, true), 'WRITE coil 64 = on on unit 1'],
  [writeRegister(140, 200), 'WRITE holding register 140 = 200 on unit 1'],
  [writeRegisters(200, [16712, 0]), 'WRITE holding registers 200-201 = 16712, 0 on unit 1'],
  [
    writeRegisters(0, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    'WRITE holding registers 0-8 = 1, 2, 3, 4, 5, 6, 7, 8, … on unit 1',
  ],
  [
    { functionCode: 15, unit: 1, address: 0, quantity: 3, bits: Uint8Array.of(0b101) },
    'WRITE coils 0-2 = on, off, on on unit 1',
  ],
  [maskWrite(4, 0xf2, 0x25), 'MASK WRITE holding register 4 and 0x00f2 or 0x0025 on unit 1'],
  [readWrite(0, 10, 20, [5]), 'READ holding registers 0-9 and WRITE holding register 20 = 5 on unit 1'],
])('says %j as "%s"', ([request, line]) => {
  expect(describeAsked(asked(request))).toBe(line);
});

test('says what it knows of a function it cannot parse', () => {
  expect(describeAsked(askedByHeader(1, 8))).toBe('Diagnostics (function code 8) on unit 1');
  expect(describeAsked(askedByHeader(0, 90))).toBe('function code 90 on unit 0');
});

test('says that there was nothing to be known', () => {
  expect(describeAsked(askedByHeader(0, 0))).toBe('bytes that are no Modbus message');
});

test('says where an illegal request wanted to go', () => {
  const illegal = { ...askedByHeader(1, 3), address: 65535, quantity: 2 };
  expect(describeAsked(illegal)).toBe('READ holding registers 65535-65536 on unit 1');
});
