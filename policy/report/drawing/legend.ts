import { textWidth } from '../text-width.ts';
import type { Layout, Point } from './layout.ts';
import { BoxColours, chips, Faint, Ink, LineStyles } from './looks.ts';
import { KindWords, type LineKind, type Mark, Marks, type Plan } from './plan.ts';
import { arrow, type Shape, stroke, words } from './shapes.ts';

/** What the colours, lines and marks of this drawing mean, under it; only those that are in it. */
export function drawLegend(
  plan: Plan,
  { width, height }: Layout,
): { readonly width: number; readonly height: number; readonly shapes: readonly Shape[] } {
  const entries = [...boxEntries(plan), ...lineEntries(plan), ...markEntries(plan)];
  const widest = Math.max(width, MinWidth) - 2 * Margin;
  const shapes: Shape[] = [];
  let at: Point = { x: Margin, y: height + 24 };
  for (const { room, text, sign } of entries) {
    const wide = room + 6 + textWidth(text, Size);
    if (at.x > Margin && at.x + wide > widest + Margin) at = { x: Margin, y: at.y + 20 };
    shapes.push(...sign(at), words(text, at.x + room + 6, at.y + 4, Size, false, Ink));
    at = { x: at.x + wide + 20, y: at.y };
  }
  const rule = stroke(
    [
      { x: Margin, y: height + 4 },
      { x: widest + Margin, y: height + 4 },
    ],
    Faint,
    0.5,
  );
  return { width: widest + 2 * Margin, height: at.y + 18 - height, shapes: [rule, ...shapes] };
}

interface Entry {
  /** How wide the sign before the text is. */
  readonly room: number;
  readonly text: string;
  /** Drawn around this point, which is at its left, half way up. */
  readonly sign: (at: Point) => readonly Shape[];
}

const Margin = 16;
const MinWidth = 480;
const Size = 10;

function boxEntries({ boxes }: Plan): readonly Entry[] {
  return [...new Set(boxes.map(({ kind }) => kind))].map((kind) => {
    const { head, edge } = BoxColours[kind];
    const dash = kind === 'vendor' || kind === 'outside' ? [4, 3] : [];
    return {
      room: 18,
      text: kind === 'vendor' || kind === 'outside' ? KindWords[kind] : `${KindWords[kind]} zone`,
      sign: ({ x, y }) => [
        {
          kind: 'rectangle',
          x,
          y: y - 6,
          width: 18,
          height: 12,
          radius: 2,
          fill: head,
          stroke: edge,
          dash,
          tip: '',
        },
      ],
    };
  });
}

function lineEntries({ lines }: Plan): readonly Entry[] {
  return [...new Set(lines.map(({ kind }) => kind))].map((kind) => {
    const { stroke: colour, width, dash } = LineStyles[kind];
    return {
      room: 34,
      text: LineWords[kind],
      sign: ({ x, y }) => [
        stroke(
          [
            { x, y },
            { x: x + 34, y },
          ],
          colour,
          width,
          dash,
        ),
        ...(kind === 'bridge' ? [] : [arrow({ x, y }, { x: x + 34, y }, colour)]),
      ],
    };
  });
}

function markEntries({ lines, dense }: Plan): readonly Entry[] {
  return Marks.filter((mark) => lines.some(({ marks }) => marks.includes(mark))).map((mark) => ({
    room: dense ? 13 : 8 + textWidth(mark, 8.5, true),
    text: dense ? `${mark}: ${MarkWords[mark]}` : MarkWords[mark],
    sign: ({ x, y }) => chips([mark], { x, y: y + 4 }, !dense),
  }));
}

/** The arrow points to the server: whoever stands at its tail opens the connections. */
const LineWords: Readonly<Record<LineKind, string>> = {
  conduit: 'conduit, from who opens connections to who takes them',
  temporary: 'temporary conduit',
  vendor: 'vendor enters here',
  path: 'path without IP',
  bridge: 'asset in two zones: a bridge past every conduit',
};

const MarkWords: Readonly<Record<Mark, string>> = {
  inspected: 'every Modbus request is looked at',
  'one-way': 'nothing comes back',
  temporary: 'has an end date',
  schedule: 'at stated hours only',
  session: 'only while a session is granted',
  audit: 'on trial: reported, not refused',
  unserved: 'no gateway stands between these zones',
};
