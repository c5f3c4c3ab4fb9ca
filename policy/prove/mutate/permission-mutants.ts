import { functionCode } from '../../../rules/modbus/message/function-code.ts';
import type { ValueRule } from '../../../rules/modbus/profile.ts';
import { joinRanges } from '../../model/ranges.ts';
import type { Permission, ZoneModel } from '../../model/zone-model.ts';
import type { Mutant } from './mutant.ts';

/**
 * The permissions that something uses, each limit of theirs dropped or widened in turn, and the aliases. Intervals and
 * budgets are left alone: no test says how long ago something was written. So is what vendors' sessions alone reach,
 * but for being widened: no test is asked in a session that ends on the box.
 */
export function permissionMutants(model: ZoneModel): readonly Mutant[] {
  const ofVendors = model.vendors.flatMap(({ targets }) => targets.flatMap(({ profile }) => profile ?? []));
  const ofFlows = usedProfiles(model);
  const used = new Set([...ofFlows, ...ofVendors].filter(({ preset }) => preset === undefined));
  const permissions = new Set([...used].flatMap((profile) => profile.permissions));
  const asked = new Set(ofFlows.flatMap((profile) => profile.permissions));
  const aliases = model.profiles.filter((profile) => used.has(profile)).flatMap(({ aliases: own }) => own);
  return [
    ...[...permissions].flatMap((permission) => mutantsOf(permission, asked.has(permission))),
    ...[...new Set(aliases)].map(
      (alias): Mutant => ({
        at: alias.at,
        about: alias.name || `coil ${alias.coil}`,
        what: `the alias of coil ${alias.coil} dropped`,
        change: { profile: (each) => ({ ...each, aliases: each.aliases.filter((one) => one !== alias) }) },
      }),
    ),
  ];
}

function usedProfiles({ flows, modes }: ZoneModel): ZoneModel['profiles'] {
  return [
    ...flows.map(({ profile }) => profile),
    ...modes.flatMap(({ profiles }) => profiles.map(({ profile }) => profile)),
  ].flatMap((profile) => profile ?? []);
}

function mutantsOf(permission: Permission, isAsked: boolean): readonly Mutant[] {
  const { at, id, functions, units, addresses, maxQuantity, step, interlocks } = permission;
  const of = (what: string, rest: Partial<Permission> | undefined): Mutant => ({
    at,
    about: id,
    what: `${id} ${what}`,
    change: {
      permission: (each) =>
        each !== permission ? each : rest === undefined ? undefined : { ...each, ...rest },
    },
  });
  const other = wider(functions);
  return [
    ...(isAsked ? [of('dropped', undefined)] : []),
    ...(functions.length < 2 || !isAsked
      ? []
      : functions.map((code) =>
          of(`without function ${code}`, { functions: functions.filter((each) => each !== code) }),
        )),
    ...(other === undefined ? [] : [of(`with function ${other} too`, { functions: [...functions, other] })]),
    ...(units.length === 256
      ? []
      : [of('for every unit', { units: Array.from({ length: 256 }, (_, unit) => unit) })]),
    ...addressMutants(permission).map(([what, ranges]) => of(what, { addresses: ranges })),
    ...(addresses.length === 0 || isEverywhere(addresses)
      ? []
      : [of('for every address', { addresses: Everywhere })]),
    ...(maxQuantity === 0 ? [] : [of('for any quantity', { maxQuantity: 0 })]),
    ...valueMutants(permission).map(([what, values]) => of(what, { values })),
    ...(step === undefined ? [] : [of('without its step', { step: undefined })]),
    ...interlocks.map((one) =>
      of(`without its interlock on ${one.functionCode}.${one.address}`, {
        interlocks: interlocks.filter((each) => each !== one),
      }),
    ),
  ];
}

/** Each range one address longer, at its end and at its beginning. */
function addressMutants({ addresses }: Permission): readonly (readonly [string, Permission['addresses']])[] {
  return addresses.flatMap((range) => {
    const replaced = (first: number, last: number) =>
      joinRanges(addresses.map((each) => (each === range ? { first, last } : each)));
    const { first, last } = range;
    return [
      ...(last < 0xffff ? [[`with address ${last + 1} too`, replaced(first, last + 1)] as const] : []),
      ...(first > 0 ? [[`with address ${first - 1} too`, replaced(first - 1, last)] as const] : []),
    ];
  });
}

/** Each limit of a value dropped, and each bound one further out. */
function valueMutants({ values }: Permission): readonly (readonly [string, readonly ValueRule[]])[] {
  return values.flatMap((rule) => {
    const replaced = (rest: Partial<ValueRule>) =>
      values.map((each) => (each === rule ? { ...each, ...rest } : each));
    const { min, max, allowed } = rule;
    return [
      ['without its limits of values', replaced({ min: undefined, max: undefined, allowed: [] })] as const,
      ...(max === undefined ? [] : [[`with values up to ${max + 1}`, replaced({ max: max + 1 })] as const]),
      ...(min === undefined || (min <= 0 && rule.type.startsWith('u'))
        ? []
        : [[`with values down to ${min - 1}`, replaced({ min: min - 1 })] as const]),
      ...(allowed.length === 0
        ? []
        : [['with every value in its range', replaced({ allowed: [] })] as const]),
    ];
  });
}

/** A function that does more of the same: a write where there were reads, several where there was one. */
function wider(functions: readonly number[]): number | undefined {
  const [first] = functions;
  const data = first === undefined ? undefined : functionCode(first)?.data;
  const more =
    data === 'coils' || data === 'discrete-inputs'
      ? [5, 15]
      : data?.endsWith('registers') === true
        ? [6, 16]
        : [];
  return more.find((code) => !functions.includes(code));
}

function isEverywhere(ranges: Permission['addresses']): boolean {
  return ranges.some(({ first, last }) => first === 0 && last === 0xffff);
}

const Everywhere = [{ first: 0, last: 0xffff }];
