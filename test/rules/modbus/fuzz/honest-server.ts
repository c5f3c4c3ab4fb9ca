import type { NaiveRequest, Span } from './naive-request.ts';

/** A server that does what it is asked, at once and in the order it is asked, and knows what to answer. */
export interface HonestServer {
  /** Carries a request out; the answer's PDU, or `undefined` where there is none. */
  readonly carryOut: (request: NaiveRequest, pdu: Uint8Array) => Uint8Array | undefined;
  /** What a register or coil holds. */
  readonly holds: (unit: number, table: Span['table'], address: number) => number;
}

/** What stands at an address tells which one it is, so that an answer to another request is noticed. */
export function createHonestServer(): HonestServer {
  const written = new Map<number, number>();

  function holds(unit: number, table: Span['table'], address: number): number {
    const known = written.get(place(unit, table, address));
    if (known !== undefined) return known;
    return table === 'coils' || table === 'discretes' ? (address + unit) & 1 : address * 7;
  }

  function write({ unit, writes, values, masks }: NaiveRequest): void {
    for (const { table, address, quantity } of writes) {
      for (let at = 0; at < quantity; at++) {
        const before = holds(unit, table, address + at);
        const value =
          masks === undefined ? (values[at] ?? 0) : (before & masks.and) | (masks.or & ~masks.and & 0xffff);
        written.set(place(unit, table, address + at), value);
      }
    }
  }

  function readWords(unit: number, span: Span | undefined): number[] {
    if (span === undefined) return [];
    return Array.from({ length: span.quantity }, (_, at) =>
      holds(unit, span.table, span.address + at),
    ).flatMap((value) => [value >> 8, value & 0xff]);
  }

  function readBits(unit: number, span: Span | undefined): number[] {
    const bytes = new Array<number>(Math.ceil((span?.quantity ?? 0) / 8)).fill(0);
    for (let at = 0; at < (span?.quantity ?? 0); at++)
      bytes[at >> 3] =
        (bytes[at >> 3] ?? 0) | (holds(unit, span?.table ?? 'coils', (span?.address ?? 0) + at) << (at & 7));
    return bytes;
  }

  function answer(request: NaiveRequest, pdu: Uint8Array): readonly number[] | undefined {
    const { functionCode: code, unit, reads, files } = request;
    switch (code) {
      case 1:
      case 2:
        return counted(code, readBits(unit, reads[0]));
      case 3:
      case 4:
      case 23:
        return counted(code, readWords(unit, reads[0]));
      case 7:
        return [code, 0x6d];
      case 8:
        if (request.sub === 4) return undefined;
        return request.sub === 2 || (request.sub >= 11 && request.sub <= 18)
          ? [code, 0, request.sub, 0, 9]
          : [...pdu];
      case 11:
        return [code, 0, 0, 1, 8];
      case 12:
        return counted(code, [0, 0, 1, 8, 1, 0x21, 0x20, 0]);
      case 15:
      case 16:
        return [...pdu.subarray(0, 5)];
      case 17:
        return counted(code, [0x11, 0xff]);
      case 20: {
        const groups = files.flatMap(({ record, length }) => [
          1 + 2 * length,
          6,
          ...Array.from({ length }, (_, at) => [0, (record + at) & 0xff]).flat(),
        ]);
        return groups.length > 251 ? [code | 0x80, 3] : counted(code, groups);
      }
      case 24:
        return [code, 0, 6, 0, 2, 1, 0xb8, 0x12, 0x84];
      case 43:
        if (request.sub !== 14) return [...pdu];
        return pdu[2] === 4
          ? [code, 14, 4, 0x83, 0, 0, 1, pdu[3] ?? 0, 2, 0x76, 0x31]
          : [code, 14, pdu[2] ?? 1, 0x83, 0, 0, 2, 0, 1, 0x41, 1, 1, 0x42];
      default:
        return [...pdu];
    }
  }

  return {
    holds,
    carryOut: (request, pdu) => {
      write(request);
      const said = answer(request, pdu);
      return said === undefined ? undefined : Uint8Array.from(said);
    },
  };
}

function counted(code: number, data: readonly number[]): readonly number[] {
  return [code, data.length, ...data];
}

/** Units 0 and 255 of a direct device are the device itself, and these runs write to nothing else at 0. */
function place(unit: number, table: Span['table'], address: number): number {
  const tables = ['coils', 'discretes', 'holdings', 'inputs'].indexOf(table);
  return ((unit === 255 ? 0 : unit) * 4 + tables) * 65_536 + address;
}
