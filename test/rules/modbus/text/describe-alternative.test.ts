import { expect, test } from 'vitest';
import type { Alternative } from '../../../../rules/modbus/permission/alternative.ts';
import { describeAlternative } from '../../../../rules/modbus/text/describe-alternative.ts';

const place = 'holding register 140 (40141)';
const unbounded = { bits: undefined, min: undefined, max: undefined, allowed: [] } as const;

test.for<[number, Alternative, string]>([
  [
    6,
    { kind: 'functions', functionCodes: [3, 90, 100] },
    'Permitted for this unit: 3 Read Holding Registers, 90 UMAS, 100.',
  ],
  [6, { kind: 'functions', functionCodes: [] }, 'Nothing is permitted for this unit.'],
  [6, { kind: 'units', units: [1] }, 'Permitted for unit 1.'],
  [6, { kind: 'units', units: [1, 2] }, 'Permitted for units 1, 2.'],
  [
    8,
    { kind: 'sub-functions', subFunctions: [0, 2] },
    'Permitted: sub-function 0 Return Query Data, sub-function 2 Return Diagnostic Register.',
  ],
  [43, { kind: 'sub-functions', subFunctions: [14] }, 'Permitted: MEI type 14 Read Device Identification.'],
  [90, { kind: 'sub-functions', subFunctions: [2] }, 'Permitted: UMAS function 0x02.'],
  [8, { kind: 'sub-functions', subFunctions: [] }, 'Permitted for this function: nothing.'],
  [
    6,
    { kind: 'addresses', half: 'write', range: { first: 100, last: 119 } },
    'Nearest permitted: holding registers 100-119 (40101-40120).',
  ],
  [
    23,
    { kind: 'addresses', half: 'read', range: { first: 5, last: 5 } },
    'Nearest permitted to read: holding register 5 (40006).',
  ],
  [
    2,
    { kind: 'addresses', half: 'read', range: { first: 0, last: 255 } },
    'Nearest permitted: discrete inputs 0-255 (10001-10256).',
  ],
  [
    20,
    { kind: 'records', range: { firstFile: 4, lastFile: 4, firstRecord: 0, lastRecord: 99 } },
    'Nearest permitted: file 4, records 0-99.',
  ],
  [
    20,
    { kind: 'records', range: { firstFile: 4, lastFile: 6, firstRecord: 0, lastRecord: 99 } },
    'Nearest permitted: files 4-6, records 0-99.',
  ],
  [16, { kind: 'quantity', max: 10 }, 'Permitted: at most 10 at once.'],
  [90, { kind: 'bytes', max: 1480 }, 'Permitted: at most 1480 bytes.'],
  [90, { kind: 'bytes', max: 0 }, 'No permission names a size (max_bytes) for this function.'],
  [
    6,
    { kind: 'whole-values', first: 200, last: 203, width: 2 },
    'Write whole values of 2 registers each, from holding register 200 (40201) on, up to 203.',
  ],
  [
    6,
    { kind: 'value', address: 140, type: 'u16', ...unbounded, min: 0, max: 35 },
    `Permitted at ${place}: 0 to 35.`,
  ],
  [
    6,
    { kind: 'value', address: 140, type: 'u16', ...unbounded, allowed: [1, 2], max: 1 },
    `Permitted at ${place}: 1, 2 within at most 1.`,
  ],
  [
    6,
    { kind: 'value', address: 140, type: 'u16', ...unbounded, bits: { first: 3, last: 3 }, max: 0 },
    `Permitted at ${place}: bit 3 at most 0.`,
  ],
  [
    6,
    { kind: 'step', address: 140, last: 18, max: 5 },
    `Permitted at ${place}: 13 to 23; it was last known to be 18.`,
  ],
  [6, { kind: 'wait', milliseconds: 4200 }, 'The same may pass in 4.2 s.'],
  [
    6,
    { kind: 'read-first', functionCode: 3, unit: 1, address: 140, quantity: 1 },
    `Read ${place} of unit 1 first: what it holds is not known, or too old.`,
  ],
  [
    6,
    { kind: 'interlock', functionCode: 2, unit: 1, address: 12, is: 1, reads: 0 },
    'Permitted only while discrete input 12 (10013) of unit 1 is 1; it last read 0.',
  ],
  [
    6,
    { kind: 'interlock', functionCode: 2, unit: 1, address: 12, is: 1, reads: undefined },
    'Permitted only while discrete input 12 (10013) of unit 1 is 1; it has not been read lately.',
  ],
  [
    5,
    {
      kind: 'register',
      register: 140,
      bit: 15,
      next: { kind: 'value', address: 140, type: 'u16', ...unbounded, max: 35 },
    },
    `This coil is bit 15 of ${place}, and what guards that guards this. Permitted at ${place}: at most 35.`,
  ],
  [
    5,
    { kind: 'register', register: 140, bit: 15, next: undefined },
    `This coil is bit 15 of ${place}, and what guards that guards this.`,
  ],
])('function code %i: %j is "%s"', ([code, alternative, sentence]) => {
  expect(describeAlternative(alternative, code)).toBe(sentence);
});
