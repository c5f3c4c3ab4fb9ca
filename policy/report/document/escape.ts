/**
 * Text as content or attribute of HTML and SVG. Characters that XML forbids, and those that turn the
 * direction of what follows, are replaced: nobody's name may rearrange the page.
 */
export function escapeText(text: string): string {
  return text
    .replace(Unprintable, '\u{fffd}')
    .replace(/[&<>"']/g, (character) => Entities[character] ?? character);
}

const Entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Controls but tab and line feed, lone surrogates, bidirectional overrides and isolates, non-characters. */
const Unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;
