import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Request } from '../../../../rules/modbus/message/request.ts';
import {
  createPermissionIndex,
  permissionIndex,
} from '../../../../rules/modbus/permission/permission-index.ts';
import type { ModbusPermission, ModbusProfile } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { judge, rule } from '../judging.ts';
import { naiveVerdict } from '../naive-policy.ts';
import {
  diagnostics,
  encapsulated,
  maskWrite,
  opaque,
  plain,
  read,
  readDeviceId,
  readFifo,
  readFile,
  readWrite,
  writeCoil,
  writeCoils,
  writeFile,
  writeRegister,
  writeRegisters,
} from '../request-builders.ts';

/** Across a page of the index, and the ends of the space. */
const address = fc.oneof(
  { arbitrary: fc.integer({ min: 250, max: 262 }), weight: 8 },
  { arbitrary: fc.constantFrom(0, 1, 65_534, 65_535), weight: 1 },
);
const ranges = fc.array(
  fc.tuple(address, fc.nat(10)).map(([first, more]) => ({ first, last: Math.min(65_535, first + more) })),
  { maxLength: 3 },
);
const unit = fc.constantFrom(0, 1, 2);
const word = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 65_535 }));
const quantity = fc.integer({ min: 1, max: 6 });

const values = fc.constantFrom('u16', 's16', 'u32', 'f32', 'u64').chain((type) =>
  fc.array(
    fc
      .record({
        words: fc.constantFrom('big' as const, 'little' as const),
        bytes: fc.constantFrom('big' as const, 'little' as const),
        bits: fc.option(fc.constantFrom({ first: 0, last: 3 }, { first: 7, last: 15 }), { nil: undefined }),
        min: fc.option(fc.integer({ min: -2, max: 4 }), { nil: undefined }),
        max: fc.option(fc.integer({ min: 2, max: 60_000 }), { nil: undefined }),
        allowed: fc.array(fc.nat(6), { maxLength: 4 }),
      })
      .map((rest) => {
        const bits = type === 'u16' || type === 'u32' ? rest.bits : undefined;
        return rule({ ...rest, type: type as 'u16', bits });
      }),
    { maxLength: 2 },
  ),
);

const fileRange = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.nat(2), fc.nat(8), fc.nat(8))
  .map(([firstFile, files, firstRecord, records]) => ({
    firstFile,
    lastFile: firstFile + files,
    firstRecord,
    lastRecord: firstRecord + records,
  }));

const permission: fc.Arbitrary<ModbusPermission> = fc
  .record({
    functions: fc.subarray([1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 20, 21, 22, 23, 24, 43, 90, 100], {
      minLength: 1,
    }),
    subFunctions: fc.subarray([0, 2, 4]),
    mei: fc.subarray([13, 14]),
    units: fc.subarray([0, 1, 2], { minLength: 1 }),
    addresses: ranges,
    readAddresses: ranges,
    files: fc.array(fileRange, { maxLength: 3 }),
    maxQuantity: fc.constantFrom(0, 0, 1, 4),
    maxBytes: fc.constantFrom(0, 9, 10, 12),
    values,
  })
  // What files hold is not judged by values: such a permission refuses, which the naive one does not know.
  .map(({ functions, ...rest }) => {
    const isFree = rest.values.length === 0;
    return permit(
      isFree ? functions : functions.filter((code) => ![8, 21, 43, 90, 100].includes(code)),
      rest,
    );
  });

const profile: fc.Arbitrary<ModbusProfile> = fc
  .array(permission, { maxLength: 5 })
  .map((some) => profileOf(some));

const request: fc.Arbitrary<Request> = fc
  .record({
    unit,
    address,
    other: address,
    quantity,
    words: fc.array(word, { minLength: 1, maxLength: 6 }),
    mask: word,
    small: fc.nat(12),
    file: fc.integer({ min: 1, max: 6 }),
    data: fc.array(fc.nat(4), { maxLength: 3 }),
  })
  .chain(({ unit, address, other, quantity, words, mask, small, file, data }) => {
    const at = Math.min(address, 65_536 - 6);
    const from = Math.min(other, 65_536 - 6);
    const groups = words.map((_, index) => ({
      file: ((file + index) % 6) + 1,
      record: small,
      length: quantity,
    }));
    const coils = words.map((each) => each % 2 === 1);
    return fc.constantFrom(
      read(1, at, quantity, unit),
      read(2, at, quantity, unit),
      read(3, at, quantity, unit),
      read(4, at, quantity, unit),
      writeCoil(address, small % 2 === 0, unit),
      writeRegister(address, words[0]!, unit),
      plain(7, unit),
      diagnostics(small % 5, [0], unit),
      writeCoils(at, coils, unit),
      writeRegisters(at, words, unit),
      readFile(groups.slice(0, 2), unit),
      writeFile([{ file, record: small, values: words }], unit),
      maskWrite(address, mask & 0x0f0f, words[0]!, unit),
      readWrite(from, quantity, at, words, unit),
      readFifo(address, unit),
      readDeviceId(1, 0, unit),
      encapsulated(13, data, unit),
      opaque(90, [0, ...data], unit),
      opaque(100, data, unit),
    );
  });

describe('decide', () => {
  test('says what a look at every permission says', () => {
    fc.assert(
      fc.property(profile, request, (policy, asked) => {
        const verdict = judge(policy, asked);
        const reason = verdict.kind === 'allow' ? 'allow' : verdict.reason;
        expect({ reason, index: verdict.permission?.index }).toEqual(naiveVerdict(policy, asked));
      }),
      { numRuns: 4000 },
    );
  });

  test('never refuses for one more permission what it allowed', () => {
    fc.assert(
      fc.property(profile, permission, fc.nat(5), request, (policy, one, place, asked) => {
        if (judge(policy, asked).kind === 'refuse') return;
        const more = policy.permissions.toSpliced(Math.min(place, policy.permissions.length), 0, one);
        expect(judge(profileOf(more), asked).kind).toBe('allow');
      }),
      { numRuns: 1500 },
    );
  });

  test('says the same whatever the order of permissions', () => {
    fc.assert(
      fc.property(profile, request, (policy, asked) => {
        const turned = judge(profileOf(policy.permissions.toReversed()), asked);
        const verdict = judge(policy, asked);
        expect(saying(turned)).toEqual(saying(verdict));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('the index', () => {
  test('says the same when it forgets everything all the time', () => {
    fc.assert(
      fc.property(profile, fc.array(request, { minLength: 1, maxLength: 8 }), (policy, asked) => {
        const forgetful = createPermissionIndex(policy, 0);
        for (const each of asked) {
          expect(places(forgetful.choice(each))).toEqual(places(permissionIndex(policy).choice(each)));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('gives units with the same permissions the same lists', () => {
    const twice = [permit([3], { units: [1, 2, 3] }), permit([3], { units: [1, 2] })];
    const index = permissionIndex(profileOf(twice));
    const [one, two, three] = [1, 2, 3].map((each) => index.choice(read(3, 0, 1, each)));
    expect(one?.others).toHaveLength(1);
    expect(two).toBe(one);
    expect(three?.others).toHaveLength(0);
  });

  test('finds each of 10 000 permissions, and no other', () => {
    const many = Array.from({ length: 10_000 }, (_, at) =>
      permit([3], { addresses: [{ first: 6 * at, last: 6 * at + 5 }] }),
    );
    const policy = profileOf(many);
    for (let at = 0; at < 10_000; at += 7) {
      expect(judge(policy, read(3, 6 * at + 2, 4))).toMatchObject({
        kind: 'allow',
        permission: { index: at },
      });
      expect(judge(policy, read(3, 6 * at + 3, 4)).kind).toBe('refuse');
    }
  });
});

function saying(verdict: ReturnType<typeof judge>): string {
  return verdict.kind === 'allow' ? 'allow' : verdict.reason;
}

function places(choice: ReturnType<ReturnType<typeof permissionIndex>['choice']>): readonly number[] {
  return choice === undefined ? [] : [choice.first, ...choice.others].map(({ name }) => name.index);
}
