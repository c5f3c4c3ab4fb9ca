import type {
  AddressRange,
  ModbusPermission,
  ModbusProfile,
  ValueRule,
} from '../../../../rules/modbus/profile.ts';
import type { NaiveRequest, Span } from './naive-request.ts';

/**
 * Whether a profile permits a request, as slowly and plainly as `rules/policy.ts` says it: written from that
 * file's words and not from `decide`. What depends on earlier requests is judged in `naive-history.ts`.
 */
export function permittedBy(profile: ModbusProfile, request: NaiveRequest): readonly ModbusPermission[] {
  const covering = profile.permissions.filter((permission) => covers(permission, request));
  return covering.length > 0 && aliasesHold(profile, request) ? covering : [];
}

function covers(permission: ModbusPermission, request: NaiveRequest): boolean {
  const { functionCode, unit, sub, files } = request;
  if (!permission.functions.includes(functionCode) || !permission.units.includes(unit)) return false;
  if ((functionCode === 8 || functionCode === 90) && !permission.subFunctions.includes(sub)) return false;
  if (functionCode === 43 && !permission.mei.includes(sub)) return false;
  if (request.opaque && (permission.maxBytes === 0 || request.size > permission.maxBytes)) return false;
  const readable = functionCode === 23 ? permission.readAddresses : permission.addresses;
  if (!request.reads.every((span) => readable.some((range) => isInside(span, range)))) return false;
  if (permission.maxQuantity > 0) {
    const spans = [...request.reads, ...request.writes];
    if (spans.some(({ quantity }) => quantity > permission.maxQuantity)) return false;
  }
  if (!files.every((span) => permission.files.some((range) => isRecordInside(span, range)))) return false;
  return request.writes.every((span) =>
    permission.addresses.some(
      (range) => isInside(span, range) && valuesHold(permission, request, span, range),
    ),
  );
}

function isInside({ address, quantity }: Span, { first, last }: AddressRange): boolean {
  return address >= first && address + quantity - 1 <= last;
}

function isRecordInside(
  { file, record, length }: NaiveRequest['files'][number],
  range: ModbusPermission['files'][number],
): boolean {
  const isFile = file >= range.firstFile && file <= range.lastFile;
  return isFile && record >= range.firstRecord && record + length - 1 <= range.lastRecord;
}

/** Values that span registers count from the beginning of their range. */
function valuesHold(
  { values: rules }: ModbusPermission,
  request: NaiveRequest,
  { table, address, quantity }: Span,
  { first }: AddressRange,
): boolean {
  const rule = rules[0];
  if (rule === undefined || table === 'coils') return true;
  const width = { u16: 1, s16: 1, u32: 2, s32: 2, f32: 2, u64: 4, f64: 4 }[rule.type];
  if ((address - first) % width !== 0 || quantity % width !== 0) return false;
  if (request.masks !== undefined) {
    const { and, or } = request.masks;
    return reachable(and, or).every((value) => rules.every((each) => holds(each, [value])));
  }
  for (let at = 0; at < quantity; at += width) {
    const words = request.values.slice(at, at + width);
    if (!rules.every((each) => holds(each, words))) return false;
  }
  return true;
}

/** A good part of what a mask write can leave, the two ends among it. */
function reachable(and: number, or: number): readonly number[] {
  const forced = or & ~and & 0xffff;
  const single = Array.from({ length: 16 }, (_, bit) => forced | (and & (1 << bit)));
  const without = Array.from({ length: 16 }, (_, bit) => forced | (and & ~(1 << bit)));
  return [forced, forced | and, ...single, ...without];
}

function holds(rule: ValueRule, words: readonly number[]): boolean {
  const value = numberIn(rule, words);
  if (typeof value === 'bigint') {
    if (rule.min !== undefined && value < BigInt(rule.min)) return false;
    if (rule.max !== undefined && value > BigInt(rule.max)) return false;
    return rule.allowed.length === 0 || rule.allowed.some((one) => BigInt(one) === value);
  }
  const limit = rule.type === 'f32' ? Math.fround : (one: number) => one;
  if (rule.min !== undefined && !(value >= limit(rule.min))) return false;
  if (rule.max !== undefined && !(value <= limit(rule.max))) return false;
  return rule.allowed.length === 0 || rule.allowed.map(limit).includes(value);
}

function numberIn({ type, words: order, bytes, bits }: ValueRule, words: readonly number[]): number | bigint {
  const view = new DataView(new ArrayBuffer(8));
  const inOrder = order === 'big' ? words : [...words].reverse();
  for (const [at, word] of inOrder.entries()) view.setUint16(2 * at, word, bytes === 'little');
  const whole = {
    u16: () => view.getUint16(0),
    s16: () => view.getInt16(0),
    u32: () => view.getUint32(0),
    s32: () => view.getInt32(0),
    f32: () => view.getFloat32(0),
    u64: () => view.getBigUint64(0),
    f64: () => view.getFloat64(0),
  }[type]();
  if (bits === undefined || typeof whole === 'bigint') return whole;
  return Math.floor(whole / 2 ** bits.first) % 2 ** (bits.last - bits.first + 1);
}

/** A coil that is a register's bit may only be what a mask write of that one bit might make of it. */
function aliasesHold(profile: ModbusProfile, request: NaiveRequest): boolean {
  return request.writes.every(
    ({ table, address, quantity }) =>
      table !== 'coils' ||
      profile.aliases.every(({ coil, register, bit }) => {
        if (coil < address || coil >= address + quantity) return true;
        const masks = { and: 0xffff ^ (1 << bit), or: (request.values[coil - address] ?? 0) << bit };
        const writes: readonly Span[] = [{ table: 'holdings', address: register, quantity: 1 }];
        const asMask = { ...request, functionCode: 22, size: 14, sub: -1, values: [], masks, writes };
        return permittedBy(profile, asMask).length > 0;
      }),
  );
}
