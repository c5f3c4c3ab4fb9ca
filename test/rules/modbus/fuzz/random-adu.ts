import type { AddressRange, ModbusPermission, ModbusProfile } from '../../../../rules/modbus/profile.ts';
import type { Random } from './random.ts';

/** A request of any function, well-formed nearly always, and more often than not aimed at what is permitted. */
export function randomRequest(
  random: Random,
  profile: ModbusProfile,
): readonly [unit: number, pdu: readonly number[]] {
  const aim = random.once(3) ? undefined : random.pick(profile.permissions);
  const unit = random.once(12) ? random.pick([0, 2, 3, 255, random.below(256)]) : pick(random, aim?.units, 1);
  return [unit, randomPdu(random, aim)];
}

export function aduOf(id: number, unit: number, pdu: readonly number[]): Uint8Array {
  const length = pdu.length + 1;
  return Uint8Array.from([...word(id), 0, 0, ...word(length), unit, ...pdu]);
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function randomPdu(random: Random, aim: ModbusPermission | undefined): readonly number[] {
  const code = aim === undefined ? random.pick(Codes) : random.pick(aim.functions);
  const quantity = random.once(20)
    ? random.pick(Extremes)
    : random.pick([1, 1, 2, 2, 4, random.between(1, 9)]);
  const place = (): readonly number[] => word(address(random, aim?.addresses));
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
      return [code, ...place(), ...word(quantity)];
    case 5:
      return [code, ...place(), random.once(2) ? 0xff : 0, random.once(30) ? 1 : 0];
    case 6: {
      const at = address(random, aim?.addresses);
      return [code, ...word(at), ...word(aim?.step === undefined ? value(random) : near(random, at))];
    }
    case 7:
    case 11:
    case 12:
    case 17:
      return [code];
    case 8: {
      const sub = random.once(2) ? pick(random, aim?.subFunctions, 0) : random.pick(SubFunctions);
      return [code, ...word(sub), ...(sub === 0 ? words(random, 1 + loop(random)) : [0, 0])];
    }
    case 15: {
      const count = Math.ceil(Math.min(quantity, 1976) / 8);
      const bits = Array.from({ length: count }, () => random.below(256));
      return [code, ...place(), ...word(quantity), count & 0xff, ...bits];
    }
    case 16: {
      const data = words(random, Math.min(quantity, 124));
      return [code, ...place(), ...word(data.length / 2), data.length & 0xff, ...data];
    }
    case 20:
    case 21:
      return filePdu(random, code);
    case 22:
      return [code, ...place(), ...word(mask(random)), ...word(mask(random))];
    case 23: {
      const data = words(random, Math.min(quantity, 122));
      const read = [...word(address(random, aim?.readAddresses)), ...word(random.between(1, 5))];
      return [code, ...read, ...place(), ...word(data.length / 2), data.length & 0xff, ...data];
    }
    case 24:
      return [code, ...place()];
    case 43:
      if (aim?.mei.includes(14) ?? random.once(2)) return [code, 14, random.between(1, 4), random.below(4)];
      return [code, random.pick([13, 13, 0, 15, 255]), ...words(random, random.below(14))];
    case 90:
      return [code, random.below(2), random.below(6), ...words(random, random.pick([0, 1, 10, 40, 120]))];
    default:
      return [code, ...words(random, random.pick([0, 1, 10, 26, 27, 120]))];
  }
}

function word(value: number): readonly [high: number, low: number] {
  return [(value >> 8) & 0xff, value & 0xff];
}

function filePdu(random: Random, code: 20 | 21): readonly number[] {
  const groups = Array.from({ length: random.between(1, 3) }, () => {
    const length = random.once(20) ? random.pick([0, 0x7ffd, 0xffff]) : random.between(1, 4);
    const record = random.once(20) ? random.pick([9_999, 10_000, 65_535]) : random.below(22);
    const head = [6, ...word(random.pick([0, 1, 2, 2, 2, 3])), ...word(record), ...word(length)];
    return code === 20 ? head : [...head, ...words(random, Math.min(length, 4))];
  }).flat();
  return [code, groups.length & 0xff, ...groups];
}

function address(random: Random, ranges: readonly AddressRange[] | undefined): number {
  if (ranges !== undefined && ranges.length > 0 && !random.once(4)) {
    const { first, last } = random.pick(ranges);
    return random.between(first, last);
  }
  return random.once(20) ? random.pick([0x7fff, 0xfffe, 0xffff, random.below(65_536)]) : random.below(44);
}

function value(random: Random): number {
  if (random.once(2)) return random.below(300);
  return random.pick([0, 0, 1, 2, 210, 0x3f80, 0x7f80, 0xffd8, 0x803f, 0xffff, random.below(65_536)]);
}

/** Not far from what stands at an address at first, so that small steps happen. */
function near(random: Random, at: number): number {
  return at * 7 + random.below(120);
}

function mask(random: Random): number {
  return random.once(2) ? random.pick([0, 0xff0f, 0xffff, 0x00f0, 3, 1]) : random.below(65_536);
}

function words(random: Random, count: number): readonly number[] {
  return Array.from({ length: count }, () => word(value(random))).flat();
}

function loop(random: Random): number {
  return random.once(4) ? random.below(20) : 0;
}

function pick(random: Random, from: readonly number[] | undefined, otherwise: number): number {
  return from === undefined || from.length === 0 ? otherwise : random.pick(from);
}

const Codes = [
  1, 2, 3, 3, 3, 4, 5, 5, 6, 6, 6, 7, 8, 11, 12, 15, 15, 16, 16, 16, 16, 17, 20, 21, 21, 22, 22, 23, 23, 24,
  43, 90, 100, 65, 9, 127,
];

const SubFunctions = [0, 1, 2, 3, 4, 10, 11, 18, 19, 20, 21];

const Extremes = [0, 122, 123, 124, 125, 126, 1968, 1969, 1976, 2000, 2001, 65_535];
