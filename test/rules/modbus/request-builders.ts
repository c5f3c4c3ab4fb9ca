import {
  aduLength,
  createRequest,
  emitRequest,
  type Request,
} from '../../../rules/modbus/message/request.ts';

/** A read of coils, discrete inputs, holding or input registers. */
export function read(functionCode: 1 | 2 | 3 | 4, address: number, quantity = 1, unit = 1): Request {
  return requestOf({ unit, functionCode, readAddress: address, readQuantity: quantity });
}

export function writeCoil(address: number, on: boolean, unit = 1): Request {
  return requestOf({ unit, functionCode: 5, writeAddress: address, writeQuantity: 1 }, [on ? 0xff : 0, 0]);
}

export function writeRegister(address: number, value: number, unit = 1): Request {
  return requestOf({ unit, functionCode: 6, writeAddress: address, writeQuantity: 1 }, words([value]));
}

export function writeCoils(address: number, coils: readonly boolean[], unit = 1): Request {
  const bits = new Array<number>(Math.ceil(coils.length / 8)).fill(0);
  for (const [index, on] of coils.entries()) if (on) bits[index >> 3]! |= 1 << (index & 7);
  return requestOf({ unit, functionCode: 15, writeAddress: address, writeQuantity: coils.length }, bits);
}

export function writeRegisters(address: number, values: readonly number[], unit = 1): Request {
  const fields = { unit, functionCode: 16, writeAddress: address, writeQuantity: values.length };
  return requestOf(fields, words(values));
}

export function maskWrite(address: number, andMask: number, orMask: number, unit = 1): Request {
  return requestOf({ unit, functionCode: 22, writeAddress: address, writeQuantity: 1, andMask, orMask });
}

export function readWrite(
  readAddress: number,
  readQuantity: number,
  writeAddress: number,
  values: readonly number[],
  unit = 1,
): Request {
  const fields = { unit, functionCode: 23, readAddress, readQuantity, writeAddress };
  return requestOf({ ...fields, writeQuantity: values.length }, words(values));
}

export function readFifo(pointer: number, unit = 1): Request {
  return requestOf({ unit, functionCode: 24, readAddress: pointer, readQuantity: 1 });
}

/** Read Exception Status, the two comm event functions and Report Server ID: a function code and no more. */
export function plain(functionCode: 7 | 11 | 12 | 17, unit = 1): Request {
  return requestOf({ unit, functionCode });
}

export function diagnostics(subFunction: number, data: readonly number[] = [0], unit = 1): Request {
  return requestOf({ unit, functionCode: 8, subFunction }, words(data));
}

/** Some records of a file. */
export interface FileGroup {
  readonly file: number;
  readonly record: number;
  readonly length: number;
}

export function readFile(groups: readonly FileGroup[], unit = 1): Request {
  return requestOf({ unit, functionCode: 20 }, groups.flatMap(groupHeader));
}

/** Each group with as many registers as it has records. */
export function writeFile(
  groups: readonly { readonly file: number; readonly record: number; readonly values: readonly number[] }[],
  unit = 1,
): Request {
  const data = groups.flatMap((group) => [
    ...groupHeader({ ...group, length: group.values.length }),
    ...words(group.values),
  ]);
  return requestOf({ unit, functionCode: 21 }, data);
}

/** Codes 1 basic, 2 regular, 3 extended, 4 one object. */
export function readDeviceId(code: 1 | 2 | 3 | 4, object = 0, unit = 1): Request {
  return requestOf({ unit, functionCode: 43, subFunction: 14 }, [code, object]);
}

/** Any MEI type whose data is opaque, with the bytes behind it. */
export function encapsulated(type: number, data: readonly number[], unit = 1): Request {
  return requestOf({ unit, functionCode: 43, subFunction: type }, data);
}

/** A function that is not public, with the bytes behind its code. */
export function opaque(functionCode: number, data: readonly number[], unit = 1): Request {
  const subFunction = functionCode === 90 ? (data[1] ?? -1) : -1;
  return requestOf({ unit, functionCode, subFunction }, data);
}

/** The canonical ADU of a request. */
export function aduOf(request: Request, transactionId = 1): Uint8Array {
  const out = new Uint8Array(aduLength(request));
  emitRequest(request, transactionId, out);
  return out;
}

/** What a request says, wherever its data lies: two requests are the same when these are equal. */
export function saying({ bytes, dataStart, dataEnd, ...fields }: Request): object {
  return { ...fields, data: hexOf(bytes.subarray(dataStart, dataEnd)) };
}

/** A PDU with its header: everything behind the length field in hexadecimal. */
export function adu(transactionId: number, hex: string): Uint8Array {
  const tail = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const head = [transactionId >>> 8, transactionId & 0xff, 0, 0, tail.length >>> 8, tail.length & 0xff];
  return Uint8Array.from([...head, ...tail]);
}

/** As one string: readable where a test fails. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/..(?!$)/g, '$& ');
}

/** Big-endian bytes of 16-bit numbers. */
export function words(values: readonly number[]): number[] {
  return values.flatMap((value) => [value >>> 8, value & 0xff]);
}

function groupHeader({ file, record, length }: FileGroup): number[] {
  return [6, ...words([file, record, length])];
}

function requestOf(fields: Partial<Request>, data: readonly number[] = []): Request {
  const bytes = Uint8Array.from(data);
  return { ...createRequest(), ...fields, bytes, dataStart: 0, dataEnd: bytes.length };
}
