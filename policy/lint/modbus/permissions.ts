import { diagnosticFunction } from '../../../rules/modbus/message/diagnostics.ts';
import {
  EncapsulatedTransport,
  functionCode,
  isOpaque,
  isOpaqueMei,
  Umas,
} from '../../../rules/modbus/message/function-code.ts';
import type { Permission } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { joinWords } from '../endpoint.ts';
import { hasWriteLimits, unlimitedFunction } from './guard-limits.ts';
import {
  Diagnostics,
  hasSubFunctions,
  isFileFunction,
  permissionsOf,
  profileNameOf,
  ReadWrite,
  tableOf,
  writingFunction,
} from './terms.ts';

/** No address never means any address. */
export const permissionWithoutAddress: Check = {
  code: 'M-303',
  severity: 'error',
  clause: '62443-3-3 SR 3.5',
  title: 'Every permission names its addresses.',
  run: (model) =>
    permissionsOf(model).flatMap((permission) => {
      const { at, functions, addresses, readAddresses } = permission;
      const about = profileNameOf(permission);
      const bare = addresses.length === 0 ? functions.find((number) => tableOf(number)) : undefined;
      const hint = 'Add the range it may reach; no range never means all of them.';
      if (bare !== undefined)
        return [{ at, about, message: `Function code ${bare} is permitted without an address.`, hint }];
      if (functions.includes(ReadWrite) && readAddresses.length === 0)
        return [
          {
            at,
            about,
            message: 'Function code 23 is permitted without a `read_address` for its read half.',
            hint,
          },
        ];
      return [];
    }),
};

/** A limit on what is never said reads as if it protected something. */
export const limitWithoutFunction: Check = {
  code: 'M-308',
  severity: 'warning',
  clause: 'MAP V1.1b3 §6',
  title: 'A permission says only what its functions have.',
  run: (model) =>
    permissionsOf(model).flatMap((permission) =>
      surplusOf(permission).map(({ keys, lacks }) => ({
        at: permission.at,
        about: profileNameOf(permission),
        message: `${joinWords(keys.map((key) => `\`${key}\``))} ${keys.length > 1 ? 'are' : 'is'} given, but ${subjectOf(permission.functions)} no ${lacks}.`,
        hint: 'Remove it, or add the function it is meant for.',
      })),
    ),
};

export const quantityAboveProtocol: Check = {
  code: 'M-310',
  severity: 'error',
  clause: 'MAP V1.1b3 §6',
  title: 'No quantity limit is above what the protocol allows.',
  run: (model) =>
    permissionsOf(model).flatMap((permission) => {
      const { at, functions, maxQuantity } = permission;
      // What carries one value beside others that carry many is no mistake: a preset does.
      const several = functions.some((number) => mostOf(number) > 1);
      const over = functions.find(
        (number) => mostOf(number) > (several ? 1 : 0) && maxQuantity > mostOf(number),
      );
      if (over === undefined) return [];
      return [
        {
          at,
          about: profileNameOf(permission),
          message: `The quantity ${maxQuantity} is above ${mostOf(over)}, the most function code ${over} can ask for.`,
          hint: `Lower it to ${mostOf(over)}, or give that function code an entry of its own.`,
        },
      ];
    }),
};

export const permitsNothing: Check = {
  code: 'M-315',
  severity: 'error',
  clause: 'MAP V1.1b3 §5',
  title: 'Every permission permits something.',
  run: (model) =>
    permissionsOf(model).flatMap((permission) => {
      const { at, functions, mei, subFunctions, files } = permission;
      const says = (number: number, lacks: string, hint: string) => ({
        at,
        about: profileNameOf(permission),
        message: `Function code ${number} is permitted without ${lacks}, so no request with it is.`,
        hint,
      });
      return functions.flatMap((number) => {
        if (number === EncapsulatedTransport && mei.length === 0)
          return [says(number, 'a MEI type', 'Add `mei: [14]` for reading the device identification.')];
        if (number === Diagnostics && subFunctions.length === 0)
          return [says(number, 'a sub-function', 'Add `sub: [0]` for the echo of a message.')];
        if (number === Umas && subFunctions.length === 0)
          return [says(number, 'a UMAS function', 'Add those it may use, such as `sub: [4, 34]`.')];
        if (isFileFunction(number) && files.length === 0)
          return [says(number, 'a file', 'Add `files: [{file: …, records: …}]`.')];
        return [];
      });
    }),
};

/** A limit that cannot be judged is not ignored. */
export const limitCannotBeJudged: Check = {
  code: 'M-315',
  severity: 'error',
  clause: '62443-3-3 SR 3.5',
  title: 'Limits on what is written stand beside functions they can be applied to.',
  run: (model) =>
    permissionsOf(model)
      .filter(hasWriteLimits)
      .flatMap((permission) => {
        const changing = unlimitedFunction(permission);
        if (changing === undefined) return [];
        return [
          {
            at: permission.at,
            about: profileNameOf(permission),
            message: `${changing} is permitted under limits on coils and registers, which cannot be applied to it, so no request with it is.`,
            hint: 'Give it an entry of its own; only `when:` holds for it.',
          },
        ];
      }),
};

export const reservedSubFunction: Check = {
  code: 'M-315',
  severity: 'warning',
  clause: 'MAP V1.1b3 §6.8.1',
  title: 'No permission names a diagnostic that does not exist.',
  run: (model) =>
    permissionsOf(model)
      .filter(({ functions }) => functions.includes(Diagnostics) && !functions.includes(Umas))
      .flatMap((permission) => {
        const { at, subFunctions } = permission;
        const reserved = subFunctions.filter((sub) => diagnosticFunction(sub) === undefined);
        if (reserved.length === 0) return [];
        return [
          {
            at,
            about: profileNameOf(permission),
            message: `Function code 8 has no sub-function ${reserved[0]}; such a request breaks the protocol and is refused.`,
            hint: 'The sub-functions are 0 to 4, 10 to 18 and 20.',
          },
        ];
      }),
};

interface Surplus {
  readonly keys: readonly string[];
  readonly lacks: string;
}

/** Keys of a permission by what none of its functions has. */
function surplusOf(permission: Permission): readonly Surplus[] {
  const { functions, mei } = permission;
  const some = (has: (number: number) => boolean) => functions.some(has);
  const opaque = some(isOpaque) || (functions.includes(EncapsulatedTransport) && mei.some(isOpaqueMei));
  const unless = (has: boolean, lacks: string, given: Readonly<Record<string, boolean>>) => ({
    keys: has ? [] : Object.keys(given).filter((key) => given[key]),
    lacks,
  });
  return [
    unless(some(hasSubFunctions), 'sub-functions', { sub: permission.subFunctions.length > 0 }),
    unless(functions.includes(EncapsulatedTransport), 'MEI types', { mei: mei.length > 0 }),
    unless(some(isFileFunction), 'files', { files: permission.files.length > 0 }),
    unless(
      some((number) => tableOf(number) !== undefined),
      'addresses',
      { address: permission.addresses.length > 0 },
    ),
    unless(functions.includes(ReadWrite), 'second half that reads', {
      read_address: permission.readAddresses.length > 0,
    }),
    unless(
      some((number) => mostOf(number) > 0),
      'quantity',
      { quantity: permission.maxQuantity > 0 },
    ),
    unless(opaque, 'opaque data', { max_bytes: permission.maxBytes > 0 }),
    unless(writingFunction(permission) !== undefined, 'effect on values', {
      value: permission.values.length > 0,
      max_step: permission.step !== undefined,
      min_interval: permission.minInterval > 0,
      writes_per_minute: permission.writesPerMinute > 0,
      when: permission.interlocks.length > 0,
    }),
  ].filter(({ keys }) => keys.length > 0);
}

/** Largest quantity of the function; 0 where it has none. */
function mostOf(number: number): number {
  const code = functionCode(number);
  return Math.max(code?.maxRead ?? 0, code?.maxWrite ?? 0);
}

function subjectOf(functions: readonly number[]): string {
  const plural = functions.length > 1;
  return `${plural ? 'function codes' : 'function code'} ${joinWords(functions.map(String))} ${plural ? 'have' : 'has'}`;
}
