/**
 * Dates and times without `Date`, which would bring the machine's clock and time zone into a pure room.
 * An instant is milliseconds since 1970-01-01T00:00Z, leap seconds not counted; the calendar is Gregorian.
 */

/** Reads `2027-03-31` as the instant it begins in UTC; undefined when there is no such day. */
export function parseDate(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  return isDay(year, month, day) ? daysFromCivil(year, month, day) * Day : undefined;
}

/** Reads `2026-11-30T17:00:00+01:00`; undefined without an offset or when there is no such time. */
export function parseInstant(text: string): number | undefined {
  const match = InstantForm.exec(text);
  const date = parseDate(text.slice(0, 10));
  if (match === null || date === undefined) return undefined;
  const [, hours, minutes, seconds = '0', fraction = '', offset = 'Z'] = match;
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  const shift = parseOffset(offset);
  if (hour > 23 || minute > 59 || second > 59 || shift === undefined) return undefined;
  return date + hour * Hour + minute * Minute + second * Second + Number(fraction.padEnd(3, '0')) - shift;
}

/** Text for people: `2026-11-30T16:00Z`, seconds and milliseconds only where there are some. */
export function formatInstant(instant: number): string {
  const { year, month, day } = civilFromDays(Math.floor(instant / Day));
  const rest = instant - Math.floor(instant / Day) * Day;
  const time = `${pad(Math.floor(rest / Hour))}:${pad(Math.floor(rest / Minute) % 60)}`;
  const [second, fraction] = [Math.floor(rest / Second) % 60, rest % Second];
  const seconds = second === 0 && fraction === 0 ? '' : `:${pad(second)}`;
  const milliseconds = fraction === 0 ? '' : `.${pad(fraction, 3)}`;
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${time}${seconds}${milliseconds}Z`;
}

/** The UTC day of an instant, as `2026-11-30`: what a person wrote as a date. */
export function formatDay(instant: number): string {
  return formatInstant(instant).slice(0, 10);
}

/** Days from 1970-01-01 to a civil date; negative before. The year begins in March, so leap days end it. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DaysPerEra + dayOfEra - DaysToEpoch;
}

/** The civil date so many days after 1970-01-01. */
export function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + DaysToEpoch;
  const era = Math.floor(shifted / DaysPerEra);
  const dayOfEra = shifted - era * DaysPerEra;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36524) + Math.floor(dayOfEra / 146096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Days in a month, 28 to 31. */
export function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
  return next - daysFromCivil(year, month, 1);
}

export const Second = 1000;
export const Minute = 60 * Second;
export const Hour = 60 * Minute;
export const Day = 24 * Hour;

const InstantForm = /^\d{4}-\d{2}-\d{2}T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})$/;
/** 400 Gregorian years. */
const DaysPerEra = 146097;
/** 0000-03-01 to 1970-01-01. */
const DaysToEpoch = 719468;

function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

function parseOffset(text: string): number | undefined {
  if (text === 'Z') return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))];
  // RFC 3339 offsets end below a day; real ones at 14 hours.
  if (hours > 14 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * Hour + minutes * Minute);
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}
