import { beginAdu, DataOffset, putWord } from './adu.ts';

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

function putRegisters(adu: Uint8Array, at: number, registers: Uint16Array): void {
  putWord(adu, at, registers.length);
  adu[at + 2] = 2 * registers.length;
  for (let index = 0; index < registers.length; index++) {
    putWord(adu, at + 3 + 2 * index, registers[index] ?? 0);
  }
}
