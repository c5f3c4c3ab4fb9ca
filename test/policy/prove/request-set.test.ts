import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Permission, Profile } from '../../../policy/model/zone-model.ts';
import { exampleRequest } from '../../../policy/prove/requests/example-request.ts';
import { isEmptyBox, type RequestBox, subtractBox } from '../../../policy/prove/requests/request-box.ts';
import { requestsOf } from '../../../policy/prove/requests/request-set.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import type { CoilAlias, ModbusPermission } from '../../../rules/modbus/profile.ts';
import { anyDataRequest, anyOtherRequest } from '../../rules/modbus/arbitrary-requests.ts';
import { permit, profileOf } from '../../rules/modbus/builders.ts';
import { judge, rule } from '../../rules/modbus/judging.ts';
import { writeCoil, writeCoils } from '../../rules/modbus/request-builders.ts';
import { holds } from './request-holds.ts';

const range = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 9 }))
  .map(([first, more]) => ({ first, last: first + more }));

const type = fc.constantFrom('u16', 's16', 'u32', 's32', 'f32', 'u64', 'f64' as const);
const order = fc.constantFrom('big' as const, 'little' as const);
const bound = fc.option(
  fc.oneof(
    fc.integer({ min: -40_000, max: 70_000 }),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    fc.constantFrom(0, -0, 2 ** 32, 2 ** 53, -(2 ** 31), 1e300, 1e-40),
  ),
  { nil: undefined },
);
const bits = fc.option(
  fc.constantFrom({ first: 0, last: 3 }, { first: 4, last: 15 }, { first: 15, last: 15 }),
  {
    nil: undefined,
    freq: 4,
  },
);

const value = fc
  .record({
    type,
    words: order,
    bytes: order,
    bits,
    min: bound,
    max: bound,
    allowed: fc.array(fc.integer({ min: -3, max: 1000 }), { maxLength: 3 }),
  })
  .map((rule) => ({ ...rule, bits: rule.type === 'u16' || rule.type === 'u32' ? rule.bits : undefined }));

const codes = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43, 65, 90, 100];

const permission: fc.Arbitrary<ModbusPermission> = fc
  .record({
    functions: fc.subarray(codes, { minLength: 1 }),
    units: fc.subarray([0, 1, 2, 255], { minLength: 1 }),
    addresses: fc.array(range, { minLength: 1, maxLength: 3 }),
    readAddresses: fc.array(range, { maxLength: 2 }),
    subFunctions: fc.subarray([0, 1, 2, 4, 5, 10, 33, 300]),
    mei: fc.subarray([0, 13, 14]),
    files: fc.array(
      fc.record({
        firstFile: fc.constant(1),
        lastFile: fc.constantFrom(1, 5, 0xffff),
        firstRecord: fc.constantFrom(0, 3),
        lastRecord: fc.constantFrom(3, 20, 9999),
      }),
      { maxLength: 2 },
    ),
    maxQuantity: fc.constantFrom(0, 1, 4),
    maxBytes: fc.constantFrom(0, 8, 12, 260),
    values: fc.array(value, { maxLength: 1 }),
  })
  .map(({ functions, ...rest }) => permit(functions, rest));

const alias: fc.Arbitrary<CoilAlias> = fc.record({
  coil: fc.integer({ min: 0, max: 12 }),
  register: fc.integer({ min: 0, max: 4 }),
  bit: fc.integer({ min: 0, max: 15 }),
  name: fc.constant(''),
});

const units = fc.constantFrom(0, 1, 2, 255);
const request: fc.Arbitrary<Request> = fc.oneof(
  { arbitrary: anyDataRequest(units, 31), weight: 3 },
  { arbitrary: anyOtherRequest(units), weight: 1 },
);
const kind = fc.constantFrom('direct' as const, 'serial-gateway' as const);

describe('the requests of a profile', () => {
  test('are exactly those that are permitted, where nothing depends on the device', () => {
    fc.assert(
      fc.property(
        fc.array(permission, { maxLength: 3 }),
        kind,
        fc.array(request, { minLength: 30 }),
        (permissions, of, asked) => {
          const boxes = requestsOf(modelled(permissions, []), of);
          for (const each of asked) {
            const isPermitted = judge(profileOf(permissions), each, of).kind === 'allow';
            const around = boxes.filter((box) => holds(box, each));
            if (isPermitted || around.every(isExact)) expect(around.length > 0).toBe(isPermitted);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('leave out nothing that is permitted, whatever the aliases', () => {
    fc.assert(
      fc.property(
        fc.array(permission, { minLength: 1, maxLength: 3 }),
        fc.array(alias, { maxLength: 4 }),
        fc.array(request, { minLength: 30 }),
        (permissions, aliases, asked) => {
          const boxes = requestsOf(modelled(permissions, aliases), 'direct');
          const profile = profileOf(permissions, {}, aliases);
          for (const each of asked) {
            const around = boxes.filter((box) => holds(box, each));
            const isPermitted = judge(profile, each).kind === 'allow';
            if (isPermitted || around.every(isExact)) expect(around.length > 0).toBe(isPermitted);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('keep the writes of a coil that the rules of its register let pass', () => {
    const bit = { first: 15, last: 15 };
    const permissions = [
      permit([5, 15], { addresses: [{ first: 60, last: 70 }] }),
      permit([22], { addresses: [{ first: 40, last: 40 }], values: [rule({ bits: bit, max: 0 })] }),
    ];
    const aliases = [
      { coil: 64, register: 40, bit: 15, name: '' },
      { coil: 66, register: 41, bit: 0, name: '' },
    ];
    const boxes = requestsOf(modelled(permissions, aliases), 'direct');
    const isHeld = (each: Request) => boxes.some((box) => holds(box, each));
    const isPermitted = (each: Request) => judge(profileOf(permissions, {}, aliases), each).kind === 'allow';
    expect([isHeld(writeCoil(64, false)), isPermitted(writeCoil(64, false))]).toEqual([true, true]);
    expect([isHeld(writeCoil(65, true)), isPermitted(writeCoil(65, true))]).toEqual([true, true]);
    expect([isHeld(writeCoil(66, false)), isPermitted(writeCoil(66, false))]).toEqual([false, false]);
    expect([isHeld(writeCoils(65, [true, true])), isHeld(writeCoils(67, [true, true]))]).toEqual([
      false,
      true,
    ]);
  });

  test('have an example that is permitted', () => {
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 3 }), kind, (permissions, of) => {
        for (const box of requestsOf(modelled(permissions, []), of)) {
          const example = exampleRequest(box);
          if (!isExact(box)) continue;
          expect(example, JSON.stringify(box, bigText)).toBeDefined();
          if (example === undefined) continue;
          expect(holds(box, example)).toBe(true);
          expect(judge(profileOf(permissions), example, of).kind).toBe('allow');
        }
      }),
      { numRuns: 200 },
    );
  });

  test('without those of another profile are those of the one alone', () => {
    fc.assert(
      fc.property(permission, permission, fc.array(request, { minLength: 40 }), (one, other, asked) => {
        const taken = requestsOf(modelled([other], []), 'direct');
        const whole = requestsOf(modelled([one], []), 'direct');
        const rest = taken.reduce((left, box) => left.flatMap((part) => subtractBox(part, box)), whole);
        expect(rest.some(isEmptyBox)).toBe(false);
        for (const each of asked) {
          const isLeft =
            whole.some((box) => holds(box, each)) && !taken.some((box) => holds(box, each) && isExact(box));
          const around = rest.filter((box) => holds(box, each));
          if (isLeft || around.every(isExact)) expect(around.length > 0).toBe(isLeft);
        }
        for (const box of rest.filter(isExact)) {
          const example = exampleRequest(box);
          if (example === undefined) continue;
          expect(holds(box, example)).toBe(true);
          expect(taken.some((each) => isExact(each) && holds(each, example))).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function isExact({ doubts, terms, every }: RequestBox): boolean {
  return doubts.length === 0 && terms.length === 0 && (every?.doubt ?? '') === '';
}

function modelled(permissions: readonly ModbusPermission[], aliases: readonly CoilAlias[]): Profile {
  const at = { line: 1, column: 1 };
  const { limits, refusal } = profileOf([]);
  return {
    at,
    name: 'test',
    extends: '',
    permissions: permissions.map((each): Permission => ({ ...each, at })),
    aliases: aliases.map((each) => ({ ...each, at })),
    limits,
    stated: {},
    refusal,
    preset: undefined,
  };
}

function bigText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
