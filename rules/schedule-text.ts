import type { Schedule } from './policy.ts';

/** Weekly hours as people read them: `Mon Tue Wed 07:00–16:00 Europe/Stockholm`. */
export function scheduleText({ days, from, to, timeZone }: Schedule): string {
  return `${days.map((day) => Names[day - 1]).join(' ')} ${clock(from)}–${clock(to)} ${timeZone}`;
}

const Names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
