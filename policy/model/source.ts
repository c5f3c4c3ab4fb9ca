import type { PortRange } from '../../rules/policy.ts';
import type { Place } from '../finding.ts';
import { parseDate, parseInstant } from './instant.ts';
import type { Names } from './names.ts';
import { parseDuration } from './period.ts';
import type { Places } from './places.ts';
import { joinRanges, type NumberRange, readRanges } from './ranges.ts';
import type { Reporter } from './reporter.ts';
import { quote } from './yaml-tree.ts';
import type { EndpointRef, Protocol } from './zone-model.ts';

/** What every part of the reader works with. */
export interface Source {
  readonly places: Places;
  readonly reporter: Reporter;
  readonly names: Names;
}

/** One or several names as endpoints; unknown ones are reported and left out. */
export function readEndpoints(
  source: Source,
  holder: object,
  key: string,
  written: OneOrMore<string>,
): EndpointRef[] {
  return entriesOf(source, holder, key, written).flatMap(
    ({ entry, at }) => source.names.endpoint(entry, at) ?? [],
  );
}

/** A single value or a list, as entries with their places. */
export function entriesOf<T>(
  { places }: Source,
  holder: object,
  key: string,
  written: OneOrMore<T>,
): readonly { readonly entry: T; readonly at: Place }[] {
  if (!isList(written)) return [{ entry: written, at: places.value(holder, key) }];
  return written.map((entry, index) => ({ entry, at: places.value(written, index) }));
}

/** Ranges of whole numbers up to `limit`; what is wrong with one is reported at its place. */
export function readNumbers(
  source: Source,
  holder: object,
  key: string,
  written: OneOrMore<number | string> | undefined,
  limit: number,
  subject: string,
): readonly NumberRange[] {
  if (written === undefined) return [];
  const result = readRanges(written, limit, subject);
  if (result.ok) return result.ranges;
  const at = isList(written) ? source.places.value(written, result.index) : source.places.value(holder, key);
  source.reporter.error('S-007', at, result.message, 'Correct the range.');
  return [];
}

interface WithPorts {
  readonly port?: OneOrMore<number | string>;
  readonly ports?: OneOrMore<number | string>;
}

/** `port` or `ports`, one of which every protocol but ICMP must have. */
export function readPorts(source: Source, holder: WithPorts, protocol: Protocol): readonly PortRange[] {
  const { places, reporter } = source;
  const key = holder.port === undefined ? 'ports' : 'port';
  const written = holder.port ?? holder.ports;
  if (holder.port !== undefined && holder.ports !== undefined)
    reporter.error(
      'S-007',
      places.key(holder, 'ports'),
      '`port` and `ports` are both here.',
      'Keep one of them.',
    );
  if (protocol === 'icmp-echo') {
    if (written !== undefined)
      reporter.error('S-007', places.key(holder, key), 'ICMP echo has no ports.', `Remove \`${key}\`.`);
    return [];
  }
  if (written === undefined) {
    reporter.error(
      'S-005',
      places.of(holder),
      '`port` is missing here.',
      'Name the port; no port never means any.',
    );
    return [];
  }
  return joinRanges(readNumbers(source, holder, key, written, 65535, 'port'));
}

/** A date or date and time as an instant; one that does not exist is reported and is 0. */
export function readTime(source: Source, holder: object, key: string, written: string): number {
  const instant = written.includes('T') ? parseInstant(written) : parseDate(written);
  if (instant === undefined) {
    const message = `There is no such time as ${quote(written)}.`;
    source.reporter.error(
      'S-007',
      source.places.value(holder, key),
      message,
      'Correct the date, time or offset.',
    );
  }
  return instant ?? 0;
}

/** Milliseconds, and the same in words. */
export interface DurationLimits {
  readonly least: number;
  readonly most: number;
  readonly words: string;
}

/** A duration in milliseconds; none given is 0, and a given one is longer than that and within `limits`. */
export function readDuration(
  source: Source,
  holder: object,
  key: string,
  written: string | undefined,
  limits?: DurationLimits,
): number {
  if (written === undefined) return 0;
  const duration = parseDuration(written) ?? 0;
  const problem = (message: string, hint: string) =>
    source.reporter.error('S-007', source.places.value(holder, key), message, hint);
  if (duration === 0)
    problem(`${quote(written)} is no length of time.`, 'Give a duration above zero, such as PT5S.');
  else if (limits !== undefined && (duration < limits.least || duration > limits.most))
    problem(`${quote(written)} is not within ${limits.words}.`, 'Correct the duration.');
  return duration;
}

/** Text that may have been folded over lines, as one line. */
export function tidy(text: string | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim();
}

export type OneOrMore<T> = T | readonly T[];

export function isList<T>(value: OneOrMore<T>): value is readonly T[] {
  return Array.isArray(value);
}
