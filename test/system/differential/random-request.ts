import { requestFields } from '../../../rules/evaluate/request-fields.ts';
import type { ModbusPermission, ModbusProfile, ValueRule } from '../../../rules/modbus/profile.ts';
import type { AskedRequest } from '../../../rules/policy-test.ts';
import type { Random } from '../../rules/modbus/fuzz/random.ts';
import { SentinelUnit } from './random-profile.ts';

/** A request as a person would state it, more often than not near what some permission permits. */
export function randomAsked(random: Random, profile: ModbusProfile): AskedRequest {
  const permissions = profile.permissions.filter(({ units }) => !units.includes(SentinelUnit));
  const aim = permissions.length === 0 || random.once(4) ? undefined : random.pick(permissions);
  const functionCode = aim === undefined || random.once(12) ? random.pick(Codes) : random.pick(aim.functions);
  const { needed, optional } = requestFields(functionCode);
  const has = (field: keyof AskedRequest) =>
    needed.includes(field as never) || (optional.includes(field as never) && !random.once(3));
  const given = (field: keyof AskedRequest, value: () => number) => (has(field) ? value() : undefined);
  const address = given('address', () => addressIn(random, aim?.addresses));
  const isCoil = functionCode === 5 || functionCode === 15;
  const values = has('values') ? randomValues(random, isCoil, aim) : [];
  const quantity = values.length > 0 ? undefined : given('quantity', () => count(random));
  return {
    unit: aim === undefined || random.once(12) ? random.pick([0, 1, 2, 3, 255]) : random.pick(aim.units),
    functionCode,
    address,
    quantity: functionCode === 21 && values.length > 0 ? values.length : quantity,
    values: functionCode === 5 || functionCode === 6 ? values.slice(0, 1) : values,
    readAddress: given('readAddress', () => addressIn(random, aim?.readAddresses)),
    readQuantity: given('readQuantity', () => count(random)),
    andMask: given('andMask', () => random.pick([0, 0xffff, 0xff0f, 0xfffc, 3, random.below(65_536)])),
    orMask: given('orMask', () => random.pick([0, 1, 2, 0x10, 0x90, random.below(65_536)])),
    subFunction: given('subFunction', () => subFunction(random, functionCode, aim)),
    mei: given('mei', () => random.pick([13, 14, 14, 14, 15, 0, 255])),
    file: given('file', () => random.pick([0, 1, 2, 3, 4])),
    record: given('record', () => random.pick([0, 1, 4, 9, 10, 9_999])),
  };
}

/**
 * Its PDU, from MAP V1.1b3 §6 and nothing of ours; `undefined` where no one could send it. `typed` is how a register
 * and what follows it are typed.
 */
export function pduOf(
  asked: AskedRequest,
  typed: (address: number) => ValueRule | undefined,
): Buffer | undefined {
  const { functionCode: code, address = 0, quantity, values } = asked;
  const read = (at: number, many: number) => [...word(at), ...word(many)];
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
      return Buffer.from([code, ...read(address, quantity ?? 1)]);
    case 5:
      return Buffer.from([code, ...word(address), values[0] === 1 ? 0xff : 0, 0]);
    case 6:
    case 16:
    case 23: {
      const registers = registersOf(values, address, typed);
      if (registers === undefined) return undefined;
      while (registers.length < (quantity ?? 1)) registers.push(0);
      const bytes = registers.flatMap(word);
      if (code === 6) return Buffer.from([code, ...word(address), ...bytes]);
      const head = code === 16 ? [] : read(asked.readAddress ?? 0, asked.readQuantity ?? 1);
      return Buffer.from([code, ...head, ...read(address, registers.length), bytes.length & 0xff, ...bytes]);
    }
    case 8:
      return Buffer.from([code, ...word(asked.subFunction ?? 0), 0, 0]);
    case 15: {
      const bits = [...values];
      while (bits.length < (quantity ?? 1)) bits.push(0);
      const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
      for (const [at, bit] of bits.entries()) bytes[at >> 3]! |= bit << (at & 7);
      return Buffer.from([code, ...read(address, bits.length), bytes.length & 0xff, ...bytes]);
    }
    case 20:
    case 21: {
      const length = quantity ?? 1;
      if (registersOf(values, 0, () => undefined) === undefined) return undefined;
      const data = code === 20 ? [] : Array.from({ length }, (_, at) => word(values[at] ?? 0)).flat();
      const group = [6, ...word(asked.file ?? 1), ...word(asked.record ?? 0), ...word(length), ...data];
      return Buffer.from([code, group.length & 0xff, ...group]);
    }
    case 22:
      return Buffer.from([code, ...word(address), ...word(asked.andMask ?? 0), ...word(asked.orMask ?? 0)]);
    case 24:
      return Buffer.from([code, ...word(address)]);
    case 43:
      return Buffer.from(asked.mei === 14 ? [code, 14, 1, 0] : [code, asked.mei ?? 14]);
    case 90:
      return Buffer.from(asked.subFunction === undefined ? [code] : [code, 0, asked.subFunction & 0xff]);
    default:
      return Buffer.from([code]);
  }
}

/** What the first permission that types an address for this function says, or else for any. */
export function typedBy({ permissions }: ModbusProfile, { functionCode, unit }: AskedRequest) {
  return (address: number): ValueRule | undefined => {
    const typing = permissions.filter(
      ({ values, units, addresses }) =>
        values.length > 0 &&
        units.includes(unit) &&
        addresses.some(({ first, last }) => first <= address && address <= last),
    );
    return (typing.find(({ functions }) => functions.includes(functionCode)) ?? typing[0])?.values[0];
  };
}

function registersOf(
  values: readonly number[],
  address: number,
  typed: (address: number) => ValueRule | undefined,
): number[] | undefined {
  const registers: number[] = [];
  for (const value of values) {
    const { type, words, bytes } = typed(address + registers.length) ?? {
      type: 'u16',
      words: 'big',
      bytes: 'big',
    };
    const buffer = Buffer.alloc(8);
    try {
      const width = write(buffer, type, value);
      const some = Array.from({ length: width }, (_, at) =>
        bytes === 'little' ? buffer.readUInt16LE(2 * at) : buffer.readUInt16BE(2 * at),
      );
      registers.push(...(words === 'little' ? some.reverse() : some));
    } catch {
      return undefined;
    }
  }
  return registers;
}

/** Throws where the type cannot hold the value. */
function write(buffer: Buffer, type: ValueRule['type'], value: number): 1 | 2 | 4 {
  const isFloat = type === 'f32' || type === 'f64';
  if (!isFloat && !Number.isInteger(value)) throw new RangeError('a fraction');
  switch (type) {
    case 'u16':
      if (value < 0) buffer.writeInt16BE(value);
      else buffer.writeUInt16BE(value);
      return 1;
    case 's16':
      buffer.writeInt16BE(value);
      return 1;
    case 'u32':
      buffer.writeUInt32BE(value);
      return 2;
    case 's32':
      buffer.writeInt32BE(value);
      return 2;
    case 'f32':
      buffer.writeFloatBE(value);
      return 2;
    case 'u64':
      buffer.writeBigUInt64BE(BigInt(value));
      return 4;
    case 'f64':
      buffer.writeDoubleBE(value);
      return 4;
  }
}

function randomValues(random: Random, isCoil: boolean, aim: ModbusPermission | undefined): readonly number[] {
  const length = random.once(10) ? random.pick([40, 62, 124]) : random.pick([1, 1, 1, 2, 3, 4]);
  if (isCoil) return Array.from({ length }, () => random.below(2));
  // Near what the server holds at first, seven times the address, so that small steps happen.
  const near = 7 * (aim?.addresses[0]?.first ?? 0);
  const pool = [0, 1, 100, -5, 12.5, 500, 501, 70_000, near, near + 4, near + 7, near + 30];
  return Array.from({ length }, () => (random.once(30) ? -0.5 : random.pick(pool)));
}

function addressIn(
  random: Random,
  ranges: readonly { readonly first: number; readonly last: number }[] | undefined,
): number {
  if (ranges !== undefined && ranges.length > 0 && !random.once(5)) {
    const { first, last } = random.pick(ranges);
    return random.pick([first, last, random.between(first, last), last + 1]);
  }
  return random.once(20) ? random.pick([0xffff, 0xfffe]) : random.below(100);
}

function count(random: Random): number {
  return random.once(15) ? random.pick([0, 125, 126, 2000, 2001, 65_535]) : random.pick([1, 1, 2, 3, 8, 9]);
}

function subFunction(random: Random, code: number, aim: ModbusPermission | undefined): number {
  const known = aim?.subFunctions ?? [];
  if (known.length > 0 && !random.once(4)) return random.pick(known);
  // Not 4, after which a server says nothing any more.
  return code === 8 ? random.pick([0, 1, 2, 3, 10, 11, 18, 21, 99]) : random.below(6);
}

function word(value: number): [number, number] {
  return [(value >> 8) & 0xff, value & 0xff];
}

const Codes = [
  1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 11, 12, 15, 16, 16, 17, 20, 21, 22, 23, 24, 43, 90, 100, 65, 9, 127,
];
