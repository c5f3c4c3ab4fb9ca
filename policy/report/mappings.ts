import type { Zone, ZoneModel } from '../model/zone-model.ts';
import type { ReportFacts } from './facts.ts';
import { mappedItem } from './regulation-tags.ts';
import { counted } from './words.ts';

/**
 * Which part of a regulation the model and the gateways map to. An entry supports an item; whether the item is
 * fulfilled is not for a gateway to say.
 */
export interface Mapping {
  readonly regulation: string;
  /** How the regulation stands to IEC 62443, and which edition is meant. */
  readonly note: string;
  readonly rows: readonly MappingRow[];
}

export interface MappingRow {
  readonly item: string;
  readonly about: string;
  /** What is there that maps to it. */
  readonly supports: readonly string[];
}

export function mappings(model: ZoneModel, facts: ReportFacts): readonly Mapping[] {
  return [iec62443(model), nis2(model, facts), nercCip(model), nist(model)];
}

/** Regulations the model names that no table of this report maps. */
export function unmapped({ metadata: { regulations } }: ZoneModel): readonly string[] {
  return regulations.filter((tag) => mappedItem(tag) === undefined);
}

/** Which chapter of this report speaks to which part of the series. */
function iec62443({ metadata, waivers, assets, vendors, zones, conduits }: ZoneModel): Mapping {
  const deferred = assets.filter(({ deferral, patchable }) => deferral !== undefined || !patchable).length;
  const duties = vendors.filter(({ supplierDuties }) => supplierDuties !== '').length;
  return {
    regulation: 'IEC 62443, parts of the series',
    note: 'Paraphrased from public texts; the licensed texts decide.',
    rows: [
      row('62443-2-1', 'security programme of the asset owner', [
        metadata.reviewEvery === undefined
          ? 'no interval of review is stated'
          : 'an interval of review is stated',
        `${counted(waivers.length, 'waiver')} with reason, owner and end`,
      ]),
      row('62443-2-3', 'patch management', [
        `${counted(deferred, 'asset')} in the register of deferred patches`,
      ]),
      row('62443-2-4', 'service providers', [
        `${duties} of ${counted(vendors.length, 'vendor access', 'vendor accesses')} say where the supplier’s duties are laid down`,
      ]),
      row('62443-3-2', 'zones and conduits (ZCR)', [
        `drawing, and fourteen characteristics of each of ${counted(zones.length + conduits.length, 'zone and conduit', 'zones and conduits')}`,
      ]),
      row('62443-3-3', 'system requirements and security levels (SR)', [
        'the 51 requirements at the SL-T of each zone, with what enforces or evidences each',
      ]),
    ],
  };
}

function nis2(model: ZoneModel, { at }: ReportFacts): Mapping {
  const { metadata, zones, vendors, modes, flows, conduits } = model;
  const rated = [...zones, ...conduits].filter(({ slT }) => slT.rationale !== '').length;
  const modeNames = modes.filter(({ name }) => name !== 'normal').map(({ name }) => name);
  const ended = vendors.filter(({ contractEnds }) => contractEnds !== undefined && contractEnds <= at);
  return {
    regulation: 'NIS2, Directive (EU) 2022/2555',
    note: 'The directive names no standard: Article 25 encourages standards without imposing a technology. What follows maps the model to items of Article 21(2) and to the clock of Article 23.',
    rows: [
      row('Art. 21(2)(a)', 'risk analysis and security policies', [
        `${rated} of ${counted(zones.length + conduits.length, 'zone and conduit', 'zones and conduits')} give a rationale for their SL-T`,
        metadata.riskAssessment === undefined
          ? 'no risk assessment is referred to'
          : `risk assessment ${metadata.riskAssessment.ref}`,
      ]),
      row('Art. 21(2)(b)', 'incident handling', [
        modeNames.length === 0
          ? 'no mode for incidents is laid down'
          : `modes for incidents: ${modeNames.join(', ')}`,
        'refusals are recorded with their reason',
      ]),
      row('Art. 21(2)(d)', 'security of the supply chain', [
        vendors.length === 0
          ? 'no vendor access is laid down'
          : `${counted(vendors.length, 'vendor access', 'vendor accesses')} laid down, ${vendors.filter(({ approval, people }) => approval !== undefined && people.length > 0).length} with named people and an approval, ${vendors.filter(({ contractEnds }) => contractEnds !== undefined).length} with the end of the contract${ended.length === 0 ? '' : `; ended: ${ended.map(({ id }) => id).join(', ')}`}`,
      ]),
      row('Art. 21(2)(h)', 'cryptography', [
        'policies travel in signed bundles',
        'Modbus itself has no cryptography; where it is spoken the conduit bounds who may speak it',
      ]),
      row('Art. 21(2)(i)', 'access control and asset management', [
        `${counted(flows.length, 'flow')} authorised one by one, ${flows.filter(({ owner, ticket }) => owner !== '' && ticket !== '').length} with owner and ticket`,
        `${counted(model.assets.length, 'asset')} assigned to ${counted(zones.length, 'zone')}`,
      ]),
      row('Art. 23', 'early warning within 24 hours, notification within 72 hours', [
        'an exercise of a mode records when each of these would have been due',
      ]),
    ],
  };
}

function nercCip({ conduits, flows, gateways, zones }: ZoneModel): Mapping {
  const legs = gateways.reduce((sum, { interfaces }) => sum + interfaces.length, 0);
  return {
    regulation: 'NERC CIP-005, electronic security perimeters',
    note: 'Topics of the standard; the numbers in brackets are those of an early version, so look them up in the version that applies to you.',
    rows: [
      row('Perimeter and access points documented (R1.6)', 'which networks are inside, where one gets in', [
        `${counted(zones.length, 'zone')} and ${counted(conduits.length, 'conduit')} drawn and described`,
        `${counted(legs, 'leg')} of ${counted(gateways.length, 'gateway')} listed as access points`,
      ]),
      row('Deny by default, explicit permission (R2.1)', 'what is not permitted does not pass', [
        'a gateway drops what no flow permits',
        `${counted(flows.length, 'explicit permission')} listed`,
      ]),
      row('Only needed ports and services (R2.2)', 'each port has a purpose', [
        `every flow names its service; ${conduits.filter(({ purpose }) => purpose !== '').length} of ${counted(conduits.length, 'conduit')} state a purpose`,
      ]),
    ],
  };
}

function nist({ assets, conduits }: ZoneModel): Mapping {
  const bridges = assets.filter(({ zone, alsoIn }) => isAcross([zone, ...alsoIn]));
  const direct = conduits.filter(({ from, to }) => isAcross([from, to]));
  return {
    regulation: 'NIST SP 800-82r3, September 2023',
    note: 'Guide to Operational Technology (OT) Security, revision 3.',
    rows: [
      row('Segmentation with a DMZ', 'neither side connects directly to the other', [
        direct.length === 0
          ? 'no conduit joins an enterprise zone and a control or safety zone'
          : `joined directly: ${direct.map(({ id, from, to }) => `${id} (${from.id} to ${to.id})`).join(', ')}`,
        bridges.length === 0
          ? ''
          : `joined by what has a leg in both: ${bridges.map(({ name }) => name).join(', ')}`,
      ]),
      row('Boundary protection', 'traffic is denied unless permitted', [
        'a gateway drops what no flow permits',
      ]),
      row(
        'Data for business from a replica in the DMZ',
        'nobody queries the OT historian from the enterprise',
        [
          `${counted(conduits.filter(({ from, to }) => from.kind === 'control' && to.kind === 'dmz').length, 'conduit')} from control to a DMZ, where data is pushed`,
        ],
      ),
    ],
  };
}

/** Whether both the enterprise and what controls the process are among these zones. */
function isAcross(zones: readonly Zone[]): boolean {
  return (
    zones.some(({ kind }) => kind === 'enterprise') &&
    zones.some(({ kind }) => kind === 'control' || kind === 'safety')
  );
}

function row(item: string, about: string, supports: readonly string[]): MappingRow {
  return { item, about, supports: supports.filter((text) => text !== '') };
}
