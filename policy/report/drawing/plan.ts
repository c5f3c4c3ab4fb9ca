import { formatTime } from '../../../rules/time.ts';
import type { Asset, Conduit, Zone, ZoneKind, ZoneModel } from '../../model/zone-model.ts';
import { fitText, textWidth } from '../text-width.ts';

/**
 * What is drawn of a model, before it has a place: boxes with their size, and lines between them with the
 * size of their labels. The zone and conduit drawing of 62443-3-2 ZCR 6.3. Sizes are in units of the drawing,
 * 96 to the inch.
 */
export interface Plan {
  /** Many zones: assets are counted, marks are letters, and everything stands closer. */
  readonly dense: boolean;
  readonly boxes: readonly PlanBox[];
  readonly lines: readonly PlanLine[];
}

export interface PlanBox {
  /** Unique in the plan. */
  readonly id: string;
  readonly kind: BoxKind;
  /** Zones of one tier stand in the same rows; 0 is on top. */
  readonly tier: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** To the right of the title, `SL-T 3`, or empty. */
  readonly level: string;
  readonly subtitle: string;
  readonly rows: readonly BoxRow[];
  /** At the foot: the legs of gateways in this zone. */
  readonly feet: readonly string[];
  /** All of it, for whoever points at it. */
  readonly tip: string;
}

export type BoxKind = ZoneKind | 'vendor' | 'outside';

export interface BoxRow {
  readonly left: string;
  readonly right: string;
  readonly bold: boolean;
}

export interface PlanLine {
  readonly id: string;
  readonly kind: LineKind;
  readonly from: string;
  readonly to: string;
  readonly title: string;
  /** Second line of the label, or empty. */
  readonly subtitle: string;
  readonly marks: readonly Mark[];
  readonly width: number;
  readonly height: number;
  readonly tip: string;
}

/** `bridge` is an asset with a leg in two zones; `path` carries data without IP. */
export type LineKind = 'conduit' | 'temporary' | 'vendor' | 'path' | 'bridge';

export const Marks = [
  'inspected',
  'one-way',
  'temporary',
  'schedule',
  'session',
  'audit',
  'unserved',
] as const;
export type Mark = (typeof Marks)[number];

/** In letters where there is no room for words. */
export const MarkLetters: Readonly<Record<Mark, string>> = {
  inspected: 'I',
  'one-way': '1',
  temporary: 'T',
  schedule: 'H',
  session: 'S',
  audit: 'A',
  unserved: '!',
};

export const Sizes = { title: 13, text: 10.5, small: 9.5, row: 15, head: 24, pad: 9, chip: 13 } as const;

/** Plans the drawing. With more zones than {@link MostDetailed}, assets are counted and marks are letters. */
export function planDrawing(model: ZoneModel): Plan {
  const detailed = model.zones.length <= MostDetailed;
  const zones = model.zones.map((zone) => zoneBox(model, zone, detailed));
  const vendors = model.vendors.map((vendor) => vendorBox(vendor.id, vendor.company, detailed));
  const outside = model.nonIpPaths.some(({ from }) => from === undefined) ? [outsideBox] : [];
  const lines = planLines(model, detailed);
  const boxes = [...outside, ...vendors, ...zones].map((box) => withRoom(box, lines, detailed));
  return { dense: !detailed, boxes, lines };
}

/** Up to this many zones, assets are listed by name and marks are words. */
const MostDetailed = 12;
/** Assets listed in one box; the rest are counted. */
const MostRows = 8;

const Tiers: Readonly<Record<ZoneKind, number>> = {
  external: 0,
  enterprise: 1,
  dmz: 2,
  control: 3,
  safety: 4,
};

function planLines(model: ZoneModel, detailed: boolean): readonly PlanLine[] {
  return [
    ...model.conduits.map((conduit) => conduitLine(model, conduit, detailed)),
    ...model.vendors.map(({ id, entry, people }) =>
      line(`vendor ${id}`, 'vendor', vendorId(id), zoneId(entry.zone), {
        title: id,
        subtitle: detailed ? `enters at ${entry.asset?.name ?? entry.zone.id}` : '',
        words: detailed,
        tip: `${id}: ${people.length} named, enters at ${entry.asset?.name ?? entry.zone.id}`,
      }),
    ),
    ...model.nonIpPaths.map(({ id, kind, from, to, purpose }) =>
      line(`path ${id}`, 'path', from === undefined ? outsideBox.id : zoneId(from), zoneId(to), {
        title: id,
        subtitle: kind,
        words: detailed,
        tip: `${id} (${kind}, without IP): ${purpose}`,
      }),
    ),
    ...model.assets.flatMap((asset) => asset.alsoIn.map((zone) => bridgeLine(asset, zone, detailed))),
  ];
}

/** Lines that end at one side of a box stand apart: its side grows with their number. */
function withRoom(box: PlanBox, lines: readonly PlanLine[], detailed: boolean): PlanBox {
  const ends = lines.filter(({ from, to }) => from === box.id || to === box.id).length;
  return detailed
    ? { ...box, width: Math.max(box.width, ends * 13) }
    : { ...box, height: Math.max(box.height, ends * 9) };
}

function zoneBox(model: ZoneModel, zone: Zone, detailed: boolean): PlanBox {
  const assets = model.assets.filter((asset) => asset.zone === zone);
  const legs = model.gateways.flatMap((box) =>
    box.interfaces
      .filter((leg) => leg.zone === zone)
      .map((leg) => (detailed ? [box.name, leg.name, leg.address].filter(Boolean).join(' ') : box.name)),
  );
  const oneBox = model.gateways.length === 1;
  const tip = [`${zone.id}: ${zone.name}`, ...assets.map(({ name, type }) => `${name} (${type})`)].join('\n');
  return sized({
    id: zoneId(zone),
    kind: zone.kind,
    tier: Tiers[zone.kind],
    title: zone.id,
    level: `SL-T ${zone.slT.level}`,
    subtitle: detailed
      ? [KindWords[zone.kind], zone.name === zone.id ? '' : zone.name].filter(Boolean).join(' · ')
      : '',
    rows: detailed ? assetRows(assets) : countRows(assets),
    // One gateway on every box says nothing; without any leg a zone is not on a gateway at all.
    feet: detailed || !oneBox || legs.length === 0 ? feetOf(legs) : [],
    tip,
  });
}

function feetOf(legs: readonly string[]): readonly string[] {
  return legs.length === 0 ? ['on no gateway'] : [...new Set(legs)];
}

export const KindWords: Readonly<Record<BoxKind, string>> = {
  external: 'external',
  enterprise: 'enterprise',
  dmz: 'DMZ',
  control: 'control',
  safety: 'safety',
  vendor: 'vendor, from outside',
  outside: 'outside the site',
};

function assetRows(assets: readonly Asset[]): readonly BoxRow[] {
  const shown = assets.length > MostRows ? assets.slice(0, MostRows - 1) : assets;
  const rest = assets.length - shown.length;
  return [
    ...shown.map((asset) => ({
      left: asset.name,
      right: [asset.type, ...traitsOf(asset)].join(', '),
      bold: asset.criticality === 'critical',
    })),
    ...(rest === 0 ? [] : [{ left: `and ${rest} more`, right: '', bold: false }]),
  ];
}

function traitsOf({ sif, transient, wireless, alsoIn, decommissioned }: Asset): readonly string[] {
  return [
    sif ? 'SIF' : '',
    transient ? 'transient' : '',
    wireless ? 'wireless' : '',
    ...alsoIn.map(({ id }) => `also in ${id}`),
    decommissioned === undefined ? '' : 'out of use',
  ].filter(Boolean);
}

function countRows(assets: readonly Asset[]): readonly BoxRow[] {
  const critical = assets.filter(({ criticality }) => criticality === 'critical').length;
  return [
    {
      left: assets.length === 1 ? '1 asset' : `${assets.length} assets`,
      right: critical === 0 ? '' : `${critical} critical`,
      bold: false,
    },
  ];
}

function vendorBox(id: string, company: string, detailed: boolean): PlanBox {
  const title = fitText(detailed ? company || id : id, 200, Sizes.title, true);
  return sized({
    id: vendorId(id),
    kind: 'vendor',
    tier: 0,
    title,
    level: '',
    subtitle: KindWords.vendor,
    rows: [],
    feet: [],
    tip: `${id}: ${company}`,
  });
}

const outsideBox: PlanBox = sized({
  id: 'outside',
  kind: 'outside',
  tier: 0,
  title: 'Outside',
  level: '',
  subtitle: KindWords.outside,
  rows: [],
  feet: [],
  tip: 'Where paths without IP come from that begin outside the site',
});

/** Gives a box its size; what would make it wider than is good to look at is cut. */
function sized(box: Omit<PlanBox, 'width' | 'height'>): PlanBox {
  const { title, small, text, row, head, pad } = Sizes;
  const gap = 14;
  const wanted = Math.max(
    textWidth(box.title, title, true) + (box.level === '' ? 0 : textWidth(box.level, small, true) + gap + 12),
    textWidth(box.subtitle, small),
    ...box.rows.map(
      ({ left, right, bold }) =>
        textWidth(left, text, bold) + (right === '' ? 0 : gap + textWidth(right, small)),
    ),
    ...box.feet.map((foot) => textWidth(foot, small)),
  );
  const width = Math.ceil(Math.min(Math.max(wanted + 2 * pad, 96), 280));
  const inner = width - 2 * pad;
  const levelWidth = box.level === '' ? 0 : textWidth(box.level, small, true) + gap + 12;
  return {
    ...box,
    title: fitText(box.title, inner - levelWidth, title, true),
    subtitle: fitText(box.subtitle, inner, small),
    rows: box.rows.map(({ left, right, bold }) => {
      const name = fitText(left, inner, text, bold);
      const rest = inner - textWidth(name, text, bold) - gap;
      return { left: name, right: rest < 20 ? '' : fitText(right, rest, small), bold };
    }),
    feet: box.feet.map((foot) => fitText(foot, inner, small)),
    width,
    height:
      head +
      (box.subtitle === '' ? 0 : row) +
      box.rows.length * row +
      (box.feet.length === 0 ? 0 : box.feet.length * row + 4) +
      (box.feet.length === 0 ? 6 : pad),
  };
}

function conduitLine(model: ZoneModel, conduit: Conduit, detailed: boolean): PlanLine {
  const flows = model.flows.filter((flow) => flow.conduit === conduit);
  const { temporary, schedule, oneWay, audit, from, to } = conduit;
  const isServed = model.gateways.some(({ interfaces }) =>
    [from, to].every((zone) => interfaces.some((leg) => leg.zone === zone)),
  );
  const has: Readonly<Record<Mark, boolean>> = {
    inspected: flows.some(({ profile }) => profile !== undefined),
    'one-way': oneWay,
    temporary: temporary !== undefined,
    schedule: schedule !== undefined,
    session: flows.some(({ requiresSession }) => requiresSession),
    audit: audit !== undefined || flows.some((flow) => flow.audit !== undefined),
    unserved: !isServed,
  };
  const until = temporary === undefined ? '' : `, until ${formatTime(temporary.expires)}`;
  return line(conduit.id, temporary === undefined ? 'conduit' : 'temporary', zoneId(from), zoneId(to), {
    title: conduit.id,
    subtitle: detailed ? fitText(conduit.name, 170, Sizes.small) : '',
    marks: Marks.filter((mark) => has[mark]),
    words: detailed,
    tip: `${conduit.id}: ${conduit.name}, ${flows.length} flows, SL-T ${conduit.slT.level}${until}`,
  });
}

function bridgeLine(asset: Asset, zone: Zone, detailed: boolean): PlanLine {
  return line(`bridge ${asset.name} ${zone.id}`, 'bridge', zoneId(asset.zone), zoneId(zone), {
    title: asset.name,
    subtitle: 'in both zones',
    words: detailed,
    tip: `${asset.name} has a leg in ${asset.zone.id} and in ${zone.id}: a bridge past every conduit`,
  });
}

interface Label {
  readonly title: string;
  readonly subtitle?: string;
  readonly marks?: readonly Mark[];
  readonly words?: boolean;
  readonly tip: string;
}

function line(id: string, kind: LineKind, from: string, to: string, label: Label): PlanLine {
  const { title, subtitle = '', marks = [], words = false, tip } = label;
  const shown = fitText(title, 170, Sizes.text, true);
  const chips = marks.map((mark) => chipWidth(mark, words) + 3).reduce((sum, one) => sum + one, 0);
  const head = textWidth(shown, Sizes.text, true);
  // Words go on a line of their own, letters behind the id.
  const width = words
    ? Math.max(head + 6 + textWidth(subtitle, Sizes.small), chips)
    : Math.max(head + (marks.length === 0 ? 0 : 4 + chips), textWidth(subtitle, Sizes.small));
  const second = words ? marks.length > 0 : subtitle !== '';
  return {
    id,
    kind,
    from,
    to,
    title: shown,
    subtitle,
    marks,
    tip,
    width: Math.ceil(width) + 8,
    height: second ? 32 : 18,
  };
}

/** How wide the small box of a mark is. */
export function chipWidth(mark: Mark, words: boolean): number {
  return Math.ceil(textWidth(words ? mark : MarkLetters[mark], 8.5, true)) + 6;
}

function zoneId({ id }: Zone): string {
  return `zone ${id}`;
}

function vendorId(id: string): string {
  return `from ${id}`;
}
