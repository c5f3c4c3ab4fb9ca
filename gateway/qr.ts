import { create } from 'qrcode';

/**
 * A QR code as an SVG of one path, black on white with the quiet zone that readers want, and no script or style.
 * @param text up to about 2 900 bytes
 */
export function qrSvg(text: string): string {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const { size } = modules;
  const squares: string[] = [];
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (modules.get(row, column) !== 0) squares.push(`M${column + Quiet} ${row + Quiet}h1v1h-1z`);
    }
  }
  const side = size + 2 * Quiet;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${squares.join('')}"/></svg>`
  );
}

/** Modules of white around a code, ISO/IEC 18004 §6.3.8. */
const Quiet = 4;
