/** A report as paragraphs and tables, the same for the page and for the printed sheet. All text is plain text. */
export interface ReportDocument {
  readonly title: string;
  readonly subtitle: string;
  /** Under the title: what it rests on. */
  readonly facts: readonly FactRow[];
  readonly sections: readonly Section[];
  /** On every printed page. */
  readonly footer: string;
}

export interface Section {
  /** Anchor, unique in the document. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'heading'; readonly id: string; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string; readonly tone: Tone }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly rows: readonly FactRow[] }
  | {
      readonly kind: 'figures';
      readonly figures: readonly { readonly value: string; readonly label: string }[];
    }
  | Table
  | { readonly kind: 'drawing'; readonly caption: string };

export interface Table {
  readonly kind: 'table';
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Column {
  readonly title: string;
  /** Share of the width, against the other columns. */
  readonly share: number;
}

export interface Cell {
  /** A line each; empty is an empty cell. */
  readonly lines: readonly string[];
  readonly tone: Tone;
}

export interface FactRow {
  readonly label: string;
  readonly cell: Cell;
}

/** How a text is meant: never by colour alone, the words say it as well. */
export type Tone = 'plain' | 'strong' | 'good' | 'warning' | 'bad' | 'faint';

export function heading(id: string, text: string): Block {
  return { kind: 'heading', id, text };
}

export function paragraph(text: string, tone: Tone = 'plain'): Block {
  return { kind: 'paragraph', text, tone };
}

export function list(items: readonly string[]): Block {
  return { kind: 'list', items };
}

export function cell(text: string | readonly string[], tone: Tone = 'plain'): Cell {
  const lines = typeof text === 'string' ? [text] : text;
  return { lines: lines.filter((line) => line !== ''), tone };
}

export function fact(label: string, text: string | readonly string[], tone: Tone = 'plain'): FactRow {
  return { label, cell: cell(text, tone) };
}

/** Columns as `['Flow', 2]`; where there are no rows, a sentence takes the place of the table. */
export function table(
  columns: readonly (readonly [string, number])[],
  rows: readonly (readonly Cell[])[],
  empty: string,
): Block {
  if (rows.length === 0) return paragraph(empty, 'faint');
  return { kind: 'table', columns: columns.map(([title, share]) => ({ title, share })), rows };
}
