import koffi from 'koffi';

const adjtimex: (timex: Uint8Array) => number = koffi.load(null).func('int adjtimex(uint8_t *)');

/**
 * Whether the kernel holds the wall clock to be synchronised. A box without a battery-backed clock boots in
 * the past, and a permission with an end must not be judged by such a clock. With no mode set `adjtimex`
 * only reads; it answers TIME_ERROR (5) for a clock nobody disciplines, -1 when it may not be asked.
 */
export function isClockSynchronised(): boolean {
  const state = adjtimex(new Uint8Array(TimexBytes));
  return state >= 0 && state !== TimeError;
}

const TimeError = 5;

/** `struct timex` is 208 bytes on 64-bit Linux, less on 32-bit; the rest is slack. */
const TimexBytes = 256;
