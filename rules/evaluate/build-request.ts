import { DeviceIdentification } from '../modbus/message/function-code.ts';
import { CoilOn, createRequest, type Request } from '../modbus/message/request.ts';
import type { ModbusProfile } from '../modbus/profile.ts';
import type { AskedRequest } from '../policy-test.ts';
import { FieldNames, type RequestField, requestFields } from './request-fields.ts';
import { formInProfile, registersOf, type ValueForm } from './value-form.ts';

/** A request with what only somebody who asks by hand can say. */
export interface StatedRequest extends AskedRequest {
  /** How its values lie in registers; where it is not said, as the profile types what they go to. */
  readonly form?: ValueForm;
  /** What follows the function code, sub-function or MEI type, where nothing else tells it. */
  readonly data?: readonly number[];
}

/** Why something that was asked cannot be sent at all. */
export interface Flaw {
  readonly message: string;
  readonly hint: string;
}

export type BuiltRequest =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly flaw: Flaw };

/**
 * The request somebody asks about. It may break rules of the protocol: the inspection says so, not this. What
 * is not said takes the least the function can have: address 0, one of everything, nothing but zeros.
 */
export function buildRequest(asked: StatedRequest, profile: ModbusProfile): BuiltRequest {
  const foreign = foreignField(asked);
  if (foreign !== undefined) return flawed(...foreign);
  const { functionCode: code, unit, address = 0, quantity = 1 } = asked;
  const request = { ...createRequest(), functionCode: code, unit };
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 24:
      request.readAddress = address;
      request.readQuantity = quantity;
      break;
    case 23:
      request.readAddress = asked.readAddress ?? 0;
      request.readQuantity = asked.readQuantity ?? 1;
      return putRegisters(request, asked, profile);
    case 6:
    case 16:
      return putRegisters(request, asked, profile);
    case 5:
    case 15:
      return putCoils(request, asked);
    case 8:
      request.subFunction = asked.subFunction ?? 0;
      lend(request, asked.data ?? [0, 0]);
      break;
    case 20:
    case 21:
      return putFileGroup(request, asked);
    case 22:
      request.writeAddress = address;
      request.writeQuantity = 1;
      request.andMask = asked.andMask ?? 0;
      request.orMask = asked.orMask ?? 0;
      break;
    case 43:
      request.subFunction = asked.mei ?? DeviceIdentification;
      // Basic device identification from the first object on (MAP V1.1b3 §6.21).
      lend(request, asked.data ?? (request.subFunction === DeviceIdentification ? [1, 0] : []));
      break;
    default:
      putOpaque(request, asked);
  }
  return { ok: true, request };
}

/** What was said that the function has no place for: nobody knows what was meant. */
function foreignField(asked: StatedRequest): readonly [string, string] | undefined {
  const { needed, optional } = requestFields(asked.functionCode);
  const known: readonly RequestField[] = [...needed, ...optional];
  const said = Object.keys(FieldNames).filter((field): field is RequestField => {
    const value = asked[field as RequestField];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
  const foreign = said.find((field) => !known.includes(field));
  if (foreign === undefined) return undefined;
  const has = known.map((field) => FieldNames[field]).join(', ');
  return [
    `Function code ${asked.functionCode} has no ${FieldNames[foreign]}.`,
    has === '' ? 'It has nothing but its unit.' : `It has: ${has}.`,
  ];
}

/** Each value in the form the profile gives to where it goes, one behind the other. */
function putRegisters(request: Request, asked: StatedRequest, profile: ModbusProfile): BuiltRequest {
  const { functionCode: code, unit, address = 0 } = asked;
  const words: number[] = [];
  for (const value of asked.values) {
    const form = asked.form ?? formInProfile(profile, code, unit, address + words.length);
    const registers = registersOf(value, form);
    if (registers === undefined)
      return flawed(`${value} is no ${form.type}.`, 'Give a value its type can hold.');
    words.push(...registers);
  }
  return putWritten(request, asked, words, (all) => wordBytes(all));
}

function putCoils(request: Request, asked: StatedRequest): BuiltRequest {
  const odd = asked.values.find((value) => value !== 0 && value !== 1);
  if (odd !== undefined) return flawed(`${odd} is nothing a coil can be.`, 'A coil is 0 or 1.');
  const single = (all: readonly number[]) => wordBytes(all.map((bit) => (bit === 1 ? CoilOn : 0)));
  return putWritten(request, asked, asked.values, asked.functionCode === 5 ? single : packed);
}

function putWritten(
  request: Request,
  { address = 0, quantity }: StatedRequest,
  said: readonly number[],
  encode: (all: readonly number[]) => readonly number[],
): BuiltRequest {
  const count = quantity ?? Math.max(1, said.length);
  if (said.length > count) {
    return flawed(`${said.length} are written, and the quantity is ${count}.`, 'Leave the quantity out.');
  }
  const all = [...said, ...new Array<number>(count - said.length).fill(0)];
  request.writeAddress = address;
  request.writeQuantity = count;
  lend(request, encode(all));
  return { ok: true, request };
}

/** One group of function codes 20 and 21 (MAP V1.1b3 §6.14): 6, file, record, length, and what is written. */
function putFileGroup(request: Request, asked: StatedRequest): BuiltRequest {
  const { functionCode: code, file = 1, record = 0, values } = asked;
  const words = values.map((value) => registersOf(value, { type: 'u16', words: 'big', bytes: 'big' })?.[0]);
  const odd = values[words.indexOf(undefined)];
  if (odd !== undefined) return flawed(`${odd} is no u16.`, 'A record of a file is a register.');
  const length = asked.quantity ?? Math.max(1, words.length);
  const written = code === 21 ? Array.from({ length }, (_, index) => words[index] ?? 0) : [];
  lend(request, [6, ...wordBytes([file, record, length, ...written])]);
  return { ok: true, request };
}

/** UMAS has a session before its function; of anything else nothing is known. */
function putOpaque(request: Request, { subFunction, data = [] }: StatedRequest): void {
  if (subFunction === undefined) return lend(request, data);
  request.subFunction = subFunction;
  lend(request, [0, subFunction & 0xff, ...data]);
}

function wordBytes(words: readonly number[]): readonly number[] {
  return words.flatMap((word) => [(word >>> 8) & 0xff, word & 0xff]);
}

function packed(bits: readonly number[]): readonly number[] {
  const bytes = new Array<number>(Math.ceil(bits.length / 8)).fill(0);
  bits.forEach((bit, index) => {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (index & 7));
  });
  return bytes;
}

function lend(request: Request, bytes: readonly number[]): void {
  request.bytes = Uint8Array.from(bytes);
  request.dataStart = 0;
  request.dataEnd = bytes.length;
}

function flawed(message: string, hint: string): BuiltRequest {
  return { ok: false, flaw: { message, hint } };
}
