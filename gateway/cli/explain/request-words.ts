import type { StatedRequest } from '../../../rules/evaluate/build-request.ts';
import { FieldNames, requestFields } from '../../../rules/evaluate/request-fields.ts';
import type { ValueForm } from '../../../rules/evaluate/value-form.ts';
import { ValueTypes } from '../../../rules/modbus/profile.ts';
import { UsageError } from '../output.ts';

/**
 * The request in `unit=1 fc=6 address=140 value=20`. What breaks a rule of the protocol can be asked about as
 * well. @throws UsageError naming the word that is missing or wrong
 */
export function parseRequest(words: ReadonlyMap<string, string>): StatedRequest {
  const functionCode = number(words, 'fc', 127);
  const unit = number(words, 'unit', 255);
  const isCoil = functionCode === 5 || functionCode === 15;
  const missing = requestFields(functionCode).needed.find((field) => !words.has(FieldNames[field]));
  if (missing !== undefined) throw lacks(FieldNames[missing]);
  const form = parseForm(words);
  const data = parseData(words);
  return {
    unit,
    functionCode,
    address: optional(words, 'address'),
    quantity: optional(words, 'quantity'),
    values: (words.get('value')?.split(',') ?? []).map((text) =>
      isCoil ? coil(text) : numeral(text, 'value'),
    ),
    readAddress: optional(words, 'read_address'),
    readQuantity: optional(words, 'read_quantity'),
    andMask: optional(words, 'and'),
    orMask: optional(words, 'or'),
    subFunction: optional(words, 'sub'),
    mei: words.has('mei') ? number(words, 'mei', 255) : undefined,
    file: optional(words, 'file'),
    record: optional(words, 'record'),
    ...(form === undefined ? {} : { form }),
    ...(data === undefined ? {} : { data }),
  };
}

function parseForm(words: ReadonlyMap<string, string>): ValueForm | undefined {
  const order = (word: string): 'big' | 'little' => (words.get(word) === 'little' ? 'little' : 'big');
  const named = words.get('type');
  if (named === undefined) return undefined;
  const type = ValueTypes.find((each) => each === named);
  if (type !== undefined) return { type, words: order('words'), bytes: order('bytes') };
  throw new UsageError(`type=${named} is no type.`, `The types are: ${ValueTypes.join(', ')}.`);
}

function coil(text: string): number {
  const value = { on: 1, '1': 1, true: 1, off: 0, '0': 0, false: 0 }[text];
  if (value !== undefined) return value;
  throw new UsageError(`value=${text} is nothing a coil can be.`, 'Write on or off.');
}

/** `data=0a0b`: bytes in hexadecimal. */
function parseData(words: ReadonlyMap<string, string>): readonly number[] | undefined {
  const text = words.get('data');
  if (text === undefined) return undefined;
  if (!/^([0-9a-f]{2})+$/i.test(text)) {
    throw new UsageError(`data=${text} is not hexadecimal.`, 'Write two digits for each byte, as data=0a0b.');
  }
  return [...Buffer.from(text, 'hex')];
}

function optional(words: ReadonlyMap<string, string>, word: string): number | undefined {
  return words.has(word) ? number(words, word, 65535) : undefined;
}

function number(words: ReadonlyMap<string, string>, word: string, highest: number): number {
  const text = words.get(word);
  if (text === undefined) throw lacks(word);
  const value = numeral(text, word);
  if (Number.isInteger(value) && value >= 0 && value <= highest) return value;
  throw new UsageError(`${word}=${text} cannot be.`, `Write a whole number from 0 to ${highest}.`);
}

function numeral(text: string, word: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return value;
  throw new UsageError(`${word}=${text} is no number.`, 'Write it in decimal digits, or as 0x00f2.');
}

function lacks(word: string): UsageError {
  return new UsageError(`${word}= is missing.`, `Add ${word}= and a number to the request.`);
}

/** Every word a request may have. */
export const RequestWords: readonly string[] = [
  'unit',
  'fc',
  ...Object.values(FieldNames),
  'type',
  'words',
  'bytes',
];
