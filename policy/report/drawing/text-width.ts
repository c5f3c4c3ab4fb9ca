/**
 * How wide a line of text is in Helvetica, in the unit of `size`. Arial and Liberation Sans have the same
 * widths; characters outside ASCII are taken as wide ones, so that nothing runs over its box.
 */
export function textWidth(text: string, size: number, bold = false): number {
  let units = 0;
  for (const character of text) units += unitsOf(character);
  return (units * size * (bold ? BoldFactor : 1)) / 1000;
}

/** The text, cut with an ellipsis where it is wider than that. */
export function fitText(text: string, width: number, size: number, bold = false): string {
  if (textWidth(text, size, bold) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && textWidth(`${characters.join('')}…`, size, bold) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** The text in lines of at most that width, broken at spaces; a longer word is cut. At most `lines` of them. */
export function wrapText(text: string, width: number, size: number, lines: number): readonly string[] {
  const result: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || textWidth(longer, size) <= width) line = longer;
    else {
      result.push(line);
      line = word;
    }
  }
  if (line !== '') result.push(line);
  const kept = result.slice(0, lines);
  const cut = result.length > lines ? [...kept.slice(0, -1), `${kept.at(-1) ?? ''} …`] : kept;
  return cut.map((one) => fitText(one, width, size));
}

function unitsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return 0;
  const width = AsciiWidths[code - 0x20];
  if (width !== undefined) return width;
  return code < 0x2000 ? 640 : 1000;
}

/** Helvetica Bold is wider by about this; taken whole, a little too wide. */
const BoldFactor = 1.09;

/** Adobe's metrics of Helvetica, thousandths of the size, U+0020 to U+007E. */
const AsciiWidths: readonly number[] = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
  556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
  500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
  556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
  278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
