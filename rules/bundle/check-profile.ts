import { registersPerValue } from '../modbus/permission/value.ts';
import type { AddressRange, ModbusPermission, ModbusProfile, RefusalRule } from '../modbus/profile.ts';

/** The first thing in the Modbus profiles of a policy that contradicts itself, or undefined. */
export function findProfileContradiction(profiles: readonly ModbusProfile[]): string | undefined {
  const lines = new Map<string, number>();
  for (const profile of profiles) {
    const wrong = wrongRefusal(`profile ${profile.name}`, profile.refusal);
    if (wrong !== undefined) return wrong;
    const here = new Set<string>();
    for (const permission of profile.permissions) {
      const where = `permission ${permission.id} of profile ${profile.name}`;
      if (here.has(permission.id)) return `${where}: its id occurs twice`;
      here.add(permission.id);
      // Profiles that extend one another share permissions, and an id must always mean the same one.
      if ((lines.get(permission.id) ?? permission.line) !== permission.line)
        return `${where}: its id stands for another permission elsewhere`;
      lines.set(permission.id, permission.line);
      const problem = wrongPermission(where, permission);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function wrongPermission(where: string, permission: ModbusPermission): string | undefined {
  const { addresses, readAddresses, files, maxBytes, step, refusal } = permission;
  const backwards = [...addresses, ...readAddresses].find(runsBackwards);
  if (backwards !== undefined) return `${where}: address ${backwards.first}-${backwards.last} runs backwards`;
  if (files.some((range) => range.firstFile > range.lastFile || range.firstRecord > range.lastRecord))
    return `${where}: a range of file records runs backwards`;
  if (maxBytes !== 0 && maxBytes < SmallestAdu) return `${where}: no ADU has ${maxBytes} bytes or less`;
  if (step !== undefined && step.max === undefined && step.maxPerMinute === undefined)
    return `${where}: a step rule that limits nothing`;
  return wrongValues(where, permission) ?? (refusal && wrongRefusal(where, refusal));
}

function wrongValues(where: string, { values }: ModbusPermission): string | undefined {
  const [first] = values;
  for (const rule of values) {
    const registers = registersPerValue(rule.type);
    if (first === undefined) break;
    if (registers !== registersPerValue(first.type) || rule.words !== first.words)
      return `${where}: values of different width or word order`;
    if (rule.min !== undefined && rule.max !== undefined && rule.min > rule.max)
      return `${where}: the least value is above the greatest`;
    const { bits } = rule;
    if (bits === undefined) continue;
    if (rule.type !== 'u16' && rule.type !== 'u32') return `${where}: bits of a ${rule.type}`;
    if (runsBackwards(bits) || bits.last >= registers * 16)
      return `${where}: there are no bits ${bits.first} to ${bits.last}`;
  }
  return undefined;
}

function wrongRefusal(where: string, { exceptionCodes }: RefusalRule): string | undefined {
  const reasons = new Set(exceptionCodes.map(({ reason }) => reason));
  return reasons.size === exceptionCodes.length ? undefined : `${where}: two exception codes for one reason`;
}

function runsBackwards({ first, last }: AddressRange): boolean {
  return first > last;
}

/** An MBAP header, a function code and nothing else. */
const SmallestAdu = 8;
