import fc from 'fast-check';
import { isOpaque } from '../../../rules/modbus/message/function-code.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
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
} from './request-builders.ts';

const word = fc.integer({ min: 0, max: 0xffff });
const byte = fc.integer({ min: 0, max: 0xff });

/** Any request for the four data tables, over units and addresses from 0 to a limit. */
export function anyDataRequest(units = byte, maxAddress = 0xffff): fc.Arbitrary<Request> {
  const address = fc.integer({ min: 0, max: maxAddress });
  const readsOf = (functionCode: 1 | 2 | 3 | 4, limit: number): fc.Arbitrary<Request> =>
    fc
      .tuple(units, span(limit, maxAddress))
      .map(([unit, [start, quantity]]) => read(functionCode, start, quantity, unit));
  return fc.oneof(
    readsOf(1, 2000),
    readsOf(2, 2000),
    readsOf(3, 125),
    readsOf(4, 125),
    fc.tuple(address, fc.boolean(), units).map(([at, on, unit]) => writeCoil(at, on, unit)),
    fc.tuple(address, word, units).map(([at, value, unit]) => writeRegister(at, value, unit)),
    fc
      .tuple(filled(1968, maxAddress, fc.boolean()), units)
      .map(([[at, coils], unit]) => writeCoils(at, coils, unit)),
    fc
      .tuple(filled(123, maxAddress, word), units)
      .map(([[at, values], unit]) => writeRegisters(at, values, unit)),
    fc.tuple(address, word, word, units).map(([at, and, or, unit]) => maskWrite(at, and, or, unit)),
    fc
      .tuple(span(125, maxAddress), filled(121, maxAddress, word), units)
      .map(([[from, quantity], [at, values], unit]) => readWrite(from, quantity, at, values, unit)),
  );
}

/** Any request that is none for the four data tables. */
export function anyOtherRequest(units = byte): fc.Arbitrary<Request> {
  const zeroed = fc.constantFrom(1, 2, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20);
  const notPublic = fc.constantFrom(...Array.from({ length: 128 }, (_, number) => number).filter(isOpaque));
  const bytes = fc.array(byte, { maxLength: 40 });
  const loopback = fc.array(word, { minLength: 1, maxLength: 125 });
  return fc.oneof(
    fc.tuple(word, units).map(([pointer, unit]) => readFifo(pointer, unit)),
    fc.tuple(fc.constantFrom(7, 11, 12, 17), units).map(([code, unit]) => plain(code, unit)),
    fc.tuple(loopback, units).map(([data, unit]) => diagnostics(0, data, unit)),
    fc.tuple(zeroed, units).map(([subFunction, unit]) => diagnostics(subFunction, [0], unit)),
    fc.tuple(byte, units).map(([character, unit]) => diagnostics(3, [character << 8], unit)),
    fc
      .tuple(fc.array(readGroup, { minLength: 1, maxLength: 5 }), units)
      .map(([groups, unit]) => readFile(groups, unit)),
    fc
      .tuple(fc.array(writeGroup, { minLength: 1, maxLength: 5 }), units)
      .map(([groups, unit]) => writeFile(groups, unit)),
    fc
      .tuple(fc.constantFrom(1, 2, 3, 4), byte, units)
      .map(([code, object, unit]) => readDeviceId(code, object, unit)),
    fc
      .tuple(byte, bytes, units)
      .filter(([type]) => type !== 14)
      .map(([type, data, unit]) => encapsulated(type, data, unit)),
    fc.tuple(notPublic, bytes, units).map(([code, data, unit]) => opaque(code, data, unit)),
  );
}

/** Any request there is. */
export function anyRequest(): fc.Arbitrary<Request> {
  return fc.oneof({ arbitrary: anyDataRequest(), weight: 1 }, { arbitrary: anyOtherRequest(), weight: 1 });
}

const file = fc.integer({ min: 1, max: 0xffff });
const readGroup = fc.record({
  file,
  record: fc.integer({ min: 0, max: 9976 }),
  length: fc.integer({ min: 1, max: 24 }),
});
const writeGroup = fc.record({
  file,
  record: fc.integer({ min: 0, max: 9980 }),
  values: fc.array(word, { minLength: 1, maxLength: 20 }),
});

/** Start and quantity of a range that ends at or below the last address. */
function span(maxQuantity: number, maxAddress: number): fc.Arbitrary<[number, number]> {
  return fc
    .integer({ min: 1, max: Math.min(maxQuantity, maxAddress + 1) })
    .chain((quantity) =>
      fc.tuple(fc.integer({ min: 0, max: maxAddress + 1 - quantity }), fc.constant(quantity)),
    );
}

/** The same with a value for each address. */
function filled<Value>(
  maxQuantity: number,
  maxAddress: number,
  value: fc.Arbitrary<Value>,
): fc.Arbitrary<[number, Value[]]> {
  return span(maxQuantity, maxAddress).chain(([start, quantity]) =>
    fc.tuple(fc.constant(start), fc.array(value, { minLength: quantity, maxLength: quantity })),
  );
}
