import { scheduleText } from '../../rules/schedule-text.ts';
import { formatTime } from '../../rules/time.ts';
import type { EndpointRef, Flow } from '../model/zone-model.ts';

/** Small texts that several parts of a report need. */

/** `2026-11-30`. */
export function dateText(millis: number): string {
  return formatTime(millis).slice(0, 10);
}

/** A date that may not be there. */
export function maybeDate(millis: number | undefined): string {
  return millis === undefined ? 'not stated' : dateText(millis);
}

/** `4 h`, `15 min`, `90 days`; milliseconds. */
export function spanText(millis: number): string {
  const minutes = Math.round(millis / 60_000);
  if (minutes < 1) return `${Math.round(millis / 1000)} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = minutes / 60;
  if (hours < 48) return `${Math.round(hours * 10) / 10} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** `1 zone`, `3 zones`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function stated(text: string): string {
  return text === '' ? 'not stated' : text;
}

export function endText(end: EndpointRef): string {
  return end.kind === 'asset' ? end.asset.name : `${end.zone.id} (whole zone)`;
}

export function endsText(ends: readonly EndpointRef[]): string {
  return ends.map(endText).join(', ');
}

/** `tcp 502`, `icmp-echo`. */
export function serviceText({ protocol, ports }: Pick<Flow, 'protocol' | 'ports'>): string {
  const texts = ports.map(({ first, last }) => (first === last ? String(first) : `${first}–${last}`));
  return texts.length === 0 ? protocol : `${protocol} ${texts.join(', ')}`;
}

/** When a flow is open: a text per condition; all must hold. Empty is always. */
export function conditionsOf({ conduit, requiresSession }: Flow): readonly string[] {
  const { temporary, schedule } = conduit;
  return [
    temporary === undefined
      ? ''
      : `from ${dateText(temporary.opened)} to ${formatTime(temporary.expires)}, approved by ${stated(temporary.approver)}`,
    schedule === undefined ? '' : scheduleText(schedule),
    requiresSession ? 'only while a session is granted' : '',
  ].filter((text) => text !== '');
}

/** What keeps a flow's amount in bounds, beside its Modbus profile. */
export function limitsOf({ limits }: Flow): readonly string[] {
  if (limits === undefined) return [];
  const { packetsPerSecond, newPerSecond, newPerSecondPerSource, connectionsPerSource } = limits;
  return [
    packetsPerSecond === 0 ? '' : `${packetsPerSecond} packets a second`,
    newPerSecond === 0 ? '' : `${newPerSecond} new connections a second`,
    newPerSecondPerSource === 0 ? '' : `${newPerSecondPerSource} a second from one source`,
    connectionsPerSource === 0 ? '' : `${connectionsPerSource} connections from one source`,
  ].filter((text) => text !== '');
}

/** The first few of many, and how many more: a summary stays on its page. */
export function someOf(names: readonly string[], most = 8): string {
  const shown = names.length > most ? names.slice(0, most - 1) : names;
  const rest = names.length - shown.length;
  return `${shown.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}
