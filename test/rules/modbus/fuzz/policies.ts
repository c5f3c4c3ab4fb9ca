import type { ModbusDevice, ModbusProfile, Tolerance, ValueRule } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';

/** One policy to get past, and the kind of device behind it. */
export interface FuzzPolicy {
  readonly profile: ModbusProfile;
  readonly kind: ModbusDevice['kind'];
  readonly tolerances: readonly Tolerance[];
}

const word: ValueRule = {
  type: 'u16',
  words: 'big',
  bytes: 'big',
  bits: undefined,
  min: undefined,
  max: undefined,
  allowed: [],
};
const low = { first: 0, last: 9 };
const middle = { first: 10, last: 19 };
const all = { first: 0, last: 65_535 };
const high = { first: 20, last: 31 };

/** Small ranges next to each other, so that what is generated often lands just inside or just outside. */
export const policies: Readonly<Record<string, FuzzPolicy>> = {
  nothing: of([permit([3], { units: [77] })]),
  'read-only': of([permit([1, 2, 3, 4], { addresses: [low, high], units: [1, 255], maxQuantity: 8 })]),
  operator: of(
    [
      permit([1, 2, 3, 4], { addresses: [{ first: 0, last: 31 }] }),
      permit([5, 15], { addresses: [low] }),
      permit([6, 16], { addresses: [middle], values: [{ ...word, min: 5, max: 500 }] }),
      permit([23], { addresses: [middle], readAddresses: [low], values: [{ ...word, max: 500 }] }),
      permit([22], { addresses: [high], values: [{ ...word, bits: { first: 4, last: 7 }, max: 9 }] }),
    ],
    [{ coil: 5, register: 20, bit: 5, name: '' }],
  ),
  values: of([
    permit([3], { addresses: [{ first: 0, last: 40 }] }),
    permit([6, 16, 22], { addresses: [low], values: [{ ...word, type: 's16', min: -40, max: 40 }] }),
    permit([16, 23], {
      addresses: [middle],
      readAddresses: [low],
      values: [{ ...word, type: 'u32', words: 'little', max: 70_000 }],
    }),
    permit([16], { addresses: [high], values: [{ ...word, type: 'f32', bytes: 'little', min: -1, max: 1 }] }),
    permit([16], {
      addresses: [{ first: 33, last: 40 }],
      values: [{ ...word, type: 'u64', allowed: [1, 2, 65_536] }],
    }),
    permit([22], { addresses: [{ first: 41, last: 41 }], values: [{ ...word, allowed: [0, 1, 2, 3] }] }),
  ]),
  wide: of([
    permit([1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 24], {
      addresses: [all],
      readAddresses: [all],
      units: [0, 1, 255],
    }),
  ]),
  engineer: of([
    permit([1, 2, 3, 4, 5, 6, 15, 16, 22], { addresses: [low, middle], units: [1, 2] }),
    permit([7, 11, 12, 17]),
    permit([8], { subFunctions: [0, 2, 11, 18] }),
    permit([20], { files: [{ firstFile: 1, lastFile: 2, firstRecord: 0, lastRecord: 20 }] }),
    permit([21], { files: [{ firstFile: 2, lastFile: 2, firstRecord: 5, lastRecord: 15 }] }),
    permit([24], { addresses: [low] }),
    permit([43], { mei: [14] }),
  ]),
  vendor: of(
    [
      permit([3], { addresses: [low] }),
      permit([90], { subFunctions: [1, 2, 3], maxBytes: 300 }),
      permit([100], { maxBytes: 60 }),
      permit([43], { mei: [13], maxBytes: 30 }),
    ],
    [],
    'direct',
    ['long-adu'],
  ),
  stateful: of([
    permit([1, 3], { addresses: [{ first: 0, last: 31 }] }),
    permit([6, 16], { addresses: [low], minInterval: 400, unknown: 'allow' }),
    permit([6, 16], { addresses: [middle], writesPerMinute: 3, unknown: 'allow' }),
    permit([6, 16], {
      addresses: [{ first: 20, last: 25 }],
      values: [word],
      step: { max: 50, maxPerMinute: 60, noOlderThan: 30_000 },
    }),
    permit([5], {
      addresses: [low],
      interlocks: [{ functionCode: 3, unit: 1, address: 12, is: 84, noOlderThan: 2_000 }],
    }),
    permit([5], {
      addresses: [middle],
      interlocks: [{ functionCode: 3, unit: 1, address: 30, is: 1, noOlderThan: 2_000 }],
    }),
  ]),
  limited: {
    profile: profileOf(
      [
        permit([3], { addresses: [low], refusal: { action: 'drop', exceptionCodes: [] } }),
        permit([6], { addresses: [middle], refusal: { action: 'exception-close', exceptionCodes: [] } }),
        permit([16], { addresses: [middle], refusal: { action: 'reset', exceptionCodes: [] } }),
        permit([1, 4], { addresses: [low, high] }),
      ],
      {
        aduPerSecond: 50,
        outstanding: 4,
        outstandingPerUnit: 3,
        exceptionsPerMinute: 30,
        readAddressesPerMinute: 20,
        readWordsPerMinute: 60,
      },
    ),
    kind: 'direct',
    tolerances: ['late-response'],
  },
  line: of(
    [
      permit([3], { addresses: [low], units: [1, 2, 3] }),
      permit([6, 16], { addresses: [middle], units: [0, 1, 2], values: [{ ...word, max: 500 }] }),
    ],
    [],
    'serial-gateway',
  ),
};

function of(
  permissions: ModbusProfile['permissions'],
  aliases: ModbusProfile['aliases'] = [],
  kind: ModbusDevice['kind'] = 'direct',
  tolerances: readonly Tolerance[] = [],
): FuzzPolicy {
  return { profile: profileOf(permissions, { outstanding: 6 }, aliases), kind, tolerances };
}
