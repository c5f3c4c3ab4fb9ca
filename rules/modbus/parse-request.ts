import { bitBytes, byteAt, clearPadding, DataOffset, FunctionOffset, UnitOffset, wordAt } from './adu.ts';
import { ExceptionCode } from './exception-code.ts';
import { ExceptionBit, functionCode, isInspected } from './function-code.ts';
import { CoilOff, CoilOn, type Request } from './request.ts';

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

function request(parsed: Request): ParsedRequest {
  return { kind: 'request', request: parsed };
}

function illegalValue(address: number, quantity: number): ParsedRequest {
  return { kind: 'illegal', exceptionCode: ExceptionCode.IllegalDataValue, address, quantity };
}

const Malformed: ParsedRequest = { kind: 'malformed' };
const Unsupported: ParsedRequest = { kind: 'unsupported' };
