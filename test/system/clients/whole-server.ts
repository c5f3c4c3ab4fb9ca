/**
 * A server of every public function of MODBUS Application Protocol V1.1b3, on every unit, answering as the
 * specification says; what is not public it echoes. Stock servers lack the file records, the queue and most
 * diagnostics, or get them wrong. Addresses 0-based, registers 0-59999 and bits 0-65535.
 *   whole-server.ts ADDRESS PORT [shuffled]
 * `shuffled` answers what came in one segment last request first, as MODBUS Messaging V1.0b allows.
 */
import { createServer } from 'node:net';

const [address = '', port = '', order = ''] = process.argv.slice(2);
const registers = Uint16Array.from({ length: 60_000 }, (_, index) => index * 3);
const inputs = registers.slice();
const coils = Uint8Array.from({ length: 65_536 }, (_, index) => (index % 3 === 0 ? 1 : 0));
const discretes = coils.slice();
let events = 0;

createServer((socket) => {
  let kept = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    const answers: Buffer[] = [];
    kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes]);
    while (kept.length >= 8 && kept.length >= 6 + kept.readUInt16BE(4)) {
      const end = 6 + kept.readUInt16BE(4);
      const pdu = answer(kept.subarray(7, end));
      if (pdu !== undefined) answers.push(adu(kept, pdu));
      kept = kept.subarray(end);
    }
    if (order === 'shuffled') answers.reverse();
    socket.write(Buffer.concat(answers));
  });
}).listen(Number(port), address, () => console.log('listening'));

function adu(request: Buffer, pdu: Buffer): Buffer {
  const header = Buffer.from(request.subarray(0, 7));
  header.writeUInt16BE(pdu.length + 1, 4);
  return Buffer.concat([header, pdu]);
}

class Exception extends Error {
  readonly code: number;
  constructor(code: number) {
    super();
    this.code = code;
  }
}

function answer(pdu: Buffer): Buffer | undefined {
  const code = pdu.readUInt8(0);
  try {
    const said = (Functions[code] ?? echo)(pdu);
    if (code !== 11) events += 1;
    return said;
  } catch (error) {
    if (error instanceof Exception) return Buffer.from([code | 0x80, error.code]);
    throw error;
  }
}

const Functions: Readonly<Record<number, (pdu: Buffer) => Buffer | undefined>> = {
  1: (pdu) => readBits(pdu, coils),
  2: (pdu) => readBits(pdu, discretes),
  3: (pdu) => readWords(pdu, registers, pdu.readUInt16BE(1), pdu.readUInt16BE(3)),
  4: (pdu) => readWords(pdu, inputs, pdu.readUInt16BE(1), pdu.readUInt16BE(3)),
  5: (pdu) => {
    put(coils, pdu.readUInt16BE(1), pdu.readUInt16BE(3) === 0xff00 ? 1 : 0);
    return echo(pdu);
  },
  6: (pdu) => {
    put(registers, pdu.readUInt16BE(1), pdu.readUInt16BE(3));
    return echo(pdu);
  },
  7: () => Buffer.from([7, 0x6d]),
  8: diagnose,
  11: () => Buffer.from([11, 0, 0, events >> 8, events & 0xff]),
  12: () => Buffer.from([12, 8, 0, 0, 1, 8, 1, 0x21, 0x20, 0]),
  15: (pdu) => {
    const [start, quantity] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3)];
    for (let i = 0; i < quantity; i++) put(coils, start + i, (pdu.readUInt8(6 + (i >> 3)) >> (i & 7)) & 1);
    return pdu.subarray(0, 5);
  },
  16: (pdu) => {
    writeWords(pdu, pdu.readUInt16BE(1), pdu.readUInt16BE(3), 6);
    return pdu.subarray(0, 5);
  },
  17: () => Buffer.from([17, 9, 0x42, 0xff, ...Buffer.from('Penstoc')]),
  20: readFiles,
  21: echo,
  22: (pdu) => {
    const [at, and, or] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3), pdu.readUInt16BE(5)];
    put(registers, at, (get(registers, at) & and) | (or & ~and));
    return echo(pdu);
  },
  23: (pdu) => {
    writeWords(pdu, pdu.readUInt16BE(5), pdu.readUInt16BE(7), 10);
    return readWords(pdu, registers, pdu.readUInt16BE(1), pdu.readUInt16BE(3));
  },
  24: (pdu) => {
    const count = pdu.readUInt16BE(1) % 32;
    const said = Buffer.alloc(5 + 2 * count);
    said.writeUInt8(24, 0);
    said.writeUInt16BE(2 + 2 * count, 1);
    said.writeUInt16BE(count, 3);
    return said;
  },
  43: identify,
};

function echo(pdu: Buffer): Buffer {
  return Buffer.from(pdu);
}

/** MAP V1.1b3 §6.8: counters answer with a count, everything else with what it was asked. */
function diagnose(pdu: Buffer): Buffer | undefined {
  const sub = pdu.readUInt16BE(1);
  if (sub === 4) return undefined;
  return sub === 2 || (sub >= 11 && sub <= 18) ? Buffer.from([8, 0, sub, 0, sub]) : echo(pdu);
}

/** A record holds its own number and its file's. */
function readFiles(pdu: Buffer): Buffer {
  const groups: number[] = [];
  for (let at = 2; at < pdu.length; at += 7) {
    const [file, record, length] = [
      pdu.readUInt16BE(at + 1),
      pdu.readUInt16BE(at + 3),
      pdu.readUInt16BE(at + 5),
    ];
    groups.push(1 + 2 * length, 6);
    for (let i = 0; i < length; i++) groups.push(file & 0xff, (record + i) & 0xff);
  }
  return Buffer.from([20, groups.length, ...groups]);
}

/** Basic stream of three objects, or one of them. */
function identify(pdu: Buffer): Buffer {
  if (pdu.readUInt8(1) !== 14) return echo(pdu);
  const [code, first] = [pdu.readUInt8(2), pdu.readUInt8(3)];
  const objects = ['Penstock', 'PLANT', '1.0'].map((text, id) => [id, text.length, ...Buffer.from(text)]);
  const said = code === 4 ? objects.slice(first, first + 1) : objects;
  if (said.length === 0) throw new Exception(2);
  return Buffer.from([43, 14, code, 0x81, 0, 0, said.length, ...said.flat()]);
}

function readBits(pdu: Buffer, table: Uint8Array): Buffer {
  const [start, quantity] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3)];
  const said = Buffer.alloc(2 + Math.ceil(quantity / 8));
  said.writeUInt8(pdu.readUInt8(0), 0);
  said.writeUInt8(said.length - 2, 1);
  for (let i = 0; i < quantity; i++) {
    const at = 2 + (i >> 3);
    said.writeUInt8(said.readUInt8(at) | (get(table, start + i) << (i & 7)), at);
  }
  return said;
}

function readWords(pdu: Buffer, table: Uint16Array, start: number, quantity: number): Buffer {
  const said = Buffer.alloc(2 + 2 * quantity);
  said.writeUInt8(pdu.readUInt8(0), 0);
  said.writeUInt8(2 * quantity, 1);
  for (let i = 0; i < quantity; i++) said.writeUInt16BE(get(table, start + i), 2 + 2 * i);
  return said;
}

function writeWords(pdu: Buffer, start: number, quantity: number, from: number): void {
  get(registers, start + quantity - 1);
  for (let i = 0; i < quantity; i++) put(registers, start + i, pdu.readUInt16BE(from + 2 * i));
}

function get(table: Uint8Array | Uint16Array, at: number): number {
  const value = table[at];
  if (value === undefined) throw new Exception(2);
  return value;
}

function put(table: Uint8Array | Uint16Array, at: number, value: number): void {
  get(table, at);
  table[at] = value;
}
