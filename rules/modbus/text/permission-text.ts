import { diagnosticFunction } from '../message/diagnostics.ts';
import { functionCode } from '../message/function-code.ts';
import type { AddressRange, ModbusLimits, ModbusPermission, RefusalRule, ValueRule } from '../profile.ts';
import { interlockText, ruleText } from './limit-text.ts';

/** The model's permissions have their place instead of a line. */
type Permission = Omit<ModbusPermission, 'line'>;

/** What holds for a profile as a whole, a text per limit that is set: `50 outstanding`. */
export function limitTexts(limits: ModbusLimits): readonly string[] {
  return [
    `${limits.outstanding} outstanding`,
    unless(limits.outstandingPerUnit, (most) => `${most} per unit`),
    unless(limits.aduPerSecond, (most) => `at most ${most} requests a second`),
    `answers within ${limits.requestTimeout} ms`,
    unless(limits.connectionsPerSource, (most) => `${most} connections per source and server`),
    unless(limits.exceptionsPerMinute, (most) => `${most} exceptions a minute`),
    unless(limits.readAddressesPerMinute, (most) => `${most} addresses read a minute`),
    unless(limits.readWordsPerMinute, (most) => `${most} registers read a minute`),
  ].filter(isText);
}

/** A permission in cells: id as records say it, functions, units, places, name. */
export function permissionCells(permission: Permission): readonly string[] {
  return [
    permission.id,
    functionsText(permission),
    `unit ${numbersText(permission.units)}`,
    [
      rangesText(permission.addresses),
      ...permission.files.map(
        ({ firstFile, lastFile, firstRecord, lastRecord }) =>
          `file ${rangeText({ first: firstFile, last: lastFile })} records ${rangeText({ first: firstRecord, last: lastRecord })}`,
      ),
    ]
      .filter(isText)
      .join(', '),
    permission.name,
  ];
}

/** What a request must keep to, a line for what is asked, what is written, when, and how it is refused. */
export function permissionLimits(permission: Permission): readonly string[] {
  const { values, step, interlocks, refusal } = permission;
  const asked = [
    permission.readAddresses.length === 0 ? '' : `reading ${rangesText(permission.readAddresses)}`,
    subFunctionsText(permission),
    unless(permission.maxQuantity, (most) => `at most ${most}`),
    unless(permission.maxBytes, (most) => `at most ${most} bytes`),
  ];
  const written = [
    ...values.map((rule) => [rule.type, ...orderOf(rule), ruleText(rule)].filter(isText).join(' ')),
    unless(step?.max, (most) => `step at most ${most}`),
    unless(step?.maxPerMinute, (most) => `steps of at most ${most} a minute`),
    unless(step?.noOlderThan, (age) => `from a value read within ${age / 1000} s`),
    unless(permission.minInterval, (time) => `every ${time / 1000} s at most`),
    unless(permission.writesPerMinute, (most) => `at most ${most} a minute`),
  ];
  const conditions = interlocks.map(
    (one) => `${interlockText(one)}, read within ${one.noOlderThan / 1000} s`,
  );
  return [
    asked.filter(isText).join(', '),
    written.filter(isText).join(', '),
    ...conditions,
    permission.unknown === 'allow' ? 'also while that is unknown' : '',
    refusal === undefined ? '' : refusalText(refusal),
  ].filter(isText);
}

/** Empty for the order of the specification, most significant first. */
function orderOf({ words, bytes }: ValueRule): readonly string[] {
  return [words === 'little' ? 'low word first' : '', bytes === 'little' ? 'low byte first' : ''];
}

/** Empty for the usual answer: an exception with the usual code. */
export function refusalText({ action, exceptionCodes }: RefusalRule): string {
  const codes = exceptionCodes.map(({ reason, code }) => `${reason} as exception ${code}`);
  const text = [action === 'exception' ? '' : action, ...codes].filter(isText).join(', ');
  return text === '' ? '' : `refused by ${text}`;
}

/** By name where there is room for it. */
function functionsText({ functions }: Permission): string {
  const names = functions.map((number) => functionCode(number)?.name);
  return functions.length > 2 || names.includes(undefined)
    ? `FC ${numbersText(functions)}`
    : functions.map((number, index) => `FC ${number} ${names[index]}`).join(', ');
}

function subFunctionsText({ functions, subFunctions, mei }: Permission): string {
  return [
    functions.includes(8) ? `diagnostics ${numbersText(subFunctions.filter(isDiagnostic))}` : '',
    functions.includes(90) ? `UMAS ${numbersText(subFunctions)}` : '',
    functions.includes(43) ? `MEI type ${numbersText(mei)}` : '',
  ]
    .filter(isText)
    .join(', ');
}

function isDiagnostic(sub: number): boolean {
  return diagnosticFunction(sub) !== undefined;
}

/** `1–247`, not two hundred numbers. */
function numbersText(numbers: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const open = ranges.at(-1);
    if (open !== undefined && open.last + 1 === number) open.last = number;
    else ranges.push({ first: number, last: number });
  }
  return rangesText(ranges);
}

function rangesText(ranges: readonly AddressRange[]): string {
  return ranges.map(rangeText).join(' ');
}

function rangeText({ first, last }: AddressRange): string {
  return first === last ? String(first) : `${first}–${last}`;
}

function unless(limit: number | undefined, text: (limit: number) => string): string {
  return limit === undefined || limit === 0 ? '' : text(limit);
}

function isText(text: string): boolean {
  return text !== '';
}
