import type { ConnectionBody, RefusalsBody } from '../../ipc/snapshot.ts';
import type { ReasonSentences } from './reasons.ts';

type Refusal = RefusalsBody[number];
type Ends = Pick<ConnectionBody, 'client' | 'server' | 'clientAsset' | 'serverAsset'>;

/** A count with thin spaces between thousands: `12 480`. */
export function count(number: number): string {
  return number.toString().replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `1 connection`, `3 connections`. */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** Bytes as people say them: `4.2 MB`. */
export function bytes(number: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = number;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** How long something lasts, in its two largest units: `2 d 4 h`, `3 min 12 s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

/** A moment on this machine's clock face: `2026-10-06 12:00`. */
export function moment(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The time of day: `12:00:07`. */
export function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

export function clientName({ clientAsset, client }: Ends): string {
  return clientAsset || client.address || 'several clients';
}

export function serverName({ serverAsset, server }: Ends): string {
  return serverAsset || server.address || 'several servers';
}

/** What was refused and why, in the plant's words. */
export function refusalSentence(refusal: Refusal, reasons: ReasonSentences): string {
  const why = (reasons.get(refusal.reason) ?? refusal.reason).replace(/\.$/, '');
  return `${whatHappened(refusal)}: ${lowerFirst(why)}`;
}

/** Which rule decided: `C-05/F-02, plant.zones.yaml:123`. */
export function ruleName({ flowId, rule, file, line }: Refusal): string {
  const named = rule === '' ? flowId : `${flowId} “${rule}”`;
  return line === 0 ? named : `${named}, ${file}:${line}`;
}

function whatHappened(refusal: Refusal): string {
  const client = clientName(refusal);
  const server = serverName(refusal);
  if (refusal.summed) return `${client} to ${server}, further requests`;
  if (refusal.text.startsWith('response to ')) return `${server} gave ${client} a ${refusal.text}`;
  if (refusal.text.startsWith('connection refused')) return `${client} may not connect to ${server}`;
  return `${client} tried to ${refusal.text} at ${server}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A countdown: `49:12`, `3:02:07`. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (part: number): string => String(part).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Names as a list: `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
