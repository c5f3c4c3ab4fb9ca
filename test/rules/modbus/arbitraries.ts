import fc from 'fast-check';
import type { Request } from '../../../rules/modbus/request.ts';
import type { ModbusPermission } from '../../../rules/policy.ts';
import { permit } from './builders.ts';

const word = fc.integer({ min: 0, max: 0xffff });
const unit = fc.integer({ min: 0, max: 255 });

/** Start and quantity of a range that ends at or below 65535. */
function span(maxQuantity: number, maxAddress = 0xffff): fc.Arbitrary<{ address: number; quantity: number }> {
  return fc.integer({ min: 1, max: maxQuantity }).chain((quantity) =>
    fc.record({
      address: fc.integer({ min: 0, max: maxAddress + 1 - quantity }),
      quantity: fc.constant(quantity),
    }),
  );
}

function registers(quantity: number): fc.Arbitrary<Uint16Array> {
  return fc.array(word, { minLength: quantity, maxLength: quantity }).map((words) => Uint16Array.from(words));
}

function coils(quantity: number): fc.Arbitrary<Uint8Array> {
  return fc.array(fc.boolean(), { minLength: quantity, maxLength: quantity }).map((bits) => {
    const bytes = new Uint8Array(Math.ceil(quantity / 8));
    for (const [index, on] of bits.entries()) if (on) bytes[index >> 3]! |= 1 << (index & 7);
    return bytes;
  });
}

/** Any request the protocol allows and this gateway inspects. */
export function anyRequest(units = unit, maxAddress = 0xffff): fc.Arbitrary<Request> {
  const reach = (limit: number): number => Math.min(limit, maxAddress + 1);
  const address = fc.integer({ min: 0, max: maxAddress });
  const readOf = (functionCode: 1 | 2 | 3 | 4, limit: number): fc.Arbitrary<Request> =>
    fc
      .tuple(units, span(reach(limit), maxAddress))
      .map(([unit, range]) => ({ functionCode, unit, ...range }));
  return fc.oneof(
    readOf(1, 2000),
    readOf(2, 2000),
    readOf(3, 125),
    readOf(4, 125),
    fc.record({ functionCode: fc.constant(5 as const), unit: units, address, on: fc.boolean() }),
    fc.record({ functionCode: fc.constant(6 as const), unit: units, address, value: word }),
    span(reach(1968), maxAddress).chain(({ address, quantity }) =>
      fc.record({
        functionCode: fc.constant(15 as const),
        unit: units,
        address: fc.constant(address),
        quantity: fc.constant(quantity),
        bits: coils(quantity),
      }),
    ),
    span(reach(123), maxAddress).chain(({ address, quantity }) =>
      fc.record({
        functionCode: fc.constant(16 as const),
        unit: units,
        address: fc.constant(address),
        registers: registers(quantity),
      }),
    ),
    fc.record({ functionCode: fc.constant(22 as const), unit: units, address, and: word, or: word }),
    fc.tuple(span(reach(125), maxAddress), span(reach(121), maxAddress)).chain(([reading, writing]) =>
      fc.record({
        functionCode: fc.constant(23 as const),
        unit: units,
        readAddress: fc.constant(reading.address),
        readQuantity: fc.constant(reading.quantity),
        address: fc.constant(writing.address),
        registers: registers(writing.quantity),
      }),
    ),
  );
}

const FunctionCodes = [1, 2, 3, 4, 5, 6, 15, 16, 22, 23];

const range = span(16, 31).map(({ address, quantity }) => ({ first: address, last: address + quantity - 1 }));

/** A permission over units 0 to 2 and addresses 0 to 31, where requests of the same size often meet it. */
export const anyPermission: fc.Arbitrary<ModbusPermission> = fc
  .record({
    functions: fc.subarray(FunctionCodes, { minLength: 1 }),
    units: fc.subarray([0, 1, 2], { minLength: 1 }),
    addresses: fc.array(range, { minLength: 1, maxLength: 3 }),
    readAddresses: fc.array(range, { maxLength: 2 }),
    maxQuantity: fc.constantFrom(0, 1, 8),
    value: fc.option(
      fc.record({
        type: fc.constantFrom('u16' as const, 's16' as const, 'u32' as const, 'f32' as const, 'u64' as const),
        words: fc.constantFrom('big' as const, 'little' as const),
        min: fc.option(fc.integer({ min: -10, max: 100 }), { nil: undefined }),
        max: fc.option(fc.integer({ min: 100, max: 100_000 }), { nil: undefined }),
        allowed: fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 3 }),
      }),
      { nil: undefined },
    ),
  })
  .map(({ functions, ...rest }) => permit(functions, rest));

/** A request over the same small space as {@link anyPermission}. */
export const smallRequest: fc.Arbitrary<Request> = anyRequest(fc.integer({ min: 0, max: 2 }), 31);

/** The same bytes in pieces: sizes are taken round and round. */
export function inPieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/** Sizes of pieces for {@link inPieces}. */
export const pieceSizes: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 40 }), {
  minLength: 1,
  maxLength: 12,
});
