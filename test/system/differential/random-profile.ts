import fc from 'fast-check';
import type { ModbusPermission, ModbusProfile, ValueRule } from '../../../rules/modbus/profile.ts';
import { anyPermission } from '../../rules/modbus/arbitraries.ts';
import { permit, profileOf } from '../../rules/modbus/builders.ts';

/** What two profiles of one flow say: its own, and the one that stands for it in another mode. */
export interface RandomProfiles {
  readonly normal: ModbusProfile;
  readonly lockdown: ModbusProfile;
  /** The flow stands in its audit stage. */
  readonly audit: boolean;
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
const all = [{ first: 0, last: 99 }];

/** A permission of each kind that {@link anyPermission} does not make. */
const special: readonly ModbusPermission[] = [
  permit([1, 2, 3, 4], { addresses: all }),
  permit([6, 16], { addresses: [{ first: 50, last: 55 }], values: [word], step: stepOf(5) }),
  permit([6], { addresses: [{ first: 56, last: 59 }], step: stepOf(20), unknown: 'allow' }),
  permit([5, 6, 15], {
    addresses: [{ first: 60, last: 65 }],
    interlocks: [{ functionCode: 2, unit: 1, address: 13, is: 1, noOlderThan: 600_000 }],
  }),
  permit([16], {
    addresses: [{ first: 66, last: 69 }],
    values: [{ ...word, max: 500 }],
    interlocks: [{ functionCode: 3, unit: 1, address: 90, is: 630, noOlderThan: 600_000 }],
  }),
  permit([16], {
    addresses: [{ first: 70, last: 73 }],
    values: [{ ...word, type: 'f32', min: 0, max: 12.5 }],
  }),
  permit([16, 23], {
    addresses: [{ first: 74, last: 77 }],
    readAddresses: all,
    values: [{ ...word, type: 'f64', words: 'little', min: -1 }],
  }),
  permit([22], { addresses: [{ first: 78, last: 80 }], values: [{ ...word, allowed: [0, 1, 2, 3] }] }),
  permit([22], {
    addresses: [{ first: 81, last: 83 }],
    values: [{ ...word, bits: { first: 4, last: 7 }, max: 9 }],
  }),
  permit([24], { addresses: all }),
  permit([20], { files: [{ firstFile: 1, lastFile: 3, firstRecord: 0, lastRecord: 9 }] }),
  permit([21], { files: [{ firstFile: 2, lastFile: 2, firstRecord: 4, lastRecord: 9 }], units: [1, 2] }),
  permit([8], { subFunctions: [0, 2, 11] }),
  permit([43], { mei: [14] }),
  permit([43], { mei: [13, 15], maxBytes: 20 }),
  permit([90], { subFunctions: [1, 2], maxBytes: 14 }),
  permit([100, 65], { maxBytes: 16 }),
  permit([11, 12, 17], { units: [1, 255] }),
];

const refusal = fc.record({
  action: fc.constantFrom(
    'exception' as const,
    'exception' as const,
    'exception' as const,
    'drop' as const,
    'exception-close' as const,
    'reset' as const,
  ),
  exceptionCodes: fc.constantFrom([], [{ reason: 'value-out-of-range', code: 4 }]),
});

/** Small ranges beside each other, so that a random request lands just inside as often as just outside. */
const randomProfile = (name: string): fc.Arbitrary<ModbusProfile> =>
  fc
    .record({
      permissions: fc
        .tuple(fc.array(anyPermission, { maxLength: 3 }), fc.subarray([...special]))
        .chain(([random, chosen]) =>
          fc.shuffledSubarray([...random, ...chosen], { minLength: random.length }),
        ),
      hasAlias: fc.boolean(),
      refusal,
    })
    .map(({ permissions, hasAlias, refusal: answer }) => ({
      ...profileOf(
        // What tells the test that the request before it has been decided.
        [...permissions, permit([7], { units: [SentinelUnit] })].map((one, index) => ({
          ...one,
          id: `${name}/${index + 1}`,
        })),
        { requestTimeout: 30_000 },
        hasAlias ? [{ coil: 5, register: 70, bit: 5, name: '' }] : [],
        answer,
      ),
      name,
    }));

export const randomProfiles: fc.Arbitrary<RandomProfiles> = fc.record({
  normal: randomProfile('operate'),
  lockdown: randomProfile('watch'),
  audit: fc.integer({ min: 0, max: 5 }).map((dice) => dice === 5),
});

export const SentinelUnit = 9;

function stepOf(max: number): NonNullable<ModbusPermission['step']> {
  return { max, maxPerMinute: undefined, noOlderThan: 0 };
}
