import { registersPerValue } from '../modbus/permission/value.ts';
import type { ModbusProfile, ValueRule } from '../modbus/profile.ts';

/** How a value lies in registers. */
export type ValueForm = Pick<ValueRule, 'type' | 'words' | 'bytes'>;

/** What a register holds where nothing says more. */
export const PlainRegister: ValueForm = { type: 'u16', words: 'big', bytes: 'big' };

/** A value as the registers it is sent in; `undefined` where its type cannot hold it. */
export function registersOf(value: number, form: ValueForm): readonly number[] | undefined {
  // A negative number in a register without a type is the register's two's complement.
  const { type, words, bytes } = form.type === 'u16' && value < 0 ? { ...form, type: 's16' as const } : form;
  const view = new DataView(new ArrayBuffer(8));
  if (!isHeldBy(type, value)) return undefined;
  switch (type) {
    case 'u16':
      view.setUint16(0, value);
      break;
    case 's16':
      view.setInt16(0, value);
      break;
    case 'u32':
      view.setUint32(0, value);
      break;
    case 's32':
      view.setInt32(0, value);
      break;
    case 'f32':
      view.setFloat32(0, value);
      break;
    case 'u64':
      view.setBigUint64(0, BigInt(value));
      break;
    case 'f64':
      view.setFloat64(0, value);
      break;
  }
  const registers = Array.from({ length: registersPerValue(type) }, (_, index) =>
    view.getUint16(2 * index, bytes === 'little'),
  );
  return words === 'big' ? registers : registers.reverse();
}

/**
 * The form in which a profile types what lies at an address: what it says for this function, else for any;
 * {@link PlainRegister} where it types nothing there.
 */
export function formInProfile(
  { permissions }: ModbusProfile,
  functionCode: number,
  unit: number,
  address: number,
): ValueForm {
  const typing = permissions.filter(
    ({ values, units, addresses }) =>
      values.length > 0 &&
      units.includes(unit) &&
      addresses.some(({ first, last }) => first <= address && address <= last),
  );
  const own = typing.find(({ functions }) => functions.includes(functionCode));
  return (own ?? typing[0])?.values[0] ?? PlainRegister;
}

function isHeldBy(type: ValueForm['type'], value: number): boolean {
  if (type === 'f32' || type === 'f64') return true;
  const [lowest, highest] = Bounds[type];
  return Number.isInteger(value) && value >= lowest && value <= highest;
}

const Bounds = {
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
  // A number of JavaScript is exact up to here.
  u64: [0, Number.MAX_SAFE_INTEGER],
} as const;
