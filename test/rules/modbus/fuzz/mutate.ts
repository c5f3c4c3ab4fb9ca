import type { ModbusProfile } from '../../../../rules/modbus/profile.ts';
import { crc16 } from './naive-readers.ts';
import type { Random } from './random.ts';
import { aduOf, concatenate, randomRequest } from './random-adu.ts';

/** Bytes made from valid requests by changing what a reader relies on. */
export function mutate(random: Random, profile: ModbusProfile, id: number): Uint8Array {
  const one = aduOf(id, ...randomRequest(random, profile));
  const hidden = aduOf(id + 1, ...randomRequest(random, profile));
  switch (random.below(14)) {
    case 0: // a length over the next request
      return withLength(concatenate([one, hidden]), one.length + hidden.length - 6);
    case 1:
      return withLength(one, random.pick([0, 1, 2, 254, 255, 256, 0x1d00, 65_535]));
    case 2:
      return withLength(one, one.length - 6 + random.between(-4, 4));
    case 3:
      return concatenate([withLength(one, Math.max(2, one.length - 6 - random.below(4))), hidden]);
    case 4: // a count, an address, a quantity, a function
      return changed(one, random.between(7, one.length - 1), random.below(256));
    case 5:
      return changed(one, random.between(7, one.length - 1), (one.at(-1) ?? 0) ^ (1 << random.below(8)));
    case 6: // protocol identifier
      return changed(one, random.between(2, 3), random.pick([1, 2, 255]));
    case 7: // cut short, its length too, or not
      return random.once(2) ? one.slice(0, random.below(one.length)) : shortened(one, random.between(1, 3));
    case 8: // bytes behind the PDU, within its length
      return withLength(concatenate([one, hidden.slice(0, random.between(1, 9))]), one.length - 6 + 9);
    case 9:
      return concatenate([one, one]);
    case 10: // a request within the data of a request
      return aduOf(id, 1, [16, 0, 10, 0, hidden.length >> 1, hidden.length & 0xfe, ...hidden]);
    case 11: // the same within the data of an opaque one
      return aduOf(id, 1, [random.pick([100, 90, 43, 65]), random.pick([13, 0, 1]), 2, ...hidden]);
    case 12: {
      const frame = one.slice(6);
      const crc = crc16(frame);
      return concatenate([frame, Uint8Array.of(crc & 0xff, crc >> 8)]);
    }
    default:
      return Uint8Array.from({ length: random.between(1, 40) }, () =>
        random.pick([0, 0, 0, 1, 3, 6, 16, random.below(256)]),
      );
  }
}

function withLength(bytes: Uint8Array, length: number): Uint8Array {
  return changed(changed(bytes, 4, (length >> 8) & 0xff), 5, length & 0xff);
}

function shortened(bytes: Uint8Array, by: number): Uint8Array {
  return withLength(bytes.slice(0, -by), bytes.length - 6 - by);
}

function changed(bytes: Uint8Array, at: number, to: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = to;
  return copy;
}
