import type { Zone, ZoneKind } from '../../model/zone-model.ts';
import { textWidth } from '../text-width.ts';

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

export const KindWords: Readonly<Record<BoxKind, string>> = {
  external: 'external',
  enterprise: 'enterprise',
  dmz: 'DMZ',
  control: 'control',
  safety: 'safety',
  vendor: 'vendor, from outside',
  outside: 'outside the site',
};

/** How wide the small box of a mark is. */
export function chipWidth(mark: Mark, words: boolean): number {
  return Math.ceil(textWidth(words ? mark : MarkLetters[mark], 8.5, true)) + 6;
}

/** Id of the box of a zone. */
export function zoneId({ id }: Zone): string {
  return `zone ${id}`;
}

/** Id of the box of a vendor. */
export function vendorId(id: string): string {
  return `from ${id}`;
}
