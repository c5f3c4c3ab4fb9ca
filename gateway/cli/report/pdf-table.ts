import type { Cell, Table, Tone } from '../../../policy/report/document/block.ts';
import { wrapText } from '../../../policy/report/text-width.ts';
import { type Face, LineHeight, type Sheet, writeLine } from './pdf-sheet.ts';
import { printable } from './pdf-text.ts';

/** Writes a table from page to page, its head on each; a row that is longer than a page goes on on the next. */
export function writeTable(sheet: Sheet, { columns, rows }: Table): void {
  const total = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (share / total) * sheet.width);
  const head = columns.map(({ title }, column) =>
    wrapCell({ lines: [title], tone: 'strong' }, widths[column] ?? 0),
  );
  const [first] = rows;
  const least =
    first === undefined ? 0 : heightOf(first.map((cell, column) => wrapCell(cell, widths[column] ?? 0)));
  sheet.need(heightOf(head) + Math.min(least, 60));
  writeRow(
    sheet,
    head,
    columns.map(() => TableFaces.strong),
    widths,
    true,
  );
  for (const row of rows) {
    let cells = row.map((cell, column) => wrapCell(cell, widths[column] ?? 0));
    const faces = row.map(({ tone }) => TableFaces[tone]);
    while (cells.some((lines) => lines.length > 0)) {
      if (sheet.room() < Math.min(heightOf(cells), LeastPiece)) {
        sheet.nextPage();
        writeRow(
          sheet,
          head,
          columns.map(() => TableFaces.strong),
          widths,
          true,
        );
      }
      const most = Math.max(1, Math.floor((sheet.room() - 2 * Pad) / Line));
      writeRow(
        sheet,
        cells.map((lines) => lines.slice(0, most)),
        faces,
        widths,
        false,
      );
      cells = cells.map((lines) => lines.slice(most));
    }
  }
  sheet.moveDown(10);
}

const TableSize = 7.6;
const Line = TableSize * LineHeight;
const Pad = 3;
/** A row is not torn for less than this many points. */
const LeastPiece = 8 * Line;

export const ToneColours: Readonly<Record<Tone, string>> = {
  plain: '#1c2329',
  strong: '#1c2329',
  good: '#17603b',
  warning: '#8a4b00',
  bad: '#9b2317',
  faint: '#5a6670',
};

const TableFaces: Readonly<Record<Tone, Face>> = {
  plain: face('plain'),
  strong: face('strong'),
  good: face('good'),
  warning: face('warning'),
  bad: face('bad'),
  faint: face('faint'),
};

function face(tone: Tone): Face {
  return { size: TableSize, bold: tone !== 'plain' && tone !== 'faint', colour: ToneColours[tone] };
}

function wrapCell({ lines, tone }: Cell, width: number): readonly string[] {
  const { size, bold } = TableFaces[tone];
  return lines.flatMap((line) => wrapText(printable(line), width - 2 * Pad - 2, size, bold));
}

function heightOf(cells: readonly (readonly string[])[]): number {
  return Math.max(1, ...cells.map((lines) => lines.length)) * Line + 2 * Pad;
}

function writeRow(
  sheet: Sheet,
  cells: readonly (readonly string[])[],
  faces: readonly Face[],
  widths: readonly number[],
  isHead: boolean,
): void {
  const { pdf, left, width } = sheet;
  const top = sheet.top();
  const height = heightOf(cells);
  if (isHead) pdf.rect(left, top, width, height).fill('#eef2f5');
  let x = left;
  cells.forEach((lines, column) => {
    lines.forEach((line, index) => {
      writeLine(sheet, line, x + Pad, top + Pad + index * Line, faces[column] ?? TableFaces.plain);
    });
    x += widths[column] ?? 0;
  });
  pdf
    .moveTo(left, top + height)
    .lineTo(left + width, top + height)
    .lineWidth(isHead ? 1 : 0.4)
    .strokeColor('#c3cbd2')
    .stroke();
  sheet.moveDown(height);
}
