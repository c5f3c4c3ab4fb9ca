import { readSpan, writes, writtenQuantity, writtenWord } from './access.ts';
import { type Refusal, RefusalValues } from './effect.ts';
import type { Request } from './request.ts';

/** The part of a record that says what was asked for. */
export type Asked = Pick<Refusal, 'unit' | 'functionCode' | 'address' | 'quantity' | 'values' | 'read'>;

/** What a request asks for, decoded. */
export function asked(request: Request): Asked {
  const { unit, functionCode, address } = request;
  if (!writes(request)) {
    return { unit, functionCode, address, quantity: request.quantity, values: [], read: undefined };
  }
  const quantity = writtenQuantity(request);
  const span = readSpan(request);
  return {
    unit,
    functionCode,
    address,
    quantity,
    values: request.functionCode === 22 ? [request.and, request.or] : firstValues(request, quantity),
    read: span && { address: span.address, quantity: span.quantity },
  };
}

/** What is known of an ADU whose data was not, or could not be, parsed. */
export function askedByHeader(unit: number, functionCode: number): Asked {
  return { unit, functionCode, address: undefined, quantity: undefined, values: [], read: undefined };
}

function firstValues(request: Parameters<typeof writtenWord>[0], quantity: number): readonly number[] {
  const values: number[] = [];
  for (let index = 0; index < Math.min(quantity, RefusalValues); index++) {
    const word = writtenWord(request, index);
    if (word !== undefined) values.push(word);
  }
  return values;
}
