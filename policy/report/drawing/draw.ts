import { textWidth } from '../text-width.ts';
import type { Layout, Point } from './layout.ts';
import { drawLegend } from './legend.ts';
import { BoxColours, chips, Faint, Ink, LineStyles } from './looks.ts';
import { type Plan, type PlanBox, type PlanLine, Sizes } from './plan.ts';
import { arrow, barAcross, type Drawing, rectangle, type Shape, stroke, words } from './shapes.ts';

/** Draws a plan at its places. Lines first, then boxes, then labels: a label is never crossed out. */
export function draw(plan: Plan, layout: Layout): Drawing {
  const lines = plan.lines.flatMap((line) => {
    const at = layout.lines.get(line.id);
    return at === undefined || at.points.length < 2 ? [] : [{ line, ...at }];
  });
  const legend = drawLegend(plan, layout);
  return {
    width: Math.max(layout.width, legend.width),
    height: layout.height + legend.height,
    shapes: [
      ...lines.flatMap(({ line, points }) => strokes(line, points)),
      ...plan.boxes.flatMap((box) => boxShapes(box, layout.boxes.get(box.id) ?? Origin)),
      ...lines.flatMap(({ line, label }) => labelShapes(line, label, !plan.dense)),
      ...legend.shapes,
    ],
  };
}

const Origin: Point = { x: 0, y: 0 };

function boxShapes(box: PlanBox, { x, y }: Point): readonly Shape[] {
  const { width, height } = box;
  const { head, body, edge, ink } = BoxColours[box.kind];
  const { pad, row } = Sizes;
  const dash = box.kind === 'vendor' || box.kind === 'outside' ? [4, 3] : [];
  const right = x + width - pad;
  const level = box.level === '' ? 0 : textWidth(box.level, Sizes.small, true);
  const feetTop = y + height - pad - box.feet.length * row;
  const rowsTop = y + Sizes.head + (box.subtitle === '' ? 0 : row) + 12;
  return [
    { kind: 'rectangle', x, y, width, height, radius: 4, fill: body, stroke: edge, dash, tip: box.tip },
    ...(dash.length > 0
      ? []
      : [rectangle(x, y, width, Sizes.head, 4, head), rectangle(x, y + Sizes.head - 5, width, 5, 0, head)]),
    words(box.title, x + pad, y + 17, Sizes.title, true, ink),
    ...(box.level === ''
      ? []
      : [
          rectangle(right - level - 10, y + 5, level + 12, 15, 7, '#ffffff'),
          words(box.level, right - level - 4, y + 16, Sizes.small, true, edge),
        ]),
    ...(box.subtitle === ''
      ? []
      : [words(box.subtitle, x + pad, y + Sizes.head + 12, Sizes.small, false, Faint)]),
    ...box.rows.flatMap(({ left, right: note, bold }, index): readonly Shape[] => {
      const base = rowsTop + index * row;
      return [
        words(left, x + pad, base, Sizes.text, bold, Ink),
        ...(note === ''
          ? []
          : [words(note, right - textWidth(note, Sizes.small), base, Sizes.small, false, Faint)]),
      ];
    }),
    ...(box.feet.length === 0
      ? []
      : [
          stroke(
            [
              { x: x + pad, y: feetTop },
              { x: right, y: feetTop },
            ],
            edge,
            0.5,
          ),
        ]),
    ...box.feet.map((foot, index) =>
      words(foot, x + pad, feetTop + 12 + index * row, Sizes.small, false, Faint),
    ),
  ];
}

function strokes(line: PlanLine, points: readonly Point[]): readonly Shape[] {
  const { stroke: colour, width, dash } = LineStyles[line.kind];
  const [first = Origin, second = Origin] = points;
  const [last = Origin, before = Origin] = [points.at(-1), points.at(-2)];
  const tail = barAcross(first, second);
  return [
    { kind: 'line', points, stroke: colour, width, dash, tip: line.tip },
    // An asset in two zones has no direction.
    ...(line.kind === 'bridge' ? [] : [arrow(before, last, colour)]),
    ...(line.marks.includes('one-way') ? [stroke(tail, colour, 2.4)] : []),
  ];
}

function labelShapes(line: PlanLine, { x, y }: Point, inWords: boolean): readonly Shape[] {
  const { width, height, title, subtitle, marks } = line;
  const colour = LineStyles[line.kind].stroke;
  const head = textWidth(title, Sizes.text, true);
  const below = y + 27;
  const chipsAt: Point = inWords ? { x: x + 4, y: below } : { x: x + 8 + head, y: y + 13 };
  const subtitleAt: Point = inWords ? { x: x + 10 + head, y: y + 13 } : { x: x + 4, y: below };
  return [
    rectangle(x, y, width, height, 3, '#ffffff'),
    words(title, x + 4, y + 13, Sizes.text, true, colour),
    ...(subtitle === '' ? [] : [words(subtitle, subtitleAt.x, subtitleAt.y, Sizes.small, false, Faint)]),
    ...chips(marks, chipsAt, inWords),
  ];
}
