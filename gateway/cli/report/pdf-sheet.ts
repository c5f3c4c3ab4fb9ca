import PDFDocument from 'pdfkit';
import { wrapText } from '../../../policy/report/text-width.ts';
import { printable } from './pdf-text.ts';

/** A PDF document under the pen: where on the page we are, and what to do when it is full. Points, 72 to the inch. */
export interface Sheet {
  readonly pdf: PDFKit.PDFDocument;
  readonly left: number;
  /** Room between the margins. */
  readonly width: number;
  /** Where the next thing goes. */
  top(): number;
  /** Room left on this page. */
  room(): number;
  moveDown(by: number): void;
  nextPage(): void;
  /** Turns the page unless that much room is left. */
  need(height: number): void;
  /** Ends the document and gives its bytes. */
  finish(footer: string): Promise<Uint8Array>;
}

export interface SheetTerms {
  readonly title: string;
  readonly layout: 'portrait' | 'landscape';
  /** Milliseconds: the date the file bears, so that the same report is the same bytes. */
  readonly at: number;
}

export const Margin = 36;
const Foot = 20;

/** Begins a PDF document with its first page. */
export function createSheet({ title, layout, at }: SheetTerms): Sheet {
  const date = new Date(at);
  const pdf = new PDFDocument({
    size: 'A4',
    layout,
    // Our own pages end where we say so.
    margin: 0,
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: printable(title),
      Producer: 'Penstock',
      Creator: 'Penstock',
      CreationDate: date,
      ModDate: date,
    },
  });
  const pieces: Uint8Array[] = [];
  const done = new Promise<void>((resolve, reject) => {
    pdf.on('data', (piece: Uint8Array) => pieces.push(piece));
    pdf.on('end', resolve);
    pdf.on('error', reject);
  });
  let top = Margin;
  const bottom = () => pdf.page.height - Margin - Foot;
  const nextPage = () => {
    pdf.addPage({ size: 'A4', layout, margin: 0 });
    top = Margin;
  };
  return {
    pdf,
    left: Margin,
    width: pdf.page.width - 2 * Margin,
    top: () => top,
    room: () => bottom() - top,
    moveDown: (by) => {
      top += by;
    },
    nextPage,
    need: (height) => {
      if (top > Margin && bottom() - top < height) nextPage();
    },
    finish: async (footer) => {
      numberPages(pdf, footer);
      pdf.end();
      await done;
      return Buffer.concat(pieces);
    },
  };
}

/** How text is set. */
export interface Face {
  readonly size: number;
  readonly bold: boolean;
  readonly colour: string;
}

/** Writes one line that is known to fit. */
export function writeLine(
  { pdf }: Sheet,
  text: string,
  x: number,
  y: number,
  { size, bold, colour }: Face,
): void {
  pdf
    .font(bold ? 'Helvetica-Bold' : 'Helvetica')
    .fontSize(size)
    .fillColor(colour)
    .text(text, x, y, { lineBreak: false });
}

/** Writes text in as many lines as it needs, from page to page. */
export function writeText(sheet: Sheet, text: string, face: Face, indent = 0): void {
  const height = face.size * LineHeight;
  for (const line of wrapText(printable(text), sheet.width - indent, face.size, face.bold)) {
    sheet.need(height);
    writeLine(sheet, line, sheet.left + indent, sheet.top(), face);
    sheet.moveDown(height);
  }
}

export const LineHeight = 1.28;

function numberPages(pdf: PDFKit.PDFDocument, footer: string): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    pdf.switchToPage(page);
    const y = pdf.page.height - Foot - 8;
    pdf.font('Helvetica').fontSize(7.5).fillColor('#5a6670');
    pdf.text(printable(footer), Margin, y, { lineBreak: false });
    const number = `${page - start + 1} / ${count}`;
    pdf.text(number, pdf.page.width - Margin - pdf.widthOfString(number), y, { lineBreak: false });
  }
}
