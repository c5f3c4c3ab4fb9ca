import { formatTime } from '../../rules/time.ts';
import type { EndpointRef, SecurityLevel } from '../model/zone-model.ts';

/** `a, b and c`; empty for nothing. */
export function listText(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** Names in order of the alphabet, where their order says nothing. */
export function setText(names: readonly string[]): string {
  return listText([...new Set(names)].sort());
}

export function timeText(time: number | undefined): string {
  return time === undefined || time === 0 ? '' : formatTime(time);
}

/** `4 h`, `90 s`, `250 ms`. */
export function durationText(milliseconds: number): string {
  if (milliseconds === 0) return '';
  if (milliseconds % 3_600_000 === 0) return `${milliseconds / 3_600_000} h`;
  if (milliseconds % 60_000 === 0) return `${milliseconds / 60_000} min`;
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000} s` : `${milliseconds} ms`;
}

export function levelText({ level, vector }: SecurityLevel): string {
  const parts = Object.entries(vector).map(([requirement, value]) => `${requirement} ${value}`);
  return parts.length === 0 ? String(level) : `${level} (${parts.join(', ')})`;
}

export function endsText(ends: readonly EndpointRef[]): string {
  return setText(ends.map((end) => (end.kind === 'asset' ? end.asset.name : `zone ${end.zone.id}`)));
}

export function quoted(text: string): string {
  return text === '' ? '' : `"${text}"`;
}
