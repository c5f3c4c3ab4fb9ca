import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync(new URL('../../../../gateway/front/page/style/base.css', import.meta.url), 'utf8');

/** The custom properties of the day, and those of the night over them. */
const day = propertiesOf(css.slice(css.indexOf(':root {')));
const night = { ...day, ...propertiesOf(css.slice(css.indexOf('prefers-color-scheme: dark'))) };

/** What is written on what. */
const Texts = [
  ...['ground', 'panel'].flatMap((ground) =>
    ['text', 'quiet', 'good', 'look', 'bad', 'act', 'guest'].map((text) => [text, ground] as const),
  ),
  ['look', 'look-ground'],
  ['text', 'look-ground'],
  ['quiet', 'look-ground'],
  ['bad', 'bad-ground'],
  ['guest', 'guest-ground'],
  ['on-act', 'act'],
  ['on-bad', 'bad'],
] as const;

/** Edges and shapes that mean something. */
const Shapes = [
  ['quiet', 'ground'],
  ['quiet', 'panel'],
  ['good', 'panel'],
  ['look', 'panel'],
  ['bad', 'panel'],
  ['guest', 'panel'],
  ['act', 'panel'],
] as const;

test.for([
  { when: 'day', colours: day },
  { when: 'night', colours: night },
])(
  'by $when every text has a contrast of 4.5 to 1 and every shape 3 to 1 (WCAG 2.2 §1.4.3, §1.4.11)',
  ({ colours }) => {
    const weak = (pairs: readonly (readonly [string, string])[], least: number) =>
      pairs
        .map(([front, back]) => ({
          pair: `${front} on ${back}`,
          ratio: contrast(colours[front], colours[back]),
        }))
        .filter(({ ratio }) => !(ratio >= least));
    expect(weak(Texts, 4.5)).toEqual([]);
    expect(weak(Shapes, 3)).toEqual([]);
  },
);

test('no colour is written anywhere but among the properties that are looked at here', () => {
  for (const name of ['controls', 'state', 'plant', 'grants']) {
    const text = readFileSync(
      new URL(`../../../../gateway/front/page/style/${name}.css`, import.meta.url),
      'utf8',
    );
    const colours = text.match(/#[0-9a-f]{3,8}\b|\brgba?\([^)]*\)|\bhsl\([^)]*\)/gi) ?? [];
    // The shade behind a dialog has no text on it.
    expect(colours.filter((colour) => colour !== 'rgb(0 0 0 / 60%)')).toEqual([]);
  }
});

function propertiesOf(text: string): Record<string, string> {
  const block = text.slice(0, text.indexOf('}'));
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** WCAG 2.2, "contrast ratio" of two sRGB colours. */
function contrast(one = '', other = ''): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
