import type { Block, FactRow, ReportDocument, Section } from '../../../policy/report/document/block.ts';
import type { Drawing } from '../../../policy/report/drawing/shapes.ts';
import { textWidth, wrapText } from '../../../policy/report/text-width.ts';
import { addDrawingPage } from './pdf-drawing.ts';
import { createSheet, type Face, LineHeight, type Sheet, writeLine, writeText } from './pdf-sheet.ts';
import { ToneColours, writeTable } from './pdf-table.ts';
import { isCurtailed, printable } from './pdf-text.ts';

/**
 * The document as PDF, with the fonts every reader has. The same document, drawing and date give the same
 * bytes.
 * @param drawing what stands where the document has its drawing
 */
export async function renderPdf(
  document: ReportDocument,
  {
    drawing,
    at,
    layout,
  }: { readonly drawing: Drawing; readonly at: number; readonly layout: 'portrait' | 'landscape' },
): Promise<Uint8Array> {
  const { title, subtitle, facts, sections, footer } = document;
  const sheet = createSheet({ title, layout, at });
  writeText(sheet, title, { size: 20, bold: true, colour: '#1c2329' });
  writeText(sheet, subtitle, { size: 11, bold: false, colour: '#5a6670' });
  sheet.moveDown(6);
  writeFacts(sheet, facts);
  if (sections.length > 1) {
    writeContents(sheet, sections);
    sheet.nextPage();
  }
  sections.forEach(({ id, title: name, blocks }, index) => {
    const numbered = sections.length > 1 ? `${index + 1} ${name}` : name;
    if (numbered !== '') sheet.pdf.outline.addItem(printable(numbered));
    if (blocks.some(({ kind }) => kind === 'drawing')) {
      addDrawingPage(sheet.pdf, drawing, numbered);
      sheet.pdf.addNamedDestination(id);
      sheet.nextPage();
      return;
    }
    if (numbered !== '') writeHead(sheet, numbered);
    sheet.pdf.addNamedDestination(id);
    for (const block of blocks) writeBlock(sheet, block);
  });
  if (isCurtailed(JSON.stringify(document))) {
    writeText(
      sheet,
      'Where ? stands for a character these fonts have not, the page (report.html) shows it.',
      {
        ...Body,
        colour: ToneColours.faint,
      },
    );
  }
  return sheet.finish(footer);
}

/** The sections, each a link to where it begins. */
function writeContents(sheet: Sheet, sections: readonly Section[]): void {
  sheet.moveDown(10);
  const face: Face = { size: 10.5, bold: false, colour: '#1f5f8b' };
  sections.forEach(({ id, title }, index) => {
    const line = printable(`${index + 1}  ${title}`);
    writeLine(sheet, line, sheet.left, sheet.top(), face);
    sheet.pdf.goTo(sheet.left, sheet.top(), textWidth(line, face.size), face.size * LineHeight, id);
    sheet.moveDown(face.size * 1.6);
  });
}

const Body: Face = { size: 9, bold: false, colour: '#1c2329' };

function writeHead(sheet: Sheet, title: string): void {
  sheet.need(150);
  sheet.moveDown(10);
  writeText(sheet, title, { size: 14, bold: true, colour: '#1f5f8b' });
  const y = sheet.top() + 1;
  sheet.pdf
    .moveTo(sheet.left, y)
    .lineTo(sheet.left + sheet.width, y)
    .lineWidth(0.8)
    .strokeColor('#c3cbd2')
    .stroke();
  sheet.moveDown(7);
}

function writeBlock(sheet: Sheet, block: Block): void {
  switch (block.kind) {
    case 'heading':
      // Never alone at the foot of a page: the head of a table and its first row come with it.
      sheet.need(110);
      sheet.moveDown(4);
      writeText(sheet, block.text, { size: 10.5, bold: true, colour: '#1c2329' });
      sheet.moveDown(3);
      return;
    case 'paragraph':
      writeText(sheet, block.text, {
        ...Body,
        bold: block.tone !== 'plain' && block.tone !== 'faint',
        colour: ToneColours[block.tone],
      });
      sheet.moveDown(4);
      return;
    case 'list':
      for (const item of block.items) writeItem(sheet, item);
      sheet.moveDown(4);
      return;
    case 'facts':
      writeFacts(sheet, block.rows);
      return;
    case 'figures':
      writeFigures(sheet, block.figures);
      return;
    case 'table':
      writeTable(sheet, block);
      return;
    case 'drawing':
      return;
  }
}

function writeItem(sheet: Sheet, item: string): void {
  sheet.need(Body.size * LineHeight);
  writeLine(sheet, '•', sheet.left + 2, sheet.top(), Body);
  writeText(sheet, item, Body, 12);
  sheet.moveDown(1);
}

function writeFacts(sheet: Sheet, rows: readonly FactRow[]): void {
  const height = Body.size * LineHeight;
  for (const { label, cell } of rows) {
    const lines = cell.lines.flatMap((line) =>
      wrapText(printable(line), sheet.width - LabelWidth, Body.size, cell.tone === 'warning'),
    );
    sheet.need(height);
    writeLine(sheet, printable(label), sheet.left, sheet.top(), { ...Body, colour: ToneColours.faint });
    for (const line of lines) {
      sheet.need(height);
      writeLine(sheet, line, sheet.left + LabelWidth, sheet.top(), {
        ...Body,
        bold: cell.tone === 'warning',
        colour: ToneColours[cell.tone],
      });
      sheet.moveDown(height);
    }
  }
  sheet.moveDown(4);
}

const LabelWidth = 150;

function writeFigures(
  sheet: Sheet,
  figures: readonly { readonly value: string; readonly label: string }[],
): void {
  const gap = 6;
  const width = Math.min(110, (sheet.width - gap * (figures.length - 1)) / Math.max(1, figures.length));
  sheet.need(46);
  const top = sheet.top();
  figures.forEach(({ value, label }, index) => {
    const x = sheet.left + index * (width + gap);
    sheet.pdf.roundedRect(x, top, width, 38, 3).fill('#eef2f5');
    writeLine(sheet, printable(value), x + 6, top + 5, { size: 15, bold: true, colour: '#1c2329' });
    writeLine(sheet, printable(label), x + 6, top + 24, {
      size: 7.6,
      bold: false,
      colour: ToneColours.faint,
    });
  });
  sheet.moveDown(46);
}
