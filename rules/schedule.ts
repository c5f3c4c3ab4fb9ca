import type { Gate, Schedule } from './policy.ts';

/**
 * Whether a gate's times hold at `now`, milliseconds since the Unix epoch. A session, where the gate needs
 * one, is judged elsewhere.
 */
export function isOpen(gate: Gate, now: number): boolean {
  if (now < gate.opensAt) return false;
  if (gate.closesAt !== 0 && now >= gate.closesAt) return false;
  return gate.schedule === undefined || isWithin(gate.schedule, now);
}

/** The first moment after `now` at which {@link isOpen} gives another answer; undefined when it never does. */
export function nextChange(gate: Gate, now: number): number | undefined {
  const before = isOpen(gate, now);
  const fixed = [gate.opensAt, gate.closesAt].filter((time) => time > now);
  // A gate that opens only later follows its schedule from then on.
  const from = Math.max(now, gate.opensAt);
  const scheduled = gate.schedule === undefined ? [] : scheduleEdges(gate.schedule, from);
  const changes = [...fixed, ...scheduled].filter((time) => time > now && isOpen(gate, time) !== before);
  return changes.length === 0 ? undefined : Math.min(...changes);
}

function isWithin(schedule: Schedule, now: number): boolean {
  const { day, minute } = localTime(schedule.timeZone, now);
  return schedule.days.includes(day) && schedule.from <= minute && minute < schedule.to;
}

/**
 * The moments in the eight days from `start` at which the schedule may begin or end. Time zones change
 * their offset only on a quarter of an hour, so the wall clock runs evenly within each: the quarters
 * themselves catch midnight and every change to and from daylight saving, whichever hour it skips or
 * repeats.
 */
function scheduleEdges(schedule: Schedule, start: number): readonly number[] {
  const edges: number[] = [];
  const first = Math.floor(start / Quarter) * Quarter;
  for (let quarter = first; quarter <= start + EightDays; quarter += Quarter) {
    const { minute } = localTime(schedule.timeZone, quarter);
    edges.push(quarter);
    for (const edge of [schedule.from, schedule.to]) {
      if (edge > minute && edge < minute + 15) edges.push(quarter + (edge - minute) * Minute);
    }
  }
  return edges;
}

/** 1 (Monday) to 7 (Sunday), and minutes after local midnight. */
function localTime(timeZone: string, at: number): { readonly day: number; readonly minute: number } {
  const parts = formatOf(timeZone).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return {
    day: Days.indexOf(part('weekday')) + 1,
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
}

/** Making a format costs far more than using it; a site has one or two time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

const Days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const Minute = 60_000;
const Quarter = 15 * Minute;
const EightDays = 8 * 24 * 60 * Minute;
