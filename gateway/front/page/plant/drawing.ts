import type { ConduitBody, FlowBody, StatusBody } from '../../../ipc/snapshot.ts';
import { shape } from '../element.ts';
import type { Live } from '../live.ts';
import { count, counted } from '../words.ts';
import type { FlowRates } from './conduit-list.ts';
import { type Layout, layoutZones, type Placed } from './layout.ts';

type Zone = StatusBody['zones'][number];

/**
 * The plant as zones and conduits, with what passes now. Layers run across where there is room and down where there is
 * not. Each conduit leads to its card; its line says by form as well as by colour how it is.
 */
export function plantDrawing(live: Live, rates: FlowRates, across: boolean): SVGSVGElement | undefined {
  const { status, conduits = [], grants = [] } = live;
  if (status === undefined || status.zones.length === 0) return undefined;
  const layout = layoutZones(status.zones, conduits);
  const at = placer(layout, across);
  const places = new Map(layout.placed.map((placed) => [placed.zone, at(placed)]));
  const guests = new Map<string, number>();
  for (const { state, targets } of grants) {
    if (state !== 'open') continue;
    for (const zone of new Set(targets.map((target) => target.zone)))
      guests.set(zone, 1 + (guests.get(zone) ?? 0));
  }
  const { width, height } = size(layout, across);
  return shape(
    'svg',
    {
      class: 'plant',
      viewBox: `0 0 ${width} ${height}`,
      role: 'group',
      'aria-label': 'The plant as zones and conduits',
    },
    ...pairs(conduits).flatMap((group) =>
      group.map((conduit, index) => {
        const [from, to] = [places.get(conduit.from), places.get(conduit.to)];
        if (from === undefined || to === undefined) return undefined;
        return conduitLine(conduit, from, to, (index - (group.length - 1) / 2) * Gap, rates);
      }),
    ),
    ...status.zones.map((zone) => {
      const place = places.get(zone.name);
      return place === undefined ? undefined : zoneBox(zone, place, guests.get(zone.name) ?? 0);
    }),
  );
}

/** Whether there is room for the layers side by side. */
export function isWide(): boolean {
  return matchMedia('(min-width: 60rem)').matches;
}

/** How a conduit is, from its flows: the most alive of them. */
export function conduitState(flows: readonly FlowBody[]): { readonly state: string; readonly word: string } {
  if (!flows.some(({ open }) => open)) return { state: 'shut', word: 'shut' };
  if (flows.some(({ gated, open }) => gated && open)) return { state: 'gated', word: 'opened for now' };
  return flows.some(({ connectionsOpen }) => connectionsOpen > 0)
    ? { state: 'busy', word: 'in use' }
    : { state: 'open', word: 'open' };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function conduitLine(conduit: ConduitBody, from: Point, to: Point, shift: number, rates: FlowRates): Element {
  const { id, name, flows, oneWay } = conduit;
  const { state, word } = conduitState(flows);
  const rate = flows.reduce((sum, flow) => sum + (rates.get(flow.id) ?? 0), 0);
  const refused = flows.reduce((sum, flow) => sum + flow.refused, 0);
  const line = edge(from, to, shift);
  const label = `Conduit ${id}, ${name}: ${conduit.from} to ${conduit.to}, ${word}, ${rate.toFixed(0)} requests a second, ${count(refused)} refused`;
  return shape(
    'a',
    { href: `#plant/${id}`, class: 'line', 'data-key': `c-${id}`, 'data-state': state, 'aria-label': label },
    shape('title', {}, label),
    shape('path', { class: 'reach', d: line.path }),
    shape('path', { class: 'stroke', d: line.path }),
    shape('path', { class: 'head', d: head(line.tip, line.from, oneWay) }),
    shape(
      'g',
      { transform: `translate(${line.middle.x} ${line.middle.y})` },
      shape('rect', { class: 'plate', x: '-24', y: '-10', width: '48', height: '20', rx: '4' }),
      shape('text', { class: 'line-name', 'text-anchor': 'middle', y: '4.5' }, id),
    ),
  );
}

function zoneBox({ name, kind, slT }: Zone, { x, y }: Point, guests: number): Element {
  const said = `Zone ${name}, ${kind}, SL-T ${slT}${guests === 0 ? '' : `, ${counted(guests, 'vendor')} inside`}`;
  return shape(
    'g',
    {
      class: 'zone-box',
      'data-key': `z-${name}`,
      'data-kind': kind,
      'data-guests': String(guests > 0),
      role: 'img',
      'aria-label': said,
    },
    shape('rect', {
      x: String(x - Box.width / 2),
      y: String(y - Box.height / 2),
      width: String(Box.width),
      height: String(Box.height),
      rx: '6',
    }),
    shape('text', { x: String(x), y: String(y - 8), 'text-anchor': 'middle', class: 'name' }, clipped(name)),
    shape(
      'text',
      { x: String(x), y: String(y + 9), 'text-anchor': 'middle', class: 'kind' },
      `${kind} · SL-T ${slT}`,
    ),
    guests === 0
      ? undefined
      : shape(
          'g',
          { class: 'guests', transform: `translate(${x} ${y + Box.height / 2})` },
          shape('rect', { x: '-50', y: '-8', width: '100', height: '20', rx: '10' }),
          shape('text', { 'text-anchor': 'middle', y: '6.5' }, `◆ ${counted(guests, 'vendor')}`),
        ),
  );
}

/** Conduits of one pair of zones, in either direction: they are drawn side by side. */
function pairs(conduits: readonly ConduitBody[]): readonly (readonly ConduitBody[])[] {
  return [...Map.groupBy(conduits, ({ from, to }) => [from, to].toSorted().join('\n')).values()];
}

/** A line from box to box, a little to the side where there are several. */
function edge(from: Point, to: Point, shift: number) {
  const flip = from.x < to.x || (from.x === to.x && from.y < to.y) ? 1 : -1;
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [nx, ny] = [(-(to.y - from.y) / length) * shift * flip, ((to.x - from.x) / length) * shift * flip];
  const start = border(from, to, nx, ny);
  const tip = border(to, from, nx, ny);
  // Side by side, names on lines that run down would cover each other: they stand at different heights.
  const steep = Math.abs(to.y - from.y) > Math.abs(to.x - from.x);
  const part = 0.5 + (steep ? (shift / Gap) * flip * 0.22 : 0);
  const middle = { x: start.x + (tip.x - start.x) * part, y: start.y + (tip.y - start.y) * part };
  return { path: `M${at(start)}L${at(tip)}`, from: start, tip, middle };
}

/** Where the line leaves a box. */
function border(of: Point, towards: Point, nx: number, ny: number): Point {
  const [dx, dy] = [towards.x - of.x, towards.y - of.y];
  const reach = Math.min(
    dx === 0 ? Infinity : Box.width / 2 / Math.abs(dx),
    dy === 0 ? Infinity : Box.height / 2 / Math.abs(dy),
  );
  return { x: of.x + dx * reach + nx, y: of.y + dy * reach + ny };
}

/** An arrow, with a bar before it where nothing ever comes back. */
function head(tip: Point, from: Point, oneWay: boolean): string {
  const length = Math.hypot(tip.x - from.x, tip.y - from.y) || 1;
  const [ux, uy] = [(tip.x - from.x) / length, (tip.y - from.y) / length];
  const back = (along: number, aside: number): Point => ({
    x: tip.x - ux * along - uy * aside,
    y: tip.y - uy * along + ux * aside,
  });
  const arrow = `M${at(tip)}L${at(back(9, 5))}L${at(back(9, -5))}Z`;
  return oneWay
    ? `${arrow}M${at(back(12, 7))}L${at(back(12, -7))}L${at(back(14, -7))}L${at(back(14, 7))}Z`
    : arrow;
}

function placer({ breadth }: Layout, across: boolean): (placed: Placed) => Point {
  return ({ layer, offset }) => {
    const along = layer + 0.5;
    const aside = (breadth - 1) / 2 + offset + 0.5;
    return across
      ? { x: along * Pitch.across, y: aside * Pitch.aside }
      : { x: aside * Pitch.beside, y: along * Pitch.down };
  };
}

function size(
  { layers, breadth }: Layout,
  across: boolean,
): { readonly width: number; readonly height: number } {
  return across
    ? { width: layers * Pitch.across, height: Math.max(breadth, 1) * Pitch.aside }
    : { width: breadth * Pitch.beside, height: layers * Pitch.down };
}

function clipped(name: string): string {
  return name.length > 16 ? `${name.slice(0, 15)}…` : name;
}

function at({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

const Box = { width: 130, height: 62 } as const;
const Pitch = { across: 216, aside: 120, beside: 190, down: 150 } as const;
/** Between two conduits of the same zones. */
const Gap = 26;
