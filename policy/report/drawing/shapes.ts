import { textWidth } from '../text-width.ts';
import type { Point } from './layout.ts';

/** A drawing as strokes and words, the same for the page and for the printed sheet. Later shapes lie on top. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

export type Shape =
  | {
      readonly kind: 'rectangle';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly radius: number;
      readonly fill: string;
      /** Empty is no outline. */
      readonly stroke: string;
      readonly dash: readonly number[];
      /** What it is, for whoever points at it; empty on parts of something else. */
      readonly tip: string;
    }
  | {
      readonly kind: 'line';
      readonly points: readonly Point[];
      readonly stroke: string;
      readonly width: number;
      readonly dash: readonly number[];
      readonly tip: string;
    }
  | { readonly kind: 'polygon'; readonly points: readonly Point[]; readonly fill: string }
  | {
      readonly kind: 'text';
      readonly x: number;
      /** Base line. */
      readonly y: number;
      readonly text: string;
      /** Exactly this wide, whatever font there is. */
      readonly width: number;
      readonly size: number;
      readonly bold: boolean;
      readonly fill: string;
    };

/** The head of an arrow at the end of the stroke from `before` to `tip`. */
export function arrow(before: Point, tip: Point, fill: string): Shape {
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [ux, uy] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const back = { x: tip.x - ux * 9, y: tip.y - uy * 9 };
  const side = (by: number): Point => ({ x: round(back.x - uy * by), y: round(back.y + ux * by) });
  return { kind: 'polygon', points: [tip, side(4), side(-4)], fill };
}

/** A bar across the start: nothing comes back. */
export function barAcross(start: Point, next: Point): readonly Point[] {
  const length = Math.hypot(next.x - start.x, next.y - start.y) || 1;
  const [ux, uy] = [(next.x - start.x) / length, (next.y - start.y) / length];
  const at = { x: start.x + ux * 6, y: start.y + uy * 6 };
  return [
    { x: round(at.x - uy * 6), y: round(at.y + ux * 6) },
    { x: round(at.x + uy * 6), y: round(at.y - ux * 6) },
  ];
}

export function words(text: string, x: number, y: number, size: number, bold: boolean, fill: string): Shape {
  return {
    kind: 'text',
    x: round(x),
    y: round(y),
    text,
    width: round(textWidth(text, size, bold)),
    size,
    bold,
    fill,
  };
}

export function stroke(
  points: readonly Point[],
  colour: string,
  width: number,
  dash: readonly number[] = [],
): Shape {
  return { kind: 'line', points, stroke: colour, width, dash, tip: '' };
}

export function rectangle(
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
  fill: string,
): Shape {
  return {
    kind: 'rectangle',
    x: round(x),
    y: round(y),
    width: round(width),
    height,
    radius,
    fill,
    stroke: '',
    dash: [],
    tip: '',
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
