import type { Point } from './layout.ts';
import { type BoxKind, chipWidth, type LineKind, type Mark, MarkLetters, Sizes } from './plan.ts';
import { rectangle, type Shape, words } from './shapes.ts';

/** Fill of the head, fill of the body, outline and ink of the head. Told apart in grey as well. */
export const BoxColours: Readonly<
  Record<BoxKind, { head: string; body: string; edge: string; ink: string }>
> = {
  external: { head: '#6b5a7e', body: '#f6f3f9', edge: '#6b5a7e', ink: '#ffffff' },
  enterprise: { head: '#5c6b7a', body: '#f4f6f8', edge: '#5c6b7a', ink: '#ffffff' },
  dmz: { head: '#9a6b12', body: '#fdf8ee', edge: '#9a6b12', ink: '#ffffff' },
  control: { head: '#1f5f8b', body: '#f1f7fb', edge: '#1f5f8b', ink: '#ffffff' },
  safety: { head: '#a33327', body: '#fdf3f1', edge: '#a33327', ink: '#ffffff' },
  vendor: { head: '#f6f3f9', body: '#f6f3f9', edge: '#6b5a7e', ink: '#3d2f4d' },
  outside: { head: '#ffffff', body: '#ffffff', edge: '#77808a', ink: '#333a40' },
};

export const LineStyles: Readonly<
  Record<LineKind, { stroke: string; width: number; dash: readonly number[] }>
> = {
  conduit: { stroke: '#2b3540', width: 1.6, dash: [] },
  temporary: { stroke: '#b35900', width: 1.6, dash: [9, 3, 2, 3] },
  vendor: { stroke: '#6b5a7e', width: 1.6, dash: [2, 3] },
  path: { stroke: '#77808a', width: 1.6, dash: [7, 5] },
  bridge: { stroke: '#a33327', width: 3, dash: [3, 3] },
};

export const Ink = '#1c2329';
export const Faint = '#4d5963';

/** Small boxes in a row, each with a mark. `y` is the base line. */
export function chips(marks: readonly Mark[], { x, y }: Point, inWords: boolean): readonly Shape[] {
  let left = x;
  return marks.flatMap((mark) => {
    const width = chipWidth(mark, inWords);
    const at = left;
    left += width + 3;
    const text = inWords ? mark : MarkLetters[mark];
    return [
      rectangle(at, y - 10, width, Sizes.chip, 2, ChipColours[mark]),
      words(text, at + 3, y - 0.5, 8.5, true, '#ffffff'),
    ];
  });
}

const ChipColours: Readonly<Record<Mark, string>> = {
  inspected: '#1f6b45',
  'one-way': '#2b3540',
  temporary: '#b35900',
  schedule: '#5c6b7a',
  session: '#6b5a7e',
  audit: '#9a6b12',
  unserved: '#a33327',
};
