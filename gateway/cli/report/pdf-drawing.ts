import type { Drawing, Shape } from '../../../policy/report/drawing/shapes.ts';
import { Margin } from './pdf-sheet.ts';
import { printable } from './pdf-text.ts';

/**
 * Adds a page with the drawing: the smallest sheet, upright or on its side, on which its words can be read.
 * @returns the size of that sheet, `A3`
 */
export function addDrawingPage(pdf: PDFKit.PDFDocument, drawing: Drawing, title: string): string {
  const { size, layout, scale } = chooseSheet(drawing);
  pdf.addPage({ size, layout, margin: 0 });
  pdf
    .font('Helvetica-Bold')
    .fontSize(15)
    .fillColor('#1f5f8b')
    .text(printable(title), Margin, Margin, { lineBreak: false });
  const x = (pdf.page.width - drawing.width * scale) / 2;
  pdf
    .save()
    .translate(x, Margin + TitleRoom)
    .scale(scale);
  for (const shape of drawing.shapes) drawShape(pdf, shape);
  pdf.restore();
  return size;
}

/** Points a unit of the drawing must have for its smallest words to be read on paper. */
const LeastScale = 0.55;
const MostScale = 0.9;
const TitleRoom = 28;
const Foot = 30;

interface SheetChoice {
  readonly size: string;
  readonly layout: 'portrait' | 'landscape';
  readonly scale: number;
}

function chooseSheet(drawing: Drawing): SheetChoice {
  const choices = Object.entries(Sheets).flatMap(([size, [short, long]]): readonly SheetChoice[] => [
    { size, layout: 'landscape', scale: scaleOn(drawing, long, short) },
    { size, layout: 'portrait', scale: scaleOn(drawing, short, long) },
  ]);
  const [size = 'A0'] = choices.filter(({ scale }) => scale >= LeastScale).map((choice) => choice.size);
  const same = choices.filter((choice) => choice.size === size);
  return same.reduce((best, one) => (one.scale > best.scale ? one : best));
}

function scaleOn({ width, height }: Drawing, across: number, down: number): number {
  const fits = Math.min((across - 2 * Margin) / width, (down - 2 * Margin - TitleRoom - Foot) / height);
  return Math.min(MostScale, fits);
}

/** Short and long side, points. */
const Sheets: Readonly<Record<string, readonly [number, number]>> = {
  A4: [595.28, 841.89],
  A3: [841.89, 1190.55],
  A2: [1190.55, 1683.78],
  A1: [1683.78, 2383.94],
  A0: [2383.94, 3370.39],
};

function drawShape(pdf: PDFKit.PDFDocument, shape: Shape): void {
  switch (shape.kind) {
    case 'rectangle': {
      const { x, y, width, height, radius, fill, stroke, dash } = shape;
      pdf.roundedRect(x, y, width, height, radius);
      if (stroke === '') pdf.fill(fill);
      else withDash(pdf, dash, () => pdf.lineWidth(1).fillAndStroke(fill, stroke));
      return;
    }
    case 'line': {
      const [first, ...rest] = shape.points;
      if (first === undefined) return;
      pdf.moveTo(first.x, first.y);
      for (const { x, y } of rest) pdf.lineTo(x, y);
      withDash(pdf, shape.dash, () => pdf.lineWidth(shape.width).lineJoin('round').stroke(shape.stroke));
      return;
    }
    case 'polygon':
      pdf.polygon(...shape.points.map(({ x, y }): [number, number] => [x, y])).fill(shape.fill);
      return;
    case 'text':
      drawText(pdf, shape);
  }
}

/** The widths it was planned with are those of these fonts. */
function drawText(pdf: PDFKit.PDFDocument, { x, y, text, size, bold, fill }: Shape & { kind: 'text' }): void {
  pdf
    .font(bold ? 'Helvetica-Bold' : 'Helvetica')
    .fontSize(size)
    .fillColor(fill);
  pdf.text(printable(text), x, y, { lineBreak: false, baseline: 'alphabetic' });
}

function withDash(pdf: PDFKit.PDFDocument, dash: readonly number[], paint: () => void): void {
  // A list is taken as well; its types know of one length only.
  if (dash.length > 0) pdf.dash([...dash] as unknown as number, {});
  paint();
  if (dash.length > 0) pdf.undash();
}
