import { describe, expect, test } from 'vitest';
import { buildRequest, type StatedRequest } from '../../../rules/evaluate/build-request.ts';
import { aduLength, emitRequest } from '../../../rules/modbus/message/request.ts';
import type { ModbusProfile, ValueRule } from '../../../rules/modbus/profile.ts';
import type { AskedRequest } from '../../../rules/policy-test.ts';
import { permit, profileOf } from '../modbus/builders.ts';

const value: ValueRule = {
  type: 'u16',
  words: 'big',
  bytes: 'big',
  bits: undefined,
  min: undefined,
  max: undefined,
  allowed: [],
};
/** 100 is an s16, 200-203 are two f32 of the other word order. */
const typed = profileOf([
  permit([6, 16], { addresses: [{ first: 100, last: 100 }], values: [{ ...value, type: 's16' }] }),
  permit([16], {
    addresses: [{ first: 200, last: 203 }],
    values: [{ ...value, type: 'f32', words: 'little' }],
  }),
]);

describe('a request somebody states', () => {
  test.for<[string, Partial<StatedRequest>, string]>([
    ['reads one where it does not say how many', { functionCode: 3, address: 7 }, '03 0007 0001'],
    ['reads as many as it says', { functionCode: 1, address: 7, quantity: 9 }, '01 0007 0009'],
    ['writes a coil', { functionCode: 5, address: 1, values: [1] }, '05 0001 ff00'],
    [
      'writes nothing but zeros where it gives no value',
      { functionCode: 16, address: 2, quantity: 2 },
      '10 0002 0002 04 00000000',
    ],
    [
      'writes coils, the first lowest',
      { functionCode: 15, address: 0, values: [1, 0, 1] },
      '0f 0000 0003 01 05',
    ],
    [
      'writes a negative number as its two’s complement',
      { functionCode: 6, address: 1, values: [-2] },
      '06 0001 fffe',
    ],
    [
      'writes a value in the type of where it goes',
      { functionCode: 16, address: 200, values: [12.5] },
      '10 00c8 0002 04 00004148',
    ],
    [
      'writes several values, each in its own type',
      { functionCode: 16, address: 200, values: [12.5, 1] },
      '10 00c8 0004 08 00004148 00003f80',
    ],
    [
      'writes a value in the type that is said instead',
      { functionCode: 16, address: 200, values: [1], form: { type: 'u32', words: 'big', bytes: 'little' } },
      '10 00c8 0002 04 00000100',
    ],
    ['asks diagnostics', { functionCode: 8, subFunction: 10 }, '08 000a 0000'],
    ['reads a file', { functionCode: 20, file: 4, record: 1, quantity: 2 }, '14 07 06 0004 0001 0002'],
    [
      'writes a file',
      { functionCode: 21, file: 4, record: 1, values: [7, 8] },
      '15 0b 06 0004 0001 0002 0007 0008',
    ],
    ['masks a register', { functionCode: 22, address: 4, andMask: 0xf2, orMask: 0x25 }, '16 0004 00f2 0025'],
    [
      'reads and writes',
      { functionCode: 23, address: 14, values: [255], readAddress: 3, readQuantity: 6 },
      '17 0003 0006 000e 0001 02 00ff',
    ],
    ['reads a queue', { functionCode: 24, address: 7 }, '18 0007'],
    ['asks who the device is', { functionCode: 43, mei: 14 }, '2b 0e 01 00'],
    ['tunnels what it says', { functionCode: 43, mei: 13, data: [1, 2] }, '2b 0d 01 02'],
    ['says an UMAS function', { functionCode: 90, subFunction: 0x41, data: [9] }, '5a 00 41 09'],
    ['says what nobody understands', { functionCode: 100, data: [1, 2, 3] }, '64 01 02 03'],
    ['has nothing to say', { functionCode: 17 }, '11'],
  ])('%s', ([, stated, pdu]) => {
    expect(pduOf(stated, typed)).toBe(pdu.replaceAll(' ', ''));
  });
});

describe('what cannot be sent', () => {
  test.for<[Partial<StatedRequest>, string]>([
    [{ functionCode: 3, address: 7, values: [5] }, 'Function code 3 has no value.'],
    [{ functionCode: 6, address: 7, quantity: 2 }, 'Function code 6 has no quantity.'],
    [{ functionCode: 17, address: 7 }, 'Function code 17 has no address.'],
    [{ functionCode: 16, address: 7, readAddress: 3 }, 'Function code 16 has no read_address.'],
    [{ functionCode: 8, subFunction: 1, mei: 14 }, 'Function code 8 has no mei.'],
    [{ functionCode: 100, subFunction: 1 }, 'Function code 100 has no sub.'],
    [{ functionCode: 6, address: 1, values: [70_000] }, '70000 is no u16.'],
    [{ functionCode: 6, address: 1, values: [1.5] }, '1.5 is no u16.'],
    [{ functionCode: 6, address: 100, values: [40_000] }, '40000 is no s16.'],
    [{ functionCode: 15, address: 1, values: [1, 2] }, '2 is nothing a coil can be.'],
    [{ functionCode: 16, address: 1, quantity: 1, values: [1, 2] }, '2 are written, and the quantity is 1.'],
    [{ functionCode: 21, file: 1, record: 0, values: [1, 70_000] }, '70000 is no u16.'],
  ])('%j: %s', ([stated, message]) => {
    const built = buildRequest(asked(stated), typed);
    expect(built.ok ? 'is built' : built.flaw.message).toBe(message);
  });
});

function asked(stated: Partial<StatedRequest>): StatedRequest {
  const nothing: AskedRequest = {
    unit: 1,
    functionCode: 3,
    address: undefined,
    quantity: undefined,
    values: [],
    readAddress: undefined,
    readQuantity: undefined,
    andMask: undefined,
    orMask: undefined,
    subFunction: undefined,
    mei: undefined,
    file: undefined,
    record: undefined,
  };
  return { ...nothing, ...stated };
}

function pduOf(stated: Partial<StatedRequest>, profile: ModbusProfile): string {
  const built = buildRequest(asked(stated), profile);
  if (!built.ok) return built.flaw.message;
  const adu = new Uint8Array(aduLength(built.request));
  emitRequest(built.request, 1, adu);
  return Buffer.from(adu.subarray(7)).toString('hex');
}
