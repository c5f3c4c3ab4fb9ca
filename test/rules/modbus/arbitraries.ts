import fc from 'fast-check';
import type { Request } from '../../../rules/modbus/message/request.ts';
import type { ModbusPermission } from '../../../rules/modbus/profile.ts';
import { anyDataRequest } from './arbitrary-requests.ts';
import { permit } from './builders.ts';

const FunctionCodes = [1, 2, 3, 4, 5, 6, 15, 16, 22, 23];

const range = fc
  .tuple(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: 15 }))
  .map(([first, more]) => ({ first, last: Math.min(31, first + more) }));

const value = fc.record({
  type: fc.constantFrom('u16' as const, 's16' as const, 'u32' as const, 'f32' as const, 'u64' as const),
  words: fc.constantFrom('big' as const, 'little' as const),
  bytes: fc.constantFrom('big' as const, 'little' as const),
  bits: fc.constant(undefined),
  min: fc.option(fc.integer({ min: -10, max: 100 }), { nil: undefined }),
  max: fc.option(fc.integer({ min: 100, max: 100_000 }), { nil: undefined }),
  allowed: fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 3 }),
});

/** A permission over units 0 to 2 and addresses 0 to 31, where requests of the same size often meet it. */
export const anyPermission: fc.Arbitrary<ModbusPermission> = fc
  .record({
    functions: fc.subarray(FunctionCodes, { minLength: 1 }),
    units: fc.subarray([0, 1, 2], { minLength: 1 }),
    addresses: fc.array(range, { minLength: 1, maxLength: 3 }),
    readAddresses: fc.array(range, { maxLength: 2 }),
    maxQuantity: fc.constantFrom(0, 1, 8),
    values: fc.array(value, { maxLength: 1 }),
  })
  .map(({ functions, ...rest }) => permit(functions, rest));

/** A request over the same small space as {@link anyPermission}. */
export const smallRequest: fc.Arbitrary<Request> = anyDataRequest(fc.integer({ min: 0, max: 2 }), 31);
