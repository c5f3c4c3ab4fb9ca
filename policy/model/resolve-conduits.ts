import { Tolerances } from '../../rules/modbus/profile.ts';
import type { Schedule } from '../../rules/policy.ts';
import { readProfileName } from './resolve-presets.ts';
import { readCharacteristics, readLevel } from './resolve-zones.ts';
import { dayNumbers, isTimeZone, parseHours } from './schedule.ts';
import type { ZoneModelFile } from './schema.ts';
import { readEndpoints, readPorts, readTime, type Source, tidy } from './source.ts';
import { didYouMean } from './suggest.ts';
import { quote } from './yaml-tree.ts';
import type { Conduit, Flow, Temporary } from './zone-model.ts';

type ConduitEntry = ZoneModelFile['conduits'][string];
type FlowEntry = ConduitEntry['flows'][string];

/** Conduits and their flows; a flow's owner and ticket are its own, else the conduit's, else the site's owner. */
export function resolveConduits(source: Source, file: ZoneModelFile): void {
  const essential = new Set(file.essential_flows);
  for (const [id, entry] of Object.entries(file.conduits)) {
    const conduit: Conduit = {
      at: source.places.key(file.conduits, id),
      id,
      name: entry.name ?? id,
      from: source.names.zone(entry.from, source.places.value(entry, 'from')),
      to: source.names.zone(entry.to, source.places.value(entry, 'to')),
      slT: readLevel(source, entry, 'sl_t', entry.sl_t),
      oneWay: entry.one_way ?? false,
      purpose: tidy(entry.purpose),
      owner: entry.owner ?? file.metadata.owner,
      temporary: entry.temporary === undefined ? undefined : readTemporary(source, entry, entry.temporary),
      schedule: entry.schedule === undefined ? undefined : readSchedule(source, entry.schedule),
      tolerances: Tolerances.filter((tolerance) => entry.tolerate?.includes(tolerance)),
      tolerancesAt: source.places.key(entry, 'tolerate'),
      audit: readAudit(source, entry, entry.stage?.undeclared === 'pass'),
      monitoring: tidy(entry.monitoring),
      characteristics: readCharacteristics(entry.characteristics),
    };
    source.names.conduits.set(id, conduit);
    for (const [name, flow] of Object.entries(entry.flows))
      source.names.addFlow(readFlow(source, conduit, entry, name, flow, essential));
  }
}

/** Hours of `schedule`, with the place of what is wrong in them. */
function readSchedule(
  source: Source,
  entry: NonNullable<ConduitEntry['schedule']>,
): NonNullable<Conduit['schedule']> {
  const { places, reporter } = source;
  const hours = parseHours(entry.hours);
  if (!hours.ok)
    reporter.error('S-007', places.value(entry, 'hours'), hours.message, 'For example: "07:00-16:00".');
  const { from, to } = hours.ok ? hours : { from: 0, to: 1440 };
  const timeZone = readTimeZone(source, entry, entry.tz);
  return { at: places.of(entry), days: dayNumbers(entry.days), from, to, timeZone };
}

/** An IANA time zone that exists. */
export function readTimeZone(source: Source, holder: object, name: string): Schedule['timeZone'] {
  if (!isTimeZone(name)) {
    const hint = didYouMean(name, Intl.supportedValuesOf('timeZone'), 'time zones');
    const at = source.places.value(holder, 'tz');
    source.reporter.error('S-007', at, `There is no time zone ${quote(name)}.`, hint);
  }
  return name;
}

function readTemporary(
  source: Source,
  holder: object,
  entry: NonNullable<ConduitEntry['temporary']>,
): Temporary {
  return {
    at: source.places.key(holder, 'temporary'),
    opened: readTime(source, entry, 'opened', entry.opened),
    expires: readTime(source, entry, 'expires', entry.expires),
    approver: entry.approver,
    renewed: entry.renewed ?? 0,
  };
}

function readFlow(
  source: Source,
  conduit: Conduit,
  holder: ConduitEntry,
  name: string,
  entry: FlowEntry,
  essential: ReadonlySet<string>,
): Flow {
  const id = `${conduit.id}/${name}`;
  const destinations = readEndpoints(source, entry, 'dst', entry.dst);
  const profile =
    entry.modbus === undefined
      ? undefined
      : readProfileName(source, entry.modbus, source.places.value(entry, 'modbus'), destinations);
  return {
    at: source.places.key(holder.flows, name),
    id,
    conduit,
    sources: readEndpoints(source, entry, 'src', entry.src),
    destinations,
    protocol: entry.proto,
    ports: readPorts(source, entry, entry.proto),
    profile,
    requiresSession: entry.requires === 'session',
    audit: readAudit(source, entry, false) ?? auditOf(conduit, profile),
    limits: readLimits(entry.limits ?? holder.limits),
    essential: essential.has(id),
    owner: entry.owner ?? conduit.owner,
    ticket: entry.ticket ?? holder.ticket ?? '',
  };
}

/** What no flow declares is the conduit's matter alone. */
function auditOf({ audit }: Conduit, profile: Flow['profile']): Flow['audit'] {
  return audit === undefined || profile === undefined ? undefined : { ...audit, undeclared: false };
}

function readLimits(entry: FlowEntry['limits']): Flow['limits'] {
  if (entry === undefined) return undefined;
  return {
    packetsPerSecond: entry.packets_per_second ?? 0,
    newPerSecond: entry.new_per_second ?? 0,
    newPerSecondPerSource: entry.new_per_second_per_source ?? 0,
    connectionsPerSource: entry.connections_per_source ?? 0,
  };
}

function readAudit(source: Source, entry: Pick<FlowEntry, 'stage'>, undeclared: boolean): Flow['audit'] {
  if (entry.stage === undefined) return undefined;
  const until = readTime(source, entry.stage, 'audit_until', entry.stage.audit_until);
  const malformed = entry.stage.malformed === 'pass';
  return { at: source.places.key(entry, 'stage'), until, malformed, undeclared };
}
