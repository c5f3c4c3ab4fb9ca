import type { ModbusProfile, SerialLine } from '../../rules/modbus/profile.ts';
import {
  limitTexts,
  permissionCells,
  permissionLimits,
  refusalText,
} from '../../rules/modbus/text/permission-text.ts';
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
  const head = [...limitTexts(limits), refusalText(refusal)].filter((text) => text !== '').join(', ');
  const lines = formatTable(permissions.map((one) => ['', ...permissionCells(one)])).split('\n');
  const limited = permissions.flatMap((one, index) => [
    lines[index] ?? '',
    ...permissionLimits(one).map((text) => `      ${text}`),
  ]);
  const same = aliases.map(
    ({ coil, register, bit, name: alias }) =>
      `  coil ${coil} is bit ${bit} of register ${register}  ${alias}`,
  );
  return [`${name}: ${head}`, ...limited, ...same.map((line) => line.trimEnd())].join('\n');
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
