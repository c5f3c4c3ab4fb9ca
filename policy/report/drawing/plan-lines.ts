import { formatTime } from '../../../rules/time.ts';
import type { Asset, Conduit, Zone, ZoneModel } from '../../model/zone-model.ts';
import { fitText, textWidth } from '../text-width.ts';
import {
  chipWidth,
  type LineKind,
  type Mark,
  Marks,
  type PlanLine,
  Sizes,
  vendorId,
  zoneId,
} from './plan.ts';
import { outsideBox } from './plan-boxes.ts';

/** The lines of a model: conduits, vendors, paths without IP, assets in two zones. Detailed ones have words. */
export function planLines(model: ZoneModel, detailed: boolean): readonly PlanLine[] {
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
