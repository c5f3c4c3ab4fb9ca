import type {
  AddressRange,
  ModbusPermission,
  ModbusProfile,
  ValueRule,
} from '../../../rules/modbus/profile.ts';
import type { Policy } from '../../../rules/policy.ts';

/** What a policy says about Modbus, for golden files: defaults are left out, so that what stands there was said. */
export function describeModbus(policy: Policy): string {
  const devices = policy.assets.flatMap(({ name, modbus: { kind, framing, line } }) => {
    if (kind === 'direct' && framing === 'mbap') return [];
    const port =
      line === undefined
        ? ''
        : ` on ${line.port}, ${line.baud} Bd, parity ${line.parity}, ${line.stopBits} stop, ${line.timeout} ms${line.units.map(({ unit, timeout }) => `, unit ${unit} ${timeout} ms`).join('')}`;
    return [`asset ${name}: ${kind} ${framing}${port}\n`];
  });
  const conduits = policy.conduits
    .filter(({ tolerances }) => tolerances.length > 0)
    .map(({ id, tolerances }) => `conduit ${id}: tolerates ${tolerances.join(', ')}\n`);
  return [...devices, ...conduits, ...policy.profiles.map(describeProfile)].join('');
}

function describeProfile({ name, permissions, aliases, limits, refusal }: ModbusProfile): string {
  return [
    `profile ${name}`,
    `  ${Object.entries(limits)
      .filter(([, limit]) => limit !== 0)
      .map(([key, limit]) => `${key} ${limit}`)
      .join(', ')}`,
    `  refusal ${JSON.stringify(refusal)}`,
    ...aliases.map(
      ({ coil, register, bit, name: alias }) => `  coil ${coil} is ${register}.${bit} "${alias}"`,
    ),
    ...permissions.map(describePermission),
    '',
  ].join('\n');
}

function describePermission(permission: ModbusPermission): string {
  const { id, name, line, functions, units, step, unknown, refusal } = permission;
  const part = (text: string, present: boolean) => (present ? [`    ${text}`] : []);
  return [
    `  ${id} line ${line}${name === '' ? '' : ` "${name}"`}`,
    `    functions ${numbers(functions)} on units ${numbers(units)}`,
    ...part(`sub-functions ${numbers(permission.subFunctions)}`, permission.subFunctions.length > 0),
    ...part(`mei ${numbers(permission.mei)}`, permission.mei.length > 0),
    ...part(`addresses ${ranges(permission.addresses)}`, permission.addresses.length > 0),
    ...part(`reads ${ranges(permission.readAddresses)}`, permission.readAddresses.length > 0),
    ...permission.files.map(
      ({ firstFile, lastFile, firstRecord, lastRecord }) =>
        `    files ${firstFile}-${lastFile} records ${firstRecord}-${lastRecord}`,
    ),
    ...part(`at most ${permission.maxQuantity}`, permission.maxQuantity > 0),
    ...part(`at most ${permission.maxBytes} bytes`, permission.maxBytes > 0),
    ...permission.values.map((value) => `    value ${describeValue(value)}`),
    ...part(`step ${JSON.stringify(step)}`, step !== undefined),
    ...part(`interval ${permission.minInterval} ms`, permission.minInterval > 0),
    ...part(`${permission.writesPerMinute} writes a minute`, permission.writesPerMinute > 0),
    ...permission.interlocks.map((interlock) => `    when ${JSON.stringify(interlock)}`),
    ...part(`unknown ${unknown}`, unknown !== 'refuse'),
    ...part(`refusal ${JSON.stringify(refusal)}`, refusal !== undefined),
  ].join('\n');
}

function describeValue({ type, words, bytes, bits, min, max, allowed }: ValueRule): string {
  return [
    type,
    `${words} words`,
    `${bytes} bytes`,
    ...(bits === undefined ? [] : [`bits ${bits.first}-${bits.last}`]),
    ...(min === undefined ? [] : [`min ${min}`]),
    ...(max === undefined ? [] : [`max ${max}`]),
    ...(allowed.length === 0 ? [] : [`allowed ${allowed.join(' ')}`]),
  ].join(', ');
}

/** `1-3 7`, so that 247 units are not a page. */
function numbers(list: readonly number[]): string {
  const joined: { first: number; last: number }[] = [];
  for (const number of list) {
    const last = joined.at(-1);
    if (last !== undefined && last.last + 1 === number) last.last = number;
    else joined.push({ first: number, last: number });
  }
  return ranges(joined);
}

function ranges(list: readonly AddressRange[]): string {
  return list.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(' ');
}
