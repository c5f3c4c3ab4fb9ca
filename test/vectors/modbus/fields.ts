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
