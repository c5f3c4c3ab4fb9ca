import { formatPrefix, overlaps, parsePrefix } from '../../rules/address.ts';
import type { SerialLine } from '../../rules/modbus/profile.ts';
import type { AssetRule, BoxInterface, ConduitRule, SourceRef, ZoneRule } from '../../rules/policy.ts';
import type { Place } from '../finding.ts';
import type { Conduit, Gateway, Zone, ZoneModel } from '../model/zone-model.ts';
import type { CompileReport } from './findings.ts';

/** Longest zone name: two of them and a reason must fit into one log prefix. */
export const MaxZoneName = 20;

/** Whether the box has a leg in the zone. */
export function serves(gateway: Gateway, zone: Zone): boolean {
  return gateway.interfaces.some((leg) => leg.zone.id === zone.id);
}

/** Whether the box stands between these two zones. */
export function servesConduit(gateway: Gateway, conduit: Conduit): boolean {
  return serves(gateway, conduit.from) && serves(gateway, conduit.to);
}

export function compileZones(model: ZoneModel, gateway: Gateway, report: CompileReport): readonly ZoneRule[] {
  const zones = model.zones.filter((zone) => serves(gateway, zone));
  for (const zone of zones) {
    if (zone.id.length > MaxZoneName)
      report.add(
        'K-820',
        zone.id,
        zone.at,
        `The zone name ${zone.id} is longer than ${MaxZoneName} characters.`,
        'Log lines name zone pairs; shorten it.',
      );
  }
  return zones.map(({ id, kind, slT }) => ({ name: id, kind, slT: slT.level }));
}

export function compileInterfaces(gateway: Gateway, report: CompileReport): readonly BoxInterface[] {
  for (const leg of gateway.interfaces) {
    const other = gateway.interfaces.find(
      (candidate) =>
        candidate !== leg && candidate.device === leg.device && !toldApart(candidate.sources, leg.sources),
    );
    if (other !== undefined)
      report.add(
        'K-817',
        gateway.name,
        leg.at,
        `${leg.name} and ${other.name} are on the same wire with the same addresses.`,
        'Give each a source range that shares no address with the other.',
      );
  }
  return gateway.interfaces.map((leg) => ({
    device: leg.device,
    zone: leg.zone.id,
    address: leg.address,
    sources: leg.sources,
    vlan: leg.vlan,
    lowerDevice: leg.lowerDevice,
    attach: leg.attach,
  }));
}

export function compileAssets(model: ZoneModel, gateway: Gateway): readonly AssetRule[] {
  return model.assets
    .filter((asset) => serves(gateway, asset.zone))
    .map(({ name, zone, addresses, mac, modbus }) => ({
      name,
      zone: zone.id,
      addresses: addresses.map(hostPrefix),
      mac,
      modbus: { kind: modbus.kind, framing: modbus.framing, line: modbus.line && compileLine(modbus.line) },
    }));
}

export function compileConduits(model: ZoneModel, gateway: Gateway): readonly ConduitRule[] {
  return model.conduits
    .filter((conduit) => servesConduit(gateway, conduit))
    .map((conduit) => ({
      id: conduit.id,
      name: conduit.name,
      from: conduit.from.id,
      to: conduit.to.id,
      slT: conduit.slT.level,
      oneWay: conduit.oneWay,
      tolerances: [...conduit.tolerances],
      undeclaredUntil: conduit.audit?.undeclared === true ? conduit.audit.until : 0,
      source: sourceOf(model, conduit.at, conduit.owner, '', conduit.oneWay ? ['5.2'] : ['5.2 RE1']),
    }));
}

function compileLine({ port, baud, parity, stopBits, timeout, units }: SerialLine): SerialLine {
  const sorted = [...units].sort((one, other) => one.unit - other.unit);
  return { port, baud, parity, stopBits, timeout, units: sorted.map((entry) => ({ ...entry })) };
}

/** Where a rule comes from, for every record about it. */
export function sourceOf(
  model: ZoneModel,
  at: Place,
  owner: string,
  ticket: string,
  sr: readonly string[],
): SourceRef {
  // Without directories: the same model gives the same bytes wherever it lies.
  const file = model.file.slice(Math.max(model.file.lastIndexOf('/'), model.file.lastIndexOf('\\')) + 1);
  return { file, line: at.line, column: at.column, owner, ticket, sr };
}

/** An address without prefix length as a prefix of one address. */
export function hostPrefix(address: string): string {
  const prefix = parsePrefix(address);
  if (prefix === undefined) throw new Error(`the reader let ${address} through`);
  return formatPrefix(prefix);
}

function toldApart(one: readonly string[], other: readonly string[]): boolean {
  const blocks = other.flatMap((text) => parsePrefix(text) ?? []);
  if (one.length === 0 || blocks.length === 0) return false;
  return one.every((text) => {
    const block = parsePrefix(text);
    return block !== undefined && !blocks.some((candidate) => overlaps(block, candidate));
  });
}
