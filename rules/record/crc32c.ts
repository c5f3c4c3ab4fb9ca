/**
 * CRC32C (Castagnoli) of `bytes`, RFC 3720 §12.1 and B.4, as an unsigned number. `before` continues a sum:
 * `crc32c(b, crc32c(a))` is the sum of a followed by b.
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let sum = ~before;
  for (const byte of bytes) sum = (Table[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** The polynomial 0x1edc6f41 with its bits reversed, as a byte-wise table wants it. */
const ReversedPolynomial = 0x82f63b78;

const Table = Uint32Array.from({ length: 256 }, (_, index) => {
  let entry = index;
  for (let bit = 0; bit < 8; bit += 1) {
    entry = (entry & 1) === 1 ? (entry >>> 1) ^ ReversedPolynomial : entry >>> 1;
  }
  return entry >>> 0;
});
