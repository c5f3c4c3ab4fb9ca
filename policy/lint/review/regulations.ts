/** Whether a tag names something the mapping tables of the report have. */
export function isKnownRegulation(tag: string): boolean {
  return Known.some((pattern) => pattern.test(tag));
}

const Known: readonly RegExp[] = [
  /^NIS2-(20|21|23|25)(\.\d[a-j]?)?$/,
  /^IEC62443-\d-\d$/,
  /^(NERC-)?CIP-0\d\d(-R\d(\.\d)?)?$/,
  /^(NIST-)?SP800-82(r3)?$/,
];
