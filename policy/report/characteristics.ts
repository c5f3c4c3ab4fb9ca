import type { Asset, Conduit, Flow, SecurityLevel, Zone, ZoneModel } from '../model/zone-model.ts';
import { counted, endsText, serviceText, stated } from './words.ts';

/** One item of 62443-3-2 ZCR 6.4. */
export interface Characteristic {
  readonly letter: string;
  readonly name: string;
  readonly lines: readonly string[];
  /** `derived`: from the model. `stated`: somebody wrote it. `missing`: nobody did. */
  readonly source: 'derived' | 'stated' | 'missing';
}

/** The fourteen of a zone. */
export function zoneCharacteristics(model: ZoneModel, zone: Zone): readonly Characteristic[] {
  const conduits = model.conduits.filter(({ from, to }) => from === zone || to === zone);
  const assets = model.assets.filter((asset) => asset.zone === zone || asset.alsoIn.includes(zone));
  const flows = model.flows.filter(({ conduit }) => conduits.includes(conduit));
  return fourteen(zone, {
    a: [zone.name === zone.id ? zone.id : `${zone.id}: ${zone.name}`],
    c: [
      zone.prefixes.length === 0 ? 'no address' : zone.prefixes.join(', '),
      ...(zone.boundary === '' ? [] : [zone.boundary]),
    ],
    e: safetyOfZone(zone, assets.filter(({ sif }) => sif).length),
    f: accessPoints(model, zone),
    h: flows.map((flow) => `${flow.conduit.from === zone ? 'out' : 'in'}: ${flowText(flow)}`),
    i: connectedZones(zone, conduits),
    j: assets.map((asset) => `${assetText(asset)}${asset.zone === zone ? '' : `, home in ${asset.zone.id}`}`),
  });
}

/** The fourteen of a conduit. */
export function conduitCharacteristics(model: ZoneModel, conduit: Conduit): readonly Characteristic[] {
  const { id, name, from, to } = conduit;
  const flows = model.flows.filter((flow) => flow.conduit === conduit);
  const ends = new Set(
    flows.flatMap(({ sources, destinations }) =>
      [...sources, ...destinations].flatMap((end) => (end.kind === 'asset' ? [end.asset] : [])),
    ),
  );
  const safe = [from, to].filter(({ kind }) => kind === 'safety').map((zone) => zone.id);
  const boxes = model.gateways.filter(({ interfaces }) =>
    [from, to].every((zone) => interfaces.some((leg) => leg.zone === zone)),
  );
  return fourteen(conduit, {
    a: [name === '' || name === id ? id : `${id}: ${name}`],
    c: [
      `${from.id} to ${to.id}${conduit.oneWay ? ', one-way' : ''}`,
      boxes.length === 0 ? 'on no gateway' : `on ${boxes.map((box) => box.name).join(', ')}`,
    ],
    e: [safe.length === 0 ? 'touches no safety zone' : `touches the safety zone ${safe.join(' and ')}`],
    f: boxes.flatMap((box) =>
      box.interfaces
        .filter((leg) => leg.zone === from || leg.zone === to)
        .map((leg) => `${box.name} ${leg.name} in ${leg.zone.id}`),
    ),
    h: flows.map(flowText),
    i: [from.id, to.id],
    j: [...ends].map(assetText),
  });
}

/** `SL-T 3 (IAC 2, UC 3, …)`. */
function levelText({ level, vector }: SecurityLevel): string {
  const parts = Object.entries(vector).map(([requirement, value]) => `${requirement} ${value}`);
  return `SL-T ${level}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

type Derived = Readonly<Record<'a' | 'c' | 'e' | 'f' | 'h' | 'i' | 'j', readonly string[]>>;

function fourteen(
  { owner, slT, characteristics }: Pick<Zone, 'owner' | 'slT' | 'characteristics'>,
  derived: Derived,
): readonly Characteristic[] {
  const { physicalBoundary, physicalAccess, requirements, policies, assumptions } = characteristics;
  const { security, process } = slT.reviewedBy;
  const level = [
    levelText(slT),
    slT.rationale,
    slT.ref,
    security === '' && process === '' ? '' : `reviewed by ${stated(security)} and ${stated(process)}`,
  ].filter((text) => text !== '');
  return [
    derive('a', 'Name', derived.a),
    derive('b', 'Accountable organisation', [stated(owner)]),
    derive('c', 'Logical boundary', derived.c),
    state('d', 'Physical boundary', physicalBoundary),
    derive('e', 'Safety designation', derived.e),
    derive('f', 'Logical access points', derived.f),
    state('g', 'Physical access points', physicalAccess),
    derive('h', 'Data flows', derived.h),
    derive('i', 'Connected zones', derived.i),
    derive('j', 'Assets and their criticality', derived.j),
    derive('k', 'Target security level', level),
    state('l', 'Security requirements', requirements),
    state('m', 'Security policies', policies),
    state('n', 'Assumptions and dependencies', assumptions),
  ];
}

function derive(letter: string, name: string, lines: readonly string[]): Characteristic {
  return { letter, name, lines: lines.length === 0 ? ['none'] : lines, source: 'derived' };
}

function state(letter: string, name: string, text: string): Characteristic {
  return { letter, name, lines: [stated(text)], source: text === '' ? 'missing' : 'stated' };
}

function safetyOfZone({ kind }: Zone, functions: number): readonly string[] {
  const holds = functions === 0 ? '' : `, holds ${counted(functions, 'asset')} of a safety function`;
  return [kind === 'safety' ? `safety zone${holds}` : `no safety zone (${kind})${holds}`];
}

/** Legs of gateways, what the boxes offer there, and where vendors come in. */
function accessPoints(model: ZoneModel, zone: Zone): readonly string[] {
  const legs = model.gateways.flatMap(({ name, interfaces }) =>
    interfaces
      .filter((leg) => leg.zone === zone)
      .map((leg) => [name, leg.name, leg.address].filter((text) => text !== '').join(' ')),
  );
  const offered = model.gateways.flatMap(({ name, services }) =>
    services
      .filter(({ from }) => from.some((end) => (end.kind === 'asset' ? end.asset.zone : end.zone) === zone))
      .map((service) => `${name} offers ${service.name} (${serviceText(service)})`),
  );
  const entries = model.vendors
    .filter(({ entry }) => entry.zone === zone)
    .map(
      ({ id, entry }) => `vendor ${id} enters${entry.asset === undefined ? '' : ` at ${entry.asset.name}`}`,
    );
  return [...legs, ...offered, ...entries];
}

function connectedZones(zone: Zone, conduits: readonly Conduit[]): readonly string[] {
  const others = new Map<string, string[]>();
  for (const { id, from, to } of conduits) {
    const other = from === zone ? to.id : from.id;
    others.set(other, [...(others.get(other) ?? []), `${id} ${from === zone ? 'out' : 'in'}`]);
  }
  return [...others].map(([id, ways]) => `${id} (${ways.join(', ')})`);
}

function assetText({ name, type, firmware, criticality, slNeeded }: Asset): string {
  const what = firmware === '' ? type : `${type}, firmware ${firmware}`;
  return `${name} (${what}): ${criticality}${slNeeded === undefined ? '' : `, needs SL ${slNeeded}`}`;
}

function flowText(flow: Flow): string {
  return `${flow.id}, ${endsText(flow.sources)} to ${endsText(flow.destinations)}, ${serviceText(flow)}`;
}
