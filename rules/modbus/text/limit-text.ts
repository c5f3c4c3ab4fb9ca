import type { Refusal } from '../connection/effect.ts';
import { functionCode } from '../message/function-code.ts';
import type { Interlock, ModbusPermission, ValueRule } from '../profile.ts';
import { placeText } from './place-text.ts';
import { typedValues, type Value, valueText } from './value-text.ts';

type Refused = Pick<Refusal, 'functionCode' | 'values'> & Partial<Pick<Refusal, 'reason'>>;

/** The limit a refused request ran into, `limit 35`; empty where it is no number or nothing was refused. */
export function limitText(asked: Refused, permission: ModbusPermission): string {
  const { step, minInterval, writesPerMinute, maxQuantity, maxBytes, interlocks } = permission;
  switch (asked.reason) {
    case 'value-out-of-range':
      return brokenRule(asked, permission.values);
    case 'quantity-out-of-range':
      return `at most ${maxQuantity}`;
    case 'size-out-of-range':
      return `at most ${maxBytes} bytes`;
    case 'step-too-large':
      return `step at most ${step?.max ?? 0}`;
    case 'drift-too-large':
      return `steps of at most ${step?.maxPerMinute ?? 0} a minute`;
    case 'too-soon':
      return `once in ${minInterval / 1000} s`;
    case 'budget-spent':
      return `at most ${writesPerMinute} a minute`;
    case 'interlock':
      return interlocks.map(interlockText).join(' and ');
    default:
      return '';
  }
}

/** `only while discrete input 12 (10013) of unit 1 is 1`. */
export function interlockText({ functionCode: code, unit, address, is }: Interlock): string {
  const table = functionCode(code)?.data;
  const place =
    table === undefined || table === 'none' || table === 'files'
      ? String(address)
      : placeText(table, address);
  return `only while ${place} of unit ${unit} is ${is}`;
}

/** What a rule permits: `0 to 35`, `0, 1, 2`, `bits 0-3 at most 5`. */
export function ruleText(rule: Pick<ValueRule, 'bits' | 'min' | 'max' | 'allowed'>): string {
  const { min, max, allowed } = rule;
  const range =
    min === undefined
      ? max === undefined
        ? ''
        : `at most ${max}`
      : max === undefined
        ? `at least ${min}`
        : `${min} to ${max}`;
  const list = allowed.length === 0 ? '' : allowed.join(', ');
  return `${bitsText(rule)}${[list, range].filter((text) => text !== '').join(' within ')}`;
}

/** The first rule that one of the values breaks, at the end it breaks. A mask write breaks one as a whole. */
function brokenRule({ functionCode: code, values }: Refused, rules: readonly ValueRule[]): string {
  for (const rule of code === 22 ? [] : rules) {
    for (const value of typedValues(values, rule)) {
      const text = brokenEnd(value, rule);
      if (text !== '') return bitsText(rule) + text;
    }
  }
  return rules.map(ruleText).join(' and ');
}

function brokenEnd(value: Value, { type, min, max, allowed }: ValueRule): string {
  const inType = (bound: number): number => (type === 'f32' ? Math.fround(bound) : bound);
  if (max !== undefined && value > inType(max)) return `limit ${max}`;
  if (min !== undefined && value < inType(min)) return `at least ${min}`;
  const isListed = allowed.some((each) => value >= inType(each) && value <= inType(each));
  return allowed.length > 0 && !isListed
    ? `only ${allowed.map((each) => valueText(each, type)).join(', ')}`
    : '';
}

function bitsText({ bits }: Pick<ValueRule, 'bits'>): string {
  if (bits === undefined) return '';
  return bits.first === bits.last ? `bit ${bits.first} ` : `bits ${bits.first}-${bits.last} `;
}
