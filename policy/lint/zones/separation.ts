import type { Asset, ZoneKind } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { purposeOf } from './asset-types.ts';

/** What takes down the office must not take down the plant. */
export const officeAmongControl: Check = {
  code: 'Z-101',
  severity: 'error',
  clause: '62443-3-2 ZCR 3.2',
  title: 'Business and control assets stand in different zones.',
  run: ({ assets }) =>
    assets.filter(isMisplaced).map(({ name, type, zone, at }) => ({
      at,
      about: name,
      message: `${name} is of type ${type}, but zone ${zone.id} is of kind ${zone.kind}.`,
      hint:
        purposeOf(type) === 'office'
          ? 'Move it to a zone of kind enterprise.'
          : 'Move it to a zone of kind control.',
    })),
};

/** ZCR 3.3 lets a mixed zone be, as long as the whole of it is treated as safety. */
export const safetyAmongControl: Check = {
  code: 'Z-102',
  severity: 'error',
  clause: '62443-3-2 ZCR 3.3',
  title: 'Safety controllers stand in a safety zone.',
  run: ({ assets }) =>
    assets
      .filter(({ type, sif, zone }) => purposeOf(type) === 'safety' && !sif && zone.kind !== 'safety')
      .map(({ name, type, zone, at }) => ({
        at,
        about: name,
        message: `${name} is of type ${type}, and zone ${zone.id} mixes it with assets that are not safety.`,
        hint: 'Give it a zone of kind safety, or make the whole zone one.',
      })),
};

/** Whatever shares the safety zone can reach the safety system without any conduit. */
export const strangerAmongSafety: Check = {
  code: 'Z-120',
  severity: 'warning',
  clause: '62443-3-2 ZCR 3.3',
  title: 'A safety zone holds safety assets only.',
  run: ({ assets }) =>
    assets
      .filter(({ type, sif, zone }) => zone.kind === 'safety' && !sif && purposeOf(type) === 'control')
      .map(({ name, type, zone, at }) => ({
        at,
        about: name,
        message: `${name}, of type ${type}, stands in the safety zone ${zone.id} and is no part of a safety function.`,
        hint: 'Move it to a control zone, or say `sif: true` if it is part of one.',
      })),
};

/** What comes and goes brings with it what it met elsewhere. */
export const transientAmongFixed: Check = {
  code: 'Z-104',
  severity: 'warning',
  clause: '62443-3-2 ZCR 3.4',
  title: 'Devices that come and go have zones of their own.',
  run: ({ assets }) =>
    assets
      .filter(({ transient, zone }) => transient && !zone.transient)
      .map(({ name, zone, at }) => ({
        at,
        about: name,
        message: `${name} is connected for a while only, among the fixed assets of ${zone.id}.`,
        hint: 'Give such devices a zone with `transient: true`.',
      })),
};

/** A radio reaches past the fence. */
export const wirelessAmongWired: Check = {
  code: 'Z-105',
  severity: 'warning',
  clause: '62443-3-2 ZCR 3.5',
  title: 'Wireless devices have zones of their own.',
  run: ({ assets }) =>
    assets
      .filter(({ wireless, zone }) => wireless && !zone.wireless)
      .map(({ name, zone, at }) => ({
        at,
        about: name,
        message: `${name} is reached by radio, among the wired assets of ${zone.id}.`,
        hint: 'Give such devices a zone with `wireless: true`.',
      })),
};

/** People of another company, on another company's machine. */
export const externalInside: Check = {
  code: 'Z-106',
  severity: 'error',
  clause: '62443-3-2 ZCR 3.6',
  title: 'Who connects from outside enters a zone made for that.',
  run: ({ vendors }) =>
    vendors
      .filter(({ external, entry }) => external && Inside.has(entry.zone.kind))
      .map(({ id, entry, at }) => ({
        at,
        about: id,
        message: `${id} connects from outside and enters ${entry.zone.id}, a zone of kind ${entry.zone.kind}.`,
        hint: 'Let it enter a zone of kind dmz or external.',
      })),
};

const Inside: ReadonlySet<ZoneKind> = new Set<ZoneKind>(['enterprise', 'control', 'safety']);

function isMisplaced({ type, zone }: Asset): boolean {
  const purpose = purposeOf(type);
  if (zone.kind === 'enterprise') return purpose === 'control';
  return purpose === 'office' && (zone.kind === 'control' || zone.kind === 'safety');
}
