import { diagnosticFunction } from '../../rules/modbus/message/diagnostics.ts';
import { functionCode } from '../../rules/modbus/message/function-code.ts';
import type {
  AddressRange,
  ModbusLimits,
  ModbusPermission,
  ModbusProfile,
  RefusalRule,
  SerialLine,
} from '../../rules/modbus/profile.ts';
import { interlockText, ruleText } from '../../rules/modbus/text/limit-text.ts';
import type { AssetRule, Policy } from '../../rules/policy.ts';
import { formatTable } from './table.ts';

/** The Modbus profiles, a line per permission with its limits below, then what is known of the devices. */
export function modbusText(policy: Policy): string {
  const devices = policy.assets.filter(({ modbus }) => modbus.kind !== 'direct' || modbus.framing !== 'mbap');
  const tolerant = policy.conduits.filter(({ tolerances }) => tolerances.length > 0);
  return [
    ...policy.profiles.map(profileText),
    ...(devices.length === 0 ? [] : [formatTable(devices.map(deviceCells))]),
    ...(tolerant.length === 0
      ? []
      : [tolerant.map(({ id, tolerances }) => `${id} tolerates ${tolerances.join(', ')}`).join('\n')]),
  ].join('\n\n');
}

function profileText({ name, permissions, aliases, limits, refusal }: ModbusProfile): string {
  const head = [...limitTexts(limits), refusalText(refusal)].filter(isText).join(', ');
  const lines = formatTable(permissions.map((one) => ['', ...permissionCells(one)])).split('\n');
  const limited = permissions.flatMap((one, index) => [
    lines[index] ?? '',
    ...limitsOf(one).map((text) => `      ${text}`),
  ]);
  const same = aliases.map(
    ({ coil, register, bit, name: alias }) =>
      `  coil ${coil} is bit ${bit} of register ${register}  ${alias}`,
  );
  return [`${name}: ${head}`, ...limited, ...same.map((line) => line.trimEnd())].join('\n');
}

function limitTexts(limits: ModbusLimits): readonly string[] {
  return [
    `${limits.outstanding} outstanding`,
    unless(limits.outstandingPerUnit, (most) => `${most} per unit`),
    unless(limits.aduPerSecond, (most) => `at most ${most} requests a second`),
    `answers within ${limits.requestTimeout} ms`,
    unless(limits.connectionsPerSource, (most) => `${most} connections per source and server`),
    unless(limits.exceptionsPerMinute, (most) => `${most} exceptions a minute`),
    unless(limits.readAddressesPerMinute, (most) => `${most} addresses read a minute`),
    unless(limits.readWordsPerMinute, (most) => `${most} registers read a minute`),
  ];
}

/** Id as records say it, functions, units, places, name. */
function permissionCells(permission: ModbusPermission): readonly string[] {
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
function limitsOf(permission: ModbusPermission): readonly string[] {
  const { values, step, interlocks, refusal } = permission;
  const asked = [
    permission.readAddresses.length === 0 ? '' : `reading ${rangesText(permission.readAddresses)}`,
    subFunctionsText(permission),
    unless(permission.maxQuantity, (most) => `at most ${most}`),
    unless(permission.maxBytes, (most) => `at most ${most} bytes`),
  ];
  const written = [
    ...values.map((rule) => `${rule.type} ${ruleText(rule)}`.trimEnd()),
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

/** Empty for the usual answer: an exception with the usual code. */
function refusalText({ action, exceptionCodes }: RefusalRule): string {
  const codes = exceptionCodes.map(({ reason, code }) => `${reason} as exception ${code}`);
  const text = [action === 'exception' ? '' : action, ...codes].filter(isText).join(', ');
  return text === '' ? '' : `refused by ${text}`;
}

/** By name where there is room for it. */
function functionsText({ functions }: ModbusPermission): string {
  const names = functions.map((number) => functionCode(number)?.name);
  return functions.length > 2 || names.includes(undefined)
    ? `FC ${numbersText(functions)}`
    : functions.map((number, index) => `FC ${number} ${names[index]}`).join(', ');
}

function subFunctionsText({ functions, subFunctions, mei }: ModbusPermission): string {
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

function deviceCells({ name, modbus: { kind, framing, line } }: AssetRule): readonly string[] {
  if (line !== undefined) return [name, `serial line ${line.port}`, lineText(line)];
  const means = kind === 'direct' ? 'one device' : 'a gateway to serial units';
  return [name, means, framing === 'rtu' ? 'RTU over TCP' : ''];
}

function lineText({ baud, parity, stopBits, timeout, units }: SerialLine): string {
  const slow = units.map((one) => `unit ${one.unit} within ${one.timeout} ms`);
  return [`${baud} Bd, parity ${parity}, ${stopBits} stop`, `answers within ${timeout} ms`, ...slow].join(
    ', ',
  );
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
