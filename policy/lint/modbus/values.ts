import { functionCode } from '../../../rules/modbus/message/function-code.ts';
import { wordsOf } from '../../model/resolve-values.ts';
import type { Permission, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { joinWords } from '../endpoint.ts';
import { permissionsOf, profileNameOf, tableOf, writesRegisters } from './terms.ts';

/** A value is only written whole, so the rest of such a range can never be written. */
export const splitValue: Check = {
  code: 'M-312',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'Ranges hold whole values.',
  run: (model) =>
    wideValues(model).flatMap(({ permission, type, words }) =>
      permission.addresses
        .filter(({ first, last }) => (last - first + 1) % words !== 0)
        .map(({ first, last }) => ({
          at: permission.at,
          about: profileNameOf(permission),
          message: `The range ${first}-${last} splits a ${type}, which fills ${words} registers.`,
          hint: `Let the range hold a multiple of ${words} registers.`,
        })),
    ),
};

/** Half of a value is neither the old one nor the new one, so it is never permitted. */
export const tornValue: Check = {
  code: 'M-312',
  severity: 'error',
  clause: '62443-3-3 SR 3.5',
  title: 'Some function of a permission can carry a whole value.',
  run: (model) =>
    wideValues(model).flatMap(({ permission, type, words }) => {
      const { at, functions, maxQuantity } = permission;
      const narrow = functions.filter((number) => mostRegisters(number) < words);
      const wide = functions.filter((number) => writesRegisters(number) && !narrow.includes(number));
      if (narrow.length > 0 && wide.length === 0)
        return [
          { at, about: profileNameOf(permission), message: narrowText(narrow, type, words), hint: UseWide },
        ];
      if (maxQuantity === 0 || maxQuantity >= words) return [];
      return [
        {
          at,
          about: profileNameOf(permission),
          message: `The quantity ${maxQuantity} is less than a ${type}, which fills ${words} registers.`,
          hint: `Raise it to a multiple of ${words}.`,
        },
      ];
    }),
};

export const tornFunction: Check = {
  code: 'M-312',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'Every function of a permission can carry a whole value.',
  run: (model) =>
    wideValues(model).flatMap(({ permission, type, words }) => {
      const { at, functions } = permission;
      const narrow = functions.filter((number) => mostRegisters(number) < words);
      const wide = functions.filter((number) => writesRegisters(number) && !narrow.includes(number));
      if (narrow.length === 0 || wide.length === 0) return [];
      return [
        { at, about: profileNameOf(permission), message: narrowText(narrow, type, words), hint: UseWide },
      ];
    }),
};

const UseWide = 'Write it with function code 16 or 23.';

function narrowText(narrow: readonly number[], type: string, words: number): string {
  const many = narrow.length > 1;
  return `Function code${many ? 's' : ''} ${joinWords(narrow.map(String))} cannot write a whole ${type}, which fills ${words} registers.`;
}

interface WideValue {
  readonly permission: Permission;
  readonly type: string;
  readonly words: number;
}

function wideValues(model: ZoneModel): readonly WideValue[] {
  return permissionsOf(model).flatMap((permission) => {
    const [value] = permission.values;
    if (value === undefined || wordsOf(value.type) === 1) return [];
    return [{ permission, type: value.type, words: wordsOf(value.type) }];
  });
}

/** How many registers one request can write; without limit where a function writes nothing. */
function mostRegisters(number: number): number {
  const most = functionCode(number)?.maxWrite ?? 0;
  if (most === 0) return Number.POSITIVE_INFINITY;
  return tableOf(number) === 'coils' ? 0 : most;
}
