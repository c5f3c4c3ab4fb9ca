import {
  beginAdu,
  bitBytes,
  byteAt,
  clearPadding,
  DataOffset,
  FunctionOffset,
  putWord,
  UnitOffset,
  wordAt,
} from './adu.ts';
import { ExceptionCode } from './exception-code.ts';
import { ExceptionBit, functionCode, isInspected } from './function-code.ts';

/**
 * A request that breaks no rule of the protocol: every quantity is within its limit, every range ends at
 * or below address 65535, and counts are the lengths of what they count.
 */
export type Request =
  | ReadRequest
  | WriteCoilRequest
  | WriteRegisterRequest
  | WriteCoilsRequest
  | WriteRegistersRequest
  | MaskWriteRequest
  | ReadWriteRequest;

/** Read Coils, Discrete Inputs, Holding Registers, Input Registers (MAP V1.1b3 §6.1 to §6.4). */
export interface ReadRequest {
  readonly functionCode: 1 | 2 | 3 | 4;
  readonly unit: number;
  readonly address: number;
  readonly quantity: number;
}

/** Write Single Coil (MAP V1.1b3 §6.5). */
export interface WriteCoilRequest {
  readonly functionCode: 5;
  readonly unit: number;
  readonly address: number;
  readonly on: boolean;
}

/** Write Single Register (MAP V1.1b3 §6.6). */
export interface WriteRegisterRequest {
  readonly functionCode: 6;
  readonly unit: number;
  readonly address: number;
  readonly value: number;
}

/** Write Multiple Coils (MAP V1.1b3 §6.11). */
export interface WriteCoilsRequest {
  readonly functionCode: 15;
  readonly unit: number;
  readonly address: number;
  readonly quantity: number;
  /** Packed as on the wire; the bits after the last coil are 0. */
  readonly bits: Uint8Array;
}

/** Write Multiple Registers (MAP V1.1b3 §6.12). */
export interface WriteRegistersRequest {
  readonly functionCode: 16;
  readonly unit: number;
  readonly address: number;
  readonly registers: Uint16Array;
}

/** Mask Write Register (MAP V1.1b3 §6.16): result = (current ∧ and) ∨ (or ∧ ¬and). */
export interface MaskWriteRequest {
  readonly functionCode: 22;
  readonly unit: number;
  readonly address: number;
  readonly and: number;
  readonly or: number;
}

/** Read/Write Multiple Registers (MAP V1.1b3 §6.17). The server writes first. */
export interface ReadWriteRequest {
  readonly functionCode: 23;
  readonly unit: number;
  readonly readAddress: number;
  readonly readQuantity: number;
  /** Where it writes. */
  readonly address: number;
  readonly registers: Uint16Array;
}

/** What one framed ADU from a client turned out to be. Only a `request` may ever be forwarded. */
export type ParsedRequest =
  | { readonly kind: 'request'; readonly request: Request }
  /** Its length is that of its function code, but a field has no legal value: answered, connection kept. */
  | {
      readonly kind: 'illegal';
      readonly exceptionCode: number;
      readonly address: number;
      readonly quantity: number;
    }
  /** A function code this release cannot parse; nothing behind the function code has been read. */
  | { readonly kind: 'unsupported' }
  /** Its length is not that of its function code, or it is no request: the stream cannot be trusted. */
  | { readonly kind: 'malformed' };

/** Parses the ADU in `bytes[start, end)`, which a framer has cut. Keeps no reference to `bytes`. */
export function parseRequest(bytes: Uint8Array, start: number, end: number): ParsedRequest {
  const unit = byteAt(bytes, start + UnitOffset);
  const code = byteAt(bytes, start + FunctionOffset);
  const at = start + DataOffset;
  const dataBytes = end - at;
  // MAP V1.1b3 §4.1: 0 is no function code and 128 to 255 are exception responses.
  if (code === 0 || code >= ExceptionBit) return Malformed;
  if (!isInspected(code)) return Unsupported;
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
      return dataBytes === 4 ? parseRead(bytes, at, code, unit) : Malformed;
    case 5:
      return dataBytes === 4 ? parseWriteCoil(bytes, at, unit) : Malformed;
    case 6:
      if (dataBytes !== 4) return Malformed;
      return request({ functionCode: 6, unit, address: wordAt(bytes, at), value: wordAt(bytes, at + 2) });
    case 15:
      return hasCountedTail(bytes, at, end, 4) ? parseWriteCoils(bytes, at, unit) : Malformed;
    case 16:
      return hasCountedTail(bytes, at, end, 4) ? parseWriteRegisters(bytes, at, unit) : Malformed;
    case 22:
      if (dataBytes !== 6) return Malformed;
      return request({
        functionCode: 22,
        unit,
        address: wordAt(bytes, at),
        and: wordAt(bytes, at + 2),
        or: wordAt(bytes, at + 4),
      });
    case 23:
      return hasCountedTail(bytes, at, end, 8) ? parseReadWrite(bytes, at, unit) : Malformed;
    default:
      return Unsupported;
  }
}

/** The canonical ADU of a request: what a server is sent, and the only thing it is sent. */
export function emitRequest(request: Request, transactionId: number): Uint8Array {
  const { functionCode: code, unit } = request;
  switch (request.functionCode) {
    case 1:
    case 2:
    case 3:
    case 4:
      return emitPair(transactionId, unit, code, request.address, request.quantity);
    case 5:
      return emitPair(transactionId, unit, code, request.address, request.on ? CoilOn : CoilOff);
    case 6:
      return emitPair(transactionId, unit, code, request.address, request.value);
    case 15: {
      const adu = beginAdu(transactionId, unit, code, 5 + request.bits.length);
      putWord(adu, DataOffset, request.address);
      putWord(adu, DataOffset + 2, request.quantity);
      adu[DataOffset + 4] = request.bits.length;
      adu.set(request.bits, DataOffset + 5);
      return adu;
    }
    case 16: {
      const adu = beginAdu(transactionId, unit, code, 5 + 2 * request.registers.length);
      putWord(adu, DataOffset, request.address);
      putRegisters(adu, DataOffset + 2, request.registers);
      return adu;
    }
    case 22: {
      const adu = beginAdu(transactionId, unit, code, 6);
      putWord(adu, DataOffset, request.address);
      putWord(adu, DataOffset + 2, request.and);
      putWord(adu, DataOffset + 4, request.or);
      return adu;
    }
    case 23: {
      const adu = beginAdu(transactionId, unit, code, 9 + 2 * request.registers.length);
      putWord(adu, DataOffset, request.readAddress);
      putWord(adu, DataOffset + 2, request.readQuantity);
      putWord(adu, DataOffset + 4, request.address);
      putRegisters(adu, DataOffset + 6, request.registers);
      return adu;
    }
  }
}

/** An ADU whose data is two words, as of the single requests and the responses that echo them. */
export function emitPair(
  transactionId: number,
  unit: number,
  code: number,
  first: number,
  second: number,
): Uint8Array {
  const adu = beginAdu(transactionId, unit, code, 4);
  putWord(adu, DataOffset, first);
  putWord(adu, DataOffset + 2, second);
  return adu;
}

/** The two values of Write Single Coil (MAP V1.1b3 §6.5); all others are illegal. */
export const CoilOn = 0xff00;
export const CoilOff = 0x0000;

function parseRead(bytes: Uint8Array, at: number, code: 1 | 2 | 3 | 4, unit: number): ParsedRequest {
  const address = wordAt(bytes, at);
  const quantity = wordAt(bytes, at + 2);
  const exceptionCode = rangeProblem(address, quantity, functionCode(code)?.maxRead ?? 0);
  if (exceptionCode !== 0) return { kind: 'illegal', exceptionCode, address, quantity };
  return request({ functionCode: code, unit, address, quantity });
}

function parseWriteCoil(bytes: Uint8Array, at: number, unit: number): ParsedRequest {
  const address = wordAt(bytes, at);
  const value = wordAt(bytes, at + 2);
  if (value !== CoilOn && value !== CoilOff) return illegalValue(address, 1);
  return request({ functionCode: 5, unit, address, on: value === CoilOn });
}

function parseWriteCoils(bytes: Uint8Array, at: number, unit: number): ParsedRequest {
  const address = wordAt(bytes, at);
  const quantity = wordAt(bytes, at + 2);
  const count = byteAt(bytes, at + 4);
  if (count !== bitBytes(quantity)) return illegalValue(address, quantity);
  const exceptionCode = rangeProblem(address, quantity, functionCode(15)?.maxWrite ?? 0);
  if (exceptionCode !== 0) return { kind: 'illegal', exceptionCode, address, quantity };
  const bits = bytes.slice(at + 5, at + 5 + count);
  clearPadding(bits, count - 1, quantity);
  return request({ functionCode: 15, unit, address, quantity, bits });
}

function parseWriteRegisters(bytes: Uint8Array, at: number, unit: number): ParsedRequest {
  const address = wordAt(bytes, at);
  const quantity = wordAt(bytes, at + 2);
  if (byteAt(bytes, at + 4) !== 2 * quantity) return illegalValue(address, quantity);
  const exceptionCode = rangeProblem(address, quantity, functionCode(16)?.maxWrite ?? 0);
  if (exceptionCode !== 0) return { kind: 'illegal', exceptionCode, address, quantity };
  return request({ functionCode: 16, unit, address, registers: registersAt(bytes, at + 5, quantity) });
}

function parseReadWrite(bytes: Uint8Array, at: number, unit: number): ParsedRequest {
  const readAddress = wordAt(bytes, at);
  const readQuantity = wordAt(bytes, at + 2);
  const address = wordAt(bytes, at + 4);
  const quantity = wordAt(bytes, at + 6);
  if (byteAt(bytes, at + 8) !== 2 * quantity) return illegalValue(address, quantity);
  const limits = functionCode(23);
  const exceptionCode =
    rangeProblem(readAddress, readQuantity, limits?.maxRead ?? 0) ||
    rangeProblem(address, quantity, limits?.maxWrite ?? 0);
  if (exceptionCode !== 0) return { kind: 'illegal', exceptionCode, address, quantity };
  const registers = registersAt(bytes, at + 9, quantity);
  return request({ functionCode: 23, unit, readAddress, readQuantity, address, registers });
}

/** Whether the byte count behind `fixedBytes` is there and is exactly what follows it. */
function hasCountedTail(bytes: Uint8Array, at: number, end: number, fixedBytes: number): boolean {
  const data = at + fixedBytes + 1;
  return data <= end && byteAt(bytes, data - 1) === end - data;
}

/** The exception a quantity or a range earns by the protocol, 0 for none. Quantity first, as in MAP §6. */
function rangeProblem(address: number, quantity: number, maxQuantity: number): number {
  if (quantity < 1 || quantity > maxQuantity) return ExceptionCode.IllegalDataValue;
  if (address + quantity > 0x1_0000) return ExceptionCode.IllegalDataAddress;
  return 0;
}

function registersAt(bytes: Uint8Array, at: number, quantity: number): Uint16Array {
  const registers = new Uint16Array(quantity);
  for (let index = 0; index < quantity; index++) registers[index] = wordAt(bytes, at + 2 * index);
  return registers;
}

function putRegisters(adu: Uint8Array, at: number, registers: Uint16Array): void {
  putWord(adu, at, registers.length);
  adu[at + 2] = 2 * registers.length;
  for (let index = 0; index < registers.length; index++) {
    putWord(adu, at + 3 + 2 * index, registers[index] ?? 0);
  }
}

function request(parsed: Request): ParsedRequest {
  return { kind: 'request', request: parsed };
}

function illegalValue(address: number, quantity: number): ParsedRequest {
  return { kind: 'illegal', exceptionCode: ExceptionCode.IllegalDataValue, address, quantity };
}

const Malformed: ParsedRequest = { kind: 'malformed' };
const Unsupported: ParsedRequest = { kind: 'unsupported' };
