import { civilFromDays, Day, daysFromCivil, daysInMonth, Hour, Minute, Second } from './instant.ts';

/** A calendar period such as `P1Y6M` or `P30D`: months have no fixed length, so it stays in parts. */
export interface Period {
  readonly months: number;
  readonly days: number;
}

/** Reads `P1Y`, `P6M`, `P2W`, `P30D` or a sum of these; undefined for anything else or nothing. */
export function parsePeriod(text: string): Period | undefined {
  const match = /^P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$/.exec(text);
  if (match === null) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const period = { months: years * 12 + months, days: weeks * 7 + days };
  return period.months + period.days === 0 ? undefined : period;
}

/**
 * The instant a period after another, the time of day kept in UTC. Where the month is too short for the
 * day, its last day: 31 January and a month is 28 or 29 February.
 */
export function addPeriod(instant: number, period: Period): number {
  const dayNumber = Math.floor(instant / Day);
  const { year, month, day } = civilFromDays(dayNumber);
  const monthNumber = year * 12 + (month - 1) + period.months;
  const [newYear, newMonth] = [Math.floor(monthNumber / 12), (monthNumber % 12) + 1];
  const newDay = Math.min(day, daysInMonth(newYear, newMonth));
  return (daysFromCivil(newYear, newMonth, newDay) + period.days) * Day + (instant - dayNumber * Day);
}

/** Reads a duration of fixed length, `P1DT12H`, `PT15M`, `PT0.5S`, as milliseconds; undefined otherwise. */
export function parseDuration(text: string): number | undefined {
  const match =
    /^P(?=.)(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:\.\d{1,3})?)S)?)?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return days * Day + hours * Hour + minutes * Minute + Math.round(seconds * Second);
}
