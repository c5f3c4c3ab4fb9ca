import type { Gate, Schedule } from './policy.ts';

/**
 * Whether a gated flow may pass at this moment; milliseconds since the Unix epoch. A flow that needs a
 * session stays shut: nothing grants one in this release.
 */
export function isOpen(gate: Gate, now: number): boolean {
  if (gate.session || now < gate.opensAt) return false;
  if (gate.closesAt !== 0 && now >= gate.closesAt) return false;
  return gate.schedule === undefined || isWithin(gate.schedule, now);
}

/**
 * The next moment at which {@link isOpen} may answer otherwise, to the millisecond; undefined when it never
 * will. For an open gate it is the moment it shuts.
 */
export function nextChange(gate: Gate, now: number): number | undefined {
  if (gate.session || (gate.closesAt !== 0 && now >= gate.closesAt)) return undefined;
  if (now < gate.opensAt) return gate.opensAt;
  const turn = gate.schedule === undefined ? undefined : nextTurn(gate.schedule, now);
  if (gate.closesAt === 0) return turn;
  return turn === undefined ? gate.closesAt : Math.min(turn, gate.closesAt);
}

/** Whether the platform knows this time zone; a schedule in an unknown one is never open. */
export function isTimeZone(name: string): boolean {
  return localClock(name) !== undefined;
}

function isWithin(schedule: Schedule, now: number): boolean {
  const local = localTime(schedule.timeZone, now);
  if (local === undefined || !schedule.days.includes(local.weekday)) return false;
  return local.minute >= schedule.from && local.minute < schedule.to;
}

/** Walks the hours, then the minutes, of the clock on the wall, so that a day of 23 or 25 hours comes out right. */
function nextTurn(schedule: Schedule, now: number): number | undefined {
  const before = isWithin(schedule, now);
  const start = now - (now % Minute);
  for (let hour = start; hour <= start + Horizon; hour += Hour) {
    if (isWithin(schedule, hour + Hour) === before && !turnsInside(schedule, hour)) continue;
    for (let minute = hour; minute <= hour + Hour; minute += Minute) {
      if (minute > now && isWithin(schedule, minute) !== before) return minute;
    }
  }
  return undefined;
}

/** Hours shorter than one hour begin and end between two looks an hour apart. */
function turnsInside(schedule: Schedule, hour: number): boolean {
  if (schedule.to - schedule.from > 60 && schedule.from + (1440 - schedule.to) > 60) return false;
  for (let minute = hour; minute < hour + Hour; minute += Minute) {
    if (isWithin(schedule, minute) !== isWithin(schedule, hour)) return true;
  }
  return false;
}

function localTime(timeZone: string, now: number): { weekday: number; minute: number } | undefined {
  const clock = localClock(timeZone);
  if (clock === undefined) return undefined;
  const parts = new Map(clock.formatToParts(now).map(({ type, value }) => [type, value]));
  const weekday = Weekdays.indexOf(parts.get('weekday') ?? '') + 1;
  return { weekday, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}

function localClock(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  try {
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    clocks.set(timeZone, clock);
    return clock;
  } catch {
    return undefined;
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>();
const Weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const Minute = 60_000;
const Hour = 60 * Minute;
/** A week, and a day for the clocks that are put forward or back in it. */
const Horizon = 8 * 24 * Hour;
