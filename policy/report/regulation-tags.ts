/**
 * What a tag of `metadata.regulations` names in the mapping tables of the report; undefined where no table has
 * it, and the tag is only recorded.
 */
export function mappedItem(tag: string): string | undefined {
  for (const { pattern, item } of Tags) {
    const match = pattern.exec(tag);
    if (match !== null) return item(match[1] ?? '');
  }
  return undefined;
}

const Tags: readonly { readonly pattern: RegExp; readonly item: (part: string) => string }[] = [
  { pattern: /^NIS2-21\.2([abdhi])$/, item: (letter) => `NIS2 Art. 21(2)(${letter})` },
  { pattern: /^NIS2-23$/, item: () => 'NIS2 Art. 23' },
  { pattern: /^IEC62443-(2-1|2-3|2-4|3-2|3-3)$/, item: (part) => `IEC 62443-${part}` },
  { pattern: /^(?:NERC-)?CIP-005\b/, item: () => 'NERC CIP-005' },
  { pattern: /^(?:NIST-)?SP-?800-82(?:r3)?$/, item: () => 'NIST SP 800-82r3' },
];
