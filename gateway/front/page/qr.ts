import { element, shape } from './element.ts';

/**
 * A QR code that the engine drew. Only its modules are taken, by form: a page that parses no markup needs no trust in
 * where it came from.
 */
export function qrCode(svg: string, label: string): Element {
  const [, size = ''] = /viewBox="0 0 (\d{1,3}) \1"/.exec(svg) ?? [];
  const [, modules = ''] = /<path d="([Mhvz\d -]+)"\/>/.exec(svg) ?? [];
  if (size === '' || modules === '') return element('p', { class: 'none' }, 'No code to show.');
  return shape(
    'svg',
    {
      class: 'qr',
      viewBox: `0 0 ${size} ${size}`,
      role: 'img',
      'aria-label': label,
      'shape-rendering': 'crispEdges',
    },
    shape('path', { fill: '#fff', d: `M0 0h${size}v${size}H0z` }),
    shape('path', { fill: '#000', d: modules }),
  );
}
