/** Where everything of a plan stands. Units are those of the plan, whole numbers, from the top left corner. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** By id of the box. */
  readonly boxes: ReadonlyMap<string, Point>;
  /** By id of the line: its corners from start to end, and the top left corner of its label. */
  readonly lines: ReadonlyMap<string, { readonly points: readonly Point[]; readonly label: Point }>;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}
