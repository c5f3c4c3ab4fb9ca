import { functionCode } from '../../rules/modbus/function-code.ts';
import { wordsOf } from '../model/resolve-values.ts';
import type { Permission, ZoneModel } from '../model/zone-model.ts';
import type { Check, Problem } from './check.ts';

/** No address never means any address. */
export const permissionWithoutAddress: Check = {
  code: 'M-303',
  severity: 'error',
  clause: '62443-3-3 SR 3.5',
  title: 'Every permission names its addresses.',
  run: (model) =>
    permissionsOf(model).flatMap(({ at, functions, addresses, readAddresses }) => {
      const bare = addresses.length === 0 ? functions.find(hasAddress) : undefined;
      const hint = 'Add the range it may reach; no range never means all of them.';
      if (bare !== undefined)
        return [{ at, message: `Function code ${bare} is permitted without an address.`, hint }];
      if (functions.includes(ReadWrite) && readAddresses.length === 0)
        return [
          { at, message: 'Function code 23 is permitted without a `read_address` for its read half.', hint },
        ];
      return [];
    }),
};

export const quantityAboveProtocol: Check = {
  code: 'M-310',
  severity: 'error',
  clause: 'MAP V1.1b3 §6',
  title: 'No quantity limit is above what the protocol allows.',
  run: (model) =>
    permissionsOf(model).flatMap(({ at, functions, maxQuantity }) => {
      const over = functions.find((number) => maxQuantity > mostOf(number));
      if (over === undefined) return [];
      return [
        {
          at,
          message: `The quantity ${maxQuantity} is above ${mostOf(over)}, the most function code ${over} can ask for.`,
          hint: `Lower it to ${mostOf(over)}, or give that function code an entry of its own.`,
        },
      ];
    }),
};

/** A value is only written whole, so the rest of such a range can never be written. */
export const splitValue: Check = {
  code: 'M-312',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'Ranges hold whole values.',
  run: (model) =>
    permissionsOf(model).flatMap(({ at, addresses, values }) => {
      const [value] = values;
      const words = value === undefined ? 1 : wordsOf(value.type);
      return addresses
        .filter(({ first, last }) => (last - first + 1) % words !== 0)
        .map(({ first, last }) => ({
          at,
          message: `The range ${first}-${last} splits a ${value?.type}, which fills ${words} registers.`,
          hint: `Let the range hold a multiple of ${words} registers.`,
        }));
    }),
};

export const permitsNothing: Check = {
  code: 'M-315',
  severity: 'error',
  clause: 'MAP V1.1b3 §5',
  title: 'Every permission permits something.',
  run: (model) =>
    permissionsOf(model).flatMap(({ at, functions, mei }): readonly Problem[] => {
      const unknown = functions.find((number) => functionCode(number) === undefined);
      if (unknown !== undefined)
        return [
          {
            at,
            message: `Function code ${unknown} is none of the public ones, so no request with it is ever permitted.`,
            hint: 'Remove it.',
          },
        ];
      if (functions.includes(Encapsulated) && mei.length === 0)
        return [
          {
            at,
            message: 'Function code 43 is permitted without a MEI type, so no request with it is.',
            hint: 'Add `mei: [14]` for reading the device identification.',
          },
        ];
      return [];
    }),
};

const ReadWrite = 23;
const Encapsulated = 43;

/** Each permission once, also where several profiles inherit it. */
function permissionsOf({ profiles }: ZoneModel): readonly Permission[] {
  return [...new Set(profiles.flatMap(({ permissions }) => permissions))];
}

function hasAddress(number: number): boolean {
  const data = functionCode(number)?.data;
  return data !== undefined && data !== 'none' && data !== 'files';
}

/** Largest quantity of the function; unlimited where it has none, which other checks speak about. */
function mostOf(number: number): number {
  const code = functionCode(number);
  const most = Math.max(code?.maxRead ?? 0, code?.maxWrite ?? 0);
  return most === 0 ? Number.POSITIVE_INFINITY : most;
}
