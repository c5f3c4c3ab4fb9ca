/**
 * Text as the standard fonts of PDF can show it: what Windows-1252 has not becomes something like it, or `?`.
 * The page holds every character.
 */
export function printable(text: string): string {
  let result = '';
  for (const character of text) result += shown(character);
  return result;
}

/** Whether {@link printable} had to put a `?` for something. */
export function isCurtailed(text: string): boolean {
  return [...text].some((character) => character !== '?' && shown(character) === '?');
}

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x09 || code === 0x0a) return ' ';
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return '';
  if (code <= 0xff || Windows1252.includes(character)) return character;
  return Alike[character] ?? '?';
}

const Windows1252 = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';

const Alike: Readonly<Record<string, string>> = {
  '→': '->',
  '⚠': '(!)',
  '≤': '<=',
  '≥': '>=',
  '−': '-',
  '⇥': '->|',
};
