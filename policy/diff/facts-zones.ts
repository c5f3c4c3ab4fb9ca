import type { ModbusDevice } from '../../rules/modbus/profile.ts';
import type { Asset, Zone, ZoneModel } from '../model/zone-model.ts';
import type { Fact } from './facts.ts';
import { levelText, quoted, setText, timeText } from './words.ts';

/** Zones, their levels, and what stands in them. */
export function zoneFacts({ zones, assets, nonIpPaths }: ZoneModel): readonly Fact[] {
  return [
    ...zones.flatMap(factsOfZone),
    ...assets.flatMap(factsOfAsset),
    ...nonIpPaths.map(({ id, kind, from, to, purpose, controls, at }): Fact => {
      const value = `${kind} from ${from?.id ?? 'outside'} to ${to.id}, ${quoted(purpose)}, controls ${quoted(controls) || 'none'}`;
      return { kind: 'zones and assets', about: `path ${id}`, what: '', value, effect: 'leave', at };
    }),
  ];
}

function factsOfZone(zone: Zone): readonly Fact[] {
  const { id, name, kind, slT, owner, prefixes, wireless, transient, boundary, at } = zone;
  const fact = factOf(`zone ${id}`, at);
  return [
    fact('zones and assets', '', name === '' ? id : name),
    fact('zones and assets', 'kind', kind),
    fact('zones and assets', 'networks', setText(prefixes)),
    fact('zones and assets', 'radio', wireless ? 'yes' : ''),
    fact('zones and assets', 'connected for a while only', transient ? 'yes' : ''),
    fact('zones and assets', 'boundary', quoted(boundary)),
    { ...fact('levels', 'SL-T', levelText(slT)), effect: 'guard', at: slT.at },
    fact('levels', 'reason of its SL-T', quoted(slT.rationale)),
    fact('people', 'owner', owner),
  ];
}

function factsOfAsset(asset: Asset): readonly Fact[] {
  const { name, zone, addresses, mac, type, criticality, sif, firmware, patchable, compensating, at } = asset;
  const fact = factOf(name, at);
  const guard = (one: Fact): Fact => ({ ...one, effect: 'guard' });
  return [
    fact('zones and assets', '', `${type === '' ? 'an asset' : type} in zone ${zone.id}`),
    fact('zones and assets', 'zone', zone.id),
    fact('zones and assets', 'address', setText(addresses)),
    guard(fact('zones and assets', 'MAC address', mac)),
    fact('zones and assets', 'criticality', criticality),
    fact('zones and assets', 'part of a safety function', sif ? 'yes' : ''),
    fact('zones and assets', 'firmware', firmware),
    fact('zones and assets', 'patches', patchable ? '' : 'it takes none'),
    guard(fact('zones and assets', 'compensating control', quoted(compensating))),
    fact('zones and assets', 'legs in other zones', setText(asset.alsoIn.map(({ id }) => id))),
    fact('zones and assets', 'radio', asset.wireless ? 'yes' : ''),
    fact('zones and assets', 'connected for a while only', asset.transient ? 'yes' : ''),
    fact('zones and assets', 'taken out of use', timeText(asset.decommissioned)),
    fact('zones and assets', 'how it speaks Modbus', modbusText(asset.modbus)),
    ...(asset.slC === undefined ? [] : [fact('levels', 'SL-C', levelText(asset.slC))]),
    ...(asset.deferral === undefined
      ? []
      : [
          fact(
            'waivers',
            'patch put off',
            `${quoted(asset.deferral.reason)}, by ${asset.deferral.approver}, to be looked at ${timeText(asset.deferral.review)}`,
          ),
        ]),
  ];
}

/** How a device speaks it, and where. */
export function modbusText({ kind, framing, line }: ModbusDevice): string {
  return [kind, framing, lineText(line)].filter(Boolean).join(' ');
}

function lineText(line: ModbusDevice['line']): string {
  if (line === undefined) return '';
  const { port, baud, parity, stopBits, timeout, units } = line;
  const own = units.map(({ unit, timeout: ms }) => `${unit}: ${ms} ms`);
  return `on ${[port, `${baud} baud`, parity, `${stopBits} stop`, `${timeout} ms`, ...own].join(' ')}`;
}

/** A maker of facts about one thing. */
export function factOf(about: string, at: Fact['at']) {
  return (kind: Fact['kind'], what: string, value: string): Fact => ({
    kind,
    about,
    what,
    value,
    effect: 'neutral',
    at,
  });
}
