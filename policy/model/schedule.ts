import type { Schedule } from '../../rules/policy.ts';

/** Days of the week as written, Monday first; their number is the index plus one. */
export const Days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type DayName = (typeof Days)[number];

export type HoursResult =
  | { readonly ok: true; readonly from: number; readonly to: number }
  | { readonly ok: false; readonly message: string };

/** Reads `07:00-16:00` as minutes after local midnight; `24:00` is the end of the day. */
export function parseHours(text: string): HoursResult {
  const [from, to] = text.split('-').map(parseTimeOfDay);
  if (from === undefined || to === undefined)
    return { ok: false, message: `There is no such time of day in ${text}.` };
  if (from >= to) return { ok: false, message: `The hours ${text} end before they begin.` };
  return { ok: true, from, to };
}

/** Reads `mon-fri` or `sat` as day numbers, 1 to 7; a range may run over the end of the week. */
export function parseDays(text: string): readonly number[] {
  const [first = 0, last = first] = text.split('-').map((day) => Days.indexOf(day as DayName) + 1);
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => ((first - 1 + index) % 7) + 1).sort((a, b) => a - b);
}

/** Day names as sorted day numbers, each once. */
export function dayNumbers(days: readonly string[]): Schedule['days'] {
  return [...new Set(days.map((day) => Days.indexOf(day as DayName) + 1))].sort((a, b) => a - b);
}

/** Whether the time zone is one this runtime's IANA database knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function parseTimeOfDay(text: string): number | undefined {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  if (hour > 24 || minute > 59 || (hour === 24 && minute > 0)) return undefined;
  return hour * 60 + minute;
}
