import { functionCode, isOpaque } from '../../../rules/modbus/message/function-code.ts';
import { CoilOn, createRequest, type Request } from '../../../rules/modbus/message/request.ts';
import { type ModbusProfile, ValueTypes } from '../../../rules/modbus/profile.ts';
import { UsageError } from '../output.ts';
import { encodeValue, formInProfile, type ValueForm } from './encode-value.ts';

/**
 * The request a question is about. It may break rules of the protocol: the inspection says so, not this. A
 * value takes the type that the profile gives to where it goes, unless `type=` says another.
 * @throws UsageError naming the word that is missing or wrong
 */
export function buildRequest(words: ReadonlyMap<string, string>, profile: ModbusProfile): Request {
  const request = createRequest();
  const code = number(words, 'fc', 0, 127);
  request.functionCode = code;
  request.unit = number(words, 'unit', 0, 255);
  const entry = functionCode(code);
  const address = (): number => number(words, 'address', 0, 65535);
  const quantity = (): number => (words.has('quantity') ? number(words, 'quantity', 0, 65535) : 1);
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 24:
      request.readAddress = address();
      request.readQuantity = quantity();
      break;
    case 5:
    case 6:
    case 15:
    case 16:
    case 23:
      if (code === 23) {
        request.readAddress = number(words, 'read_address', 0, 65535);
        request.readQuantity = words.has('read_quantity') ? number(words, 'read_quantity', 0, 65535) : 1;
      }
      request.writeAddress = address();
      putWritten(request, words, profile);
      break;
    case 8:
      request.subFunction = number(words, 'sub', 0, 65535);
      lend(request, data(words) ?? [0, 0]);
      break;
    case 20:
    case 21:
      lend(request, fileGroup(words, code, quantity()));
      break;
    case 22:
      request.writeAddress = address();
      request.writeQuantity = 1;
      request.andMask = number(words, 'and', 0, 65535);
      request.orMask = number(words, 'or', 0, 65535);
      break;
    case 43:
      request.subFunction = number(words, 'mei', 0, 255);
      // Basic device identification from the first object on (MAP V1.1b3 §6.21).
      lend(request, data(words) ?? (request.subFunction === 14 ? [1, 0] : []));
      break;
    default:
      if (entry === undefined && isOpaque(code)) lend(request, opaqueData(request, words));
  }
  return request;
}

/** How the values of a question lie in registers. */
export function valueForm(
  words: ReadonlyMap<string, string>,
  profile: ModbusProfile,
  request: Pick<Request, 'functionCode' | 'unit' | 'writeAddress'>,
): ValueForm {
  const order = (word: string): 'big' | 'little' => (words.get(word) === 'little' ? 'little' : 'big');
  const named = words.get('type');
  const type = ValueTypes.find((each) => each === named);
  if (named !== undefined && type === undefined) {
    throw new UsageError(`type=${named} is no type.`, `The types are: ${ValueTypes.join(', ')}.`);
  }
  if (type !== undefined) return { type, words: order('words'), bytes: order('bytes') };
  const { functionCode: code, unit, writeAddress } = request;
  const form = formInProfile(profile, code, unit, writeAddress);
  return form ?? { type: 'u16', words: 'big', bytes: 'big' };
}

/** One value as registers. @throws UsageError where its type cannot hold it */
export function registersOf(value: number, form: ValueForm): readonly number[] {
  // A negative number in a register without a type is the register's two's complement.
  const fitting = form.type === 'u16' && value < 0 ? { ...form, type: 's16' as const } : form;
  const registers = encodeValue(value, fitting);
  if (registers !== undefined) return registers;
  throw new UsageError(`${value} is no ${form.type}.`, 'Say what it is with type=, as type=f32 words=big.');
}

function putWritten(request: Request, words: ReadonlyMap<string, string>, profile: ModbusProfile): void {
  const values = words.get('value')?.split(',') ?? [];
  const isCoil = request.functionCode === 5 || request.functionCode === 15;
  const form = valueForm(words, profile, request);
  const units = isCoil
    ? values.map(coil)
    : values.flatMap((text) => registersOf(numeral(text, 'value'), form));
  const count = words.has('quantity') ? number(words, 'quantity', 0, 1968) : Math.max(1, units.length);
  while (units.length < count) units.push(0);
  request.writeQuantity = units.length;
  if (request.functionCode === 5) lend(request, wordBytes([units[0] === 1 ? CoilOn : 0]));
  else lend(request, isCoil ? packed(units) : wordBytes(units));
}

function coil(text: string): number {
  const value = { on: 1, '1': 1, true: 1, off: 0, '0': 0, false: 0 }[text];
  if (value !== undefined) return value;
  throw new UsageError(`value=${text} is nothing a coil can be.`, 'Write on or off.');
}

function fileGroup(words: ReadonlyMap<string, string>, code: number, quantity: number): readonly number[] {
  const values = (words.get('value')?.split(',') ?? []).map((text) => numeral(text, 'value') & 0xffff);
  const length = code === 21 && values.length > 0 ? values.length : quantity;
  while (code === 21 && values.length < length) values.push(0);
  const head = [number(words, 'file', 0, 65535), number(words, 'record', 0, 65535), length];
  return [6, ...wordBytes([...head, ...(code === 21 ? values : [])])];
}

/** UMAS has a session before its function; of anything else nothing is known. */
function opaqueData(request: Request, words: ReadonlyMap<string, string>): readonly number[] {
  const rest = data(words) ?? [];
  if (!words.has('sub')) return rest;
  const sub = number(words, 'sub', 0, 255);
  request.subFunction = sub;
  return [0, sub, ...rest];
}

/** `data=0a0b`: bytes in hexadecimal. */
function data(words: ReadonlyMap<string, string>): readonly number[] | undefined {
  const text = words.get('data');
  if (text === undefined) return undefined;
  if (!/^([0-9a-f]{2})+$/i.test(text)) {
    throw new UsageError(`data=${text} is not hexadecimal.`, 'Write two digits for each byte, as data=0a0b.');
  }
  return [...Buffer.from(text, 'hex')];
}

function number(words: ReadonlyMap<string, string>, word: string, lowest: number, highest: number): number {
  const text = words.get(word);
  if (text === undefined)
    throw new UsageError(`${word}= is missing.`, `Add ${word}= and a number to the request.`);
  const value = numeral(text, word);
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new UsageError(`${word}=${text} cannot be.`, `Write a whole number from ${lowest} to ${highest}.`);
}

function numeral(text: string, word: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return value;
  throw new UsageError(`${word}=${text} is no number.`, 'Write it in decimal digits, or as 0x00f2.');
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
