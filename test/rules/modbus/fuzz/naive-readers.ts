/** A request somebody takes the bytes for. */
export interface Found {
  /** Which reader. */
  readonly by: string;
  readonly unit: number;
  readonly pdu: Uint8Array;
}

/** Reads what was sent to a server, write by write, as one kind of server does. `over` is true for a begun rest. */
export type Reader = (writes: readonly Uint8Array[]) => {
  readonly found: readonly Found[];
  readonly rest: number;
};

/** Cuts the stream by the MBAP length alone and looks at no protocol identifier: jsmodbus, pymodbus. */
function byLength(writes: readonly Uint8Array[]) {
  const stream = concatenate(writes);
  const found: Found[] = [];
  let at = 0;
  while (at + 7 <= stream.length) {
    const end = at + 6 + word(stream, at + 4);
    if (end > stream.length) break;
    found.push({ by: 'length', unit: stream[at + 6] ?? 0, pdu: stream.subarray(at + 7, end) });
    at = Math.max(end, at + 6);
  }
  return { found, rest: stream.length - at };
}

/**
 * As libmodbus: pays no heed to the length field, goes by the function code and its byte count; a function it
 * does not know is answered with an exception and everything that has arrived is thrown away.
 */
function byFunctionCode(writes: readonly Uint8Array[]) {
  const found: Found[] = [];
  let pending = new Uint8Array(0);
  for (const write of writes) {
    pending = concatenate([pending, write]);
    for (;;) {
      if (pending.length < 8) break;
      const length = libmodbusLength(pending);
      if (length === undefined) {
        found.push({ by: 'function code', unit: pending[6] ?? 0, pdu: pending.subarray(7) });
        pending = new Uint8Array(0);
      } else if (pending.length < length) break;
      else {
        found.push({ by: 'function code', unit: pending[6] ?? 0, pdu: pending.subarray(7, length) });
        pending = pending.subarray(length);
      }
    }
  }
  return { found, rest: pending.length };
}

/** The ADU's bytes; `undefined` for a function libmodbus has none for. */
function libmodbusLength(bytes: Uint8Array): number | undefined {
  const code = bytes[7] ?? 0;
  if (code >= 1 && code <= 6) return 12;
  if (code === 7 || code === 17) return 8;
  if (code === 15 || code === 16) return bytes.length < 13 ? 13 : 13 + (bytes[12] ?? 0);
  if (code === 22) return 14;
  if (code === 23) return bytes.length < 17 ? 17 : 17 + (bytes[16] ?? 0);
  return undefined;
}

/** One write is one request: the header is skipped, whatever it says, and the rest is the PDU. */
function bySegment(writes: readonly Uint8Array[]) {
  const found = writes.map((write) => ({ by: 'segment', unit: write[6] ?? 0, pdu: write.subarray(7) }));
  return { found, rest: 0 };
}

/**
 * One write after the other, and in each as many requests as there are: one by its function code, and behind it
 * whatever looks like a header, however far on.
 */
function bySearching(writes: readonly Uint8Array[]) {
  const found: Found[] = [];
  for (const write of writes) {
    let at = 0;
    while (at + 8 <= write.length) {
      const isHeader = word(write, at + 2) === 0 && word(write, at + 4) >= 2 && word(write, at + 4) <= 254;
      if (at > 0 && !isHeader) {
        at++;
        continue;
      }
      const length = libmodbusLength(write.subarray(at)) ?? 6 + word(write, at + 4);
      const end = Math.min(write.length, at + length);
      found.push({ by: 'searching', unit: write[at + 6] ?? 0, pdu: write.subarray(at + 7, end) });
      at = end;
    }
  }
  return { found, rest: 0 };
}

/** RTU: a write is a frame of unit, PDU and checksum, if the checksum holds. */
function asRtu(writes: readonly Uint8Array[]) {
  const found: Found[] = [];
  for (const write of writes) {
    const end = write.length - 2;
    if (end < 2 || crc16(write.subarray(0, end)) !== (write[end] ?? 0) + 256 * (write[end + 1] ?? 0))
      continue;
    found.push({ by: 'RTU', unit: write[0] ?? 0, pdu: write.subarray(1, end) });
  }
  return { found, rest: 0 };
}

export const readers: readonly Reader[] = [byLength, byFunctionCode, bySegment, bySearching, asRtu];

/** MODBUS over Serial Line V1.02 §6.2.2. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}
