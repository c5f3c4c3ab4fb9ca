import { BroadcastUnit } from '../../../rules/modbus/message/access.ts';
import { diagnosticFunction } from '../../../rules/modbus/message/diagnostics.ts';
import { functionCode, isOpaque, isOpaqueMei } from '../../../rules/modbus/message/function-code.ts';
import type { AddressRange, ModbusDevice } from '../../../rules/modbus/profile.ts';
import type { Permission, Profile } from '../../model/zone-model.ts';
import { fromNumbers, fromRanges, meet, type Spans, without } from '../sets/spans.ts';
import { guardAliases } from './alias-guard.ts';
import { mayBroadcastFunction } from './functions.ts';
import type { RequestBox, Term } from './request-box.ts';
import { isEmptyBox } from './request-box.ts';
import { writtenUnder } from './value-set.ts';

/**
 * Every request that a profile ever lets pass to a device of this kind, whatever the state of the device: what
 * `decide` permits with nothing known and `unknown: allow`, and the terms that say when it would not.
 */
export function requestsOf(profile: Profile, kind: ModbusDevice['kind']): readonly RequestBox[] {
  const known = kinds[kind].get(profile);
  if (known !== undefined) return known;
  const boxes = profile.permissions.flatMap((permission) =>
    [...new Set(permission.functions)].flatMap((code) => boxesOf(permission, code, kind)),
  );
  const guarded = guardAliases(boxes, profile.aliases).filter((box) => !isEmptyBox(box));
  kinds[kind].set(profile, guarded);
  return guarded;
}

/** What one permission says about one function. */
function boxesOf(permission: Permission, code: number, kind: ModbusDevice['kind']): readonly RequestBox[] {
  const all = fromNumbers(permission.units);
  // A broadcast is never answered, so there is nothing it could read (MODBUS over Serial Line V1.02 §2.2).
  const unit = kind === 'serial-gateway' && !mayBroadcastFunction(code) ? without(all, Broadcast) : all;
  const base: RequestBox = { ...Nothing, functionCode: code, unit, permission };
  const data = functionCode(code)?.data;
  if (code === Diagnostics || code === EncapsulatedTransport || isOpaque(code))
    return otherBoxes(base, permission);
  if (data === 'files') return fileBoxes(base, permission);
  if (data === 'none' || data === undefined) return [base];
  const { maxRead = 0, maxWrite = 0 } = functionCode(code) ?? {};
  return maxWrite > 0
    ? writeBoxes(base, permission, maxRead, maxWrite)
    : permission.addresses.map((range) => ({
        ...base,
        ...sidesOf(range),
        quantity: quantityOf(permission, maxRead),
      }));
}

function writeBoxes(
  base: RequestBox,
  permission: Permission,
  maxRead: number,
  maxWrite: number,
): readonly RequestBox[] {
  const { functionCode: code } = base;
  const written = writtenUnder(permission.values, code === 5 || code === 15 ? 'coils' : 'holding-registers');
  // A mask write is always a part of a value of several registers.
  if (written === undefined || (code === MaskWrite && written.width > 1)) return [];
  const { width, values } = written;
  const quantity = quantityOf(permission, maxWrite);
  const terms = termsOf(permission);
  const boxes = permission.addresses.map((range) => ({
    ...base,
    ...sidesOf(range),
    quantity,
    every: values,
    width,
    phase: range.first % width,
    terms,
  }));
  if (maxRead === 0) return boxes;
  return boxes.flatMap((box) =>
    permission.readAddresses.map((range) => {
      const { first: readFirst, last: readLast } = sidesOf(range);
      return { ...box, readFirst, readLast, readQuantity: quantityOf(permission, maxRead) };
    }),
  );
}

/** Sub-functions, MEI types and opaque data. A limit on values says nothing of them, so it shuts them. */
function otherBoxes(base: RequestBox, permission: Permission): readonly RequestBox[] {
  const { functionCode: code } = base;
  const { subFunctions, mei, maxBytes } = permission;
  const readable = code === EncapsulatedTransport ? mei.filter((type) => !isOpaqueMei(type)) : [];
  const opaqueMei = mei.filter(isOpaqueMei);
  const size = (least: number) => fromRanges([{ first: least, last: maxBytes }]);
  const limited = hasWriteLimits(permission);
  const terms = termsOf(permission);
  if (code === Diagnostics) {
    const sub = fromNumbers(subFunctions.filter((number) => diagnosticFunction(number) !== undefined));
    return limited ? [] : [{ ...base, sub, terms }];
  }
  if (code === EncapsulatedTransport) {
    return [
      { ...base, sub: fromNumbers(readable) },
      ...(limited ? [] : [{ ...base, sub: fromNumbers(opaqueMei), size: size(LeastMei), terms }]),
    ];
  }
  if (limited) return [];
  if (code !== Umas) return [{ ...base, size: size(LeastOpaque), terms }];
  // Its function is in one byte.
  const sub = meet(fromNumbers(subFunctions), fromRanges([{ first: 0, last: 255 }]));
  return [{ ...base, sub, size: size(LeastUmas), terms }];
}

function fileBoxes(base: RequestBox, permission: Permission): readonly RequestBox[] {
  const { files } = permission;
  const isWrite = base.functionCode === WriteFile;
  if (files.length === 0 || (isWrite && hasWriteLimits(permission))) return [];
  const quantity = quantityOf(permission, isWrite ? MostRecordsWritten : MostRecordsRead);
  return [{ ...base, files, quantity, terms: isWrite ? termsOf(permission) : [] }];
}

function sidesOf({ first, last }: AddressRange): { readonly first: Spans; readonly last: Spans } {
  const all = fromRanges([{ first, last }]);
  return { first: all, last: all };
}

function quantityOf({ maxQuantity }: Permission, most: number): Spans {
  return fromRanges([{ first: 1, last: maxQuantity === 0 ? most : Math.min(maxQuantity, most) }]);
}

function hasWriteLimits({ values, step, minInterval, writesPerMinute }: Permission): boolean {
  return values.length > 0 || step !== undefined || minInterval > 0 || writesPerMinute > 0;
}

/** What holds at some times and not at others: two permissions with the same terms are open at the same times. */
function termsOf({ step, minInterval, writesPerMinute, interlocks, unknown }: Permission): readonly Term[] {
  const isFree = step === undefined && minInterval === 0 && writesPerMinute === 0 && interlocks.length === 0;
  if (isFree) return NoTerms;
  return [`limits ${JSON.stringify({ step, minInterval, writesPerMinute, interlocks, unknown })}`];
}

const Zero = fromNumbers([0]);
const Broadcast = fromNumbers([BroadcastUnit]);
const NoTerms: readonly Term[] = [];

/** A request without sides; every box begins as one. */
const Nothing: Omit<RequestBox, 'functionCode' | 'unit' | 'permission'> = {
  sub: Zero,
  first: Zero,
  last: Zero,
  quantity: Zero,
  readFirst: Zero,
  readLast: Zero,
  readQuantity: Zero,
  size: Zero,
  every: undefined,
  notEvery: [],
  width: 1,
  phase: 0,
  files: [],
  terms: NoTerms,
  doubts: [],
};

/** One group as long as a PDU holds, in the request or in the answer (MAP V1.1b3 §6.14 and §6.15). */
const MostRecordsRead = 124;
const MostRecordsWritten = 122;

/** Sizes of whole ADUs, in bytes. */
const LeastOpaque = 8;
const LeastMei = 9;
const LeastUmas = 10;

const Diagnostics = 8;
const WriteFile = 21;
const MaskWrite = 22;
const EncapsulatedTransport = 43;
const Umas = 90;

/** The same profile is on many flows. */
const kinds = {
  direct: new WeakMap<Profile, readonly RequestBox[]>(),
  'serial-gateway': new WeakMap<Profile, readonly RequestBox[]>(),
} as const satisfies Record<ModbusDevice['kind'], WeakMap<Profile, readonly RequestBox[]>>;
