import type { Asset, Zone, ZoneKind, ZoneModel } from '../../model/zone-model.ts';
import { fitText, textWidth } from '../text-width.ts';
import { type BoxRow, KindWords, type PlanBox, Sizes, vendorId, zoneId } from './plan.ts';

/** The boxes of a model: outside, vendors, zones. Detailed ones list their assets. */
export function planBoxes(model: ZoneModel, detailed: boolean): readonly PlanBox[] {
  return [
    ...(model.nonIpPaths.some(({ from }) => from === undefined) ? [outsideBox] : []),
    ...model.vendors.map(({ id, company }) => vendorBox(id, company, detailed)),
    ...model.zones.map((zone) => zoneBox(model, zone, detailed)),
  ];
}

const Tiers: Readonly<Record<ZoneKind, number>> = {
  external: 0,
  enterprise: 1,
  dmz: 2,
  control: 3,
  safety: 4,
};

/** Assets listed in one box; the rest are counted. */
const MostRows = 8;

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

/** Where paths from outside the site begin. */
export const outsideBox: PlanBox = sized({
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
