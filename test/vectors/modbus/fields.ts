/**
 * Bytes written one field to a line: hexadecimal pairs, two spaces, what they are. A reviewer checks them
 * against the specification without a tool.
 */
export function fields(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const line of text.trim().split('\n')) {
    const [pairs = ''] = line.trim().split(/ {2,}/);
    for (const pair of pairs.split(' ')) {
      if (!/^[0-9a-f]{2}$/.test(pair)) throw new Error(`not a byte: "${pair}" in "${line}"`);
      bytes.push(Number.parseInt(pair, 16));
    }
  }
  return Uint8Array.from(bytes);
}

/** Fields from the unit identifier on, behind a header that is right: identifier 0x1501, their own length. */
export function framed(text: string): Uint8Array {
  const tail = fields(text);
  return Uint8Array.from([0x15, 0x01, 0, 0, tail.length >>> 8, tail.length & 0xff, ...tail]);
}
