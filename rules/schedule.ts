import type { Gate, Schedule } from './policy.ts';

/**
 * Whether a gated flow may pass at this moment; milliseconds since the Unix epoch. A flow that needs a
 * session stays shut: time alone grants none.
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

/**
 * Looks only where the answer can turn: where the clock on the wall comes to `from` or `to` on one of the next
 * days, by each of the offsets it has in that time, and where the offset itself changes. So a day of 23 or 25
 * hours comes out right, hours that a day does not have are passed over, and those it has twice count twice.
 */
function nextTurn(schedule: Schedule, now: number): number | undefined {
  const before = isWithin(schedule, now);
  const offsets = offsetsAfter(schedule.timeZone, now);
  const turns = offsets.flatMap(({ since, offset }) => {
    const today = Math.floor((now + offset) / Day);
    return [
      since,
      ...Array.from({ length: Horizon / Day + 2 }, (_, day) =>
        [schedule.from, schedule.to].map((minute) => (today + day) * Day + minute * Minute - offset),
      ).flat(),
    ];
  });
  return [...new Set(turns)]
    .filter((turn) => turn > now && turn <= now + Horizon)
    .sort((one, other) => one - other)
    .find((turn) => isWithin(schedule, turn) !== before);
}

/** How far the clock on the wall is before UTC from now on, and since when; to the minute. */
function offsetsAfter(
  timeZone: string,
  now: number,
): readonly { readonly since: number; readonly offset: number }[] {
  const start = now - (now % Minute);
  const found = [{ since: start, offset: offsetAt(timeZone, start) }];
  for (let time = start; time < start + Horizon + Day; time += Day) {
    const next = offsetAt(timeZone, time + Day);
    if (next === offsetAt(timeZone, time)) continue;
    let [low, high] = [time, time + Day];
    while (high - low > Minute) {
      const middle = low + Math.floor((high - low) / 2 / Minute) * Minute;
      if (offsetAt(timeZone, middle) === next) high = middle;
      else low = middle;
    }
    found.push({ since: high, offset: next });
  }
  return found;
}

/** Milliseconds to add to UTC, by the week both clocks agree on; no zone is further off than half of one. */
function offsetAt(timeZone: string, time: number): number {
  const local = localTime(timeZone, time);
  if (local === undefined) return 0;
  const utc = Math.floor(time / Minute) + EpochWeekday * MinutesPerDay;
  const difference = (local.weekday - 1) * MinutesPerDay + local.minute - utc;
  const inWeek = ((difference % MinutesPerWeek) + MinutesPerWeek) % MinutesPerWeek;
  return (inWeek > MinutesPerWeek / 2 ? inWeek - MinutesPerWeek : inWeek) * Minute;
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
const Day = 24 * 60 * Minute;
const MinutesPerDay = 1440;
const MinutesPerWeek = 7 * MinutesPerDay;
/** The epoch began on a Thursday, three days into the week. */
const EpochWeekday = 3;
/** A week, and a day for the clocks that are put forward or back in it. */
const Horizon = 8 * Day;
