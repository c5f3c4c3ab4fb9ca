import koffi from 'koffi';

const libc = koffi.load(null);
const clockOf: (pid: number, clock: Int32Array) => number = libc.func(
  'int clock_getcpuclockid(int, _Out_ int32_t *)',
);
const read: (clock: number, time: Uint8Array) => number = libc.func(
  'int clock_gettime(int, _Out_ uint8_t *)',
);

/**
 * Milliseconds of processor time that all threads of a process have had, to the nanosecond; undefined where there is no
 * such process. By its clock and not by /proc, in which a service sees no process of another user (`ProtectProc=`).
 * `clock_getcpuclockid(3)`.
 */
export function processorTime(pid: number): number | undefined {
  const clock = new Int32Array(1);
  const time = new Uint8Array(TimespecBytes);
  if (clockOf(pid, clock) !== 0 || read(clock[0] ?? 0, time) !== 0) return undefined;
  const view = new DataView(time.buffer);
  return Number(view.getBigInt64(0, true)) * 1e3 + Number(view.getBigInt64(8, true)) / 1e6;
}

/** `struct timespec` on 64-bit Linux: seconds and nanoseconds. */
const TimespecBytes = 16;
