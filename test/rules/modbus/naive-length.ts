/**
 * How long a request is to a reader that pays no heed to the MBAP length and goes by the function code, as
 * libmodbus does: an independent reading of MAP V1.1b3 §6, written for the tests. `undefined` where a function
 * code says nothing about the length.
 */
export function lengthByFunctionCode(adu: Uint8Array): number | undefined {
  const code = adu[7] ?? 0;
  const fixed = Fixed[code];
  if (fixed !== undefined) return 8 + fixed;
  const countAt = CountAt[code];
  if (countAt !== undefined) return 8 + countAt + 1 + (adu[8 + countAt] ?? 0);
  if (code === 43 && adu[8] === 14) return 11;
  // Only the loopback carries more than a sub-function and one word.
  if (code === 8 && ((adu[8] ?? 0) !== 0 || (adu[9] ?? 0) !== 0)) return 12;
  return undefined;
}

/** Bytes behind the function code. */
const Fixed: Readonly<Record<number, number>> = {
  1: 4,
  2: 4,
  3: 4,
  4: 4,
  5: 4,
  6: 4,
  7: 0,
  11: 0,
  12: 0,
  17: 0,
  22: 6,
  24: 2,
};

/** Where, behind the function code, the byte count of the rest is. */
const CountAt: Readonly<Record<number, number>> = { 15: 4, 16: 4, 20: 0, 21: 0, 23: 8 };
