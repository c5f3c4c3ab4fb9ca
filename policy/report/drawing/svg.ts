import { escapeText } from '../document/escape.ts';
import type { Point } from './layout.ts';
import type { Drawing, Shape } from './shapes.ts';

/** The drawing as an SVG document: text, no script, nothing from elsewhere. */
export function renderSvg({ width, height, shapes }: Drawing, title: string): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="Helvetica, Arial, 'Liberation Sans', sans-serif">`;
  return [
    head,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...shapes.map(renderShape),
    '</svg>',
    '',
  ].join('\n');
}

function renderShape(shape: Shape): string {
  switch (shape.kind) {
    case 'rectangle': {
      const { x, y, width, height, radius, fill, stroke, dash, tip } = shape;
      const outline = stroke === '' ? '' : ` stroke="${stroke}"${dashes(dash)}`;
      return closed(
        'rect',
        `x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${fill}"${outline}`,
        tip,
      );
    }
    case 'line': {
      const { points, stroke, width, dash, tip } = shape;
      const look = `fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round"${dashes(dash)}`;
      return closed('polyline', `points="${coordinates(points)}" ${look}`, tip);
    }
    case 'polygon':
      return `<polygon points="${coordinates(shape.points)}" fill="${shape.fill}"/>`;
    case 'text': {
      const { x, y, text, width, size, bold, fill } = shape;
      if (text === '') return '';
      const weight = bold ? ' font-weight="bold"' : '';
      // Exactly as wide as was planned for: no font of the reader's makes two labels touch.
      return `<text x="${x}" y="${y}" font-size="${size}"${weight} fill="${fill}" textLength="${width}" lengthAdjust="spacingAndGlyphs">${escapeText(text)}</text>`;
    }
  }
}

function closed(name: string, attributes: string, tip: string): string {
  return tip === ''
    ? `<${name} ${attributes}/>`
    : `<${name} ${attributes}><title>${escapeText(tip)}</title></${name}>`;
}

function dashes(dash: readonly number[]): string {
  return dash.length === 0 ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
}

function coordinates(points: readonly Point[]): string {
  return points.map(({ x, y }) => `${x},${y}`).join(' ');
}
