import type { UseCount } from '../../rules/observation.ts';
import { formatTime } from '../../rules/time.ts';
import { addPeriod } from '../model/period.ts';
import type { Metadata, ZoneModel } from '../model/zone-model.ts';
import type { ReportFacts } from './facts.ts';
import { dateText, spanText, stated } from './words.ts';

/** An asset that is not patched: why, what stands in for it, and when somebody looks again (62443-2-3). */
export interface DeferralEntry {
  readonly asset: string;
  readonly zone: string;
  readonly firmware: string;
  readonly criticality: string;
  readonly reason: string;
  readonly compensating: string;
  readonly approver: string;
  readonly since: string;
  readonly review: string;
  /** What is missing or overdue; empty where nothing is. */
  readonly lacks: readonly string[];
}

export function deferrals(model: ZoneModel, at: number): readonly DeferralEntry[] {
  return model.assets
    .filter(({ patchable, deferral }) => !patchable || deferral !== undefined)
    .map(({ name, zone, firmware, criticality, compensating, deferral }) => ({
      asset: name,
      zone: zone.id,
      firmware: stated(firmware),
      criticality,
      reason: deferral === undefined ? 'cannot be patched' : stated(deferral.reason),
      compensating: stated(compensating),
      approver: stated(deferral?.approver ?? ''),
      since: deferral === undefined ? 'not stated' : dateText(deferral.since),
      review: deferral === undefined ? 'not stated' : dateText(deferral.review),
      lacks: [
        compensating === '' ? 'no compensating control' : '',
        deferral === undefined ? 'no justification on record' : '',
        deferral !== undefined && deferral.review <= at ? 'review overdue' : '',
      ].filter((text) => text !== ''),
    }));
}

export interface WaiverEntry {
  readonly code: string;
  readonly on: string;
  readonly reason: string;
  readonly owner: string;
  readonly until: string;
  readonly hasExpired: boolean;
  /** What it covers; empty where it covers nothing any more. */
  readonly covers: readonly string[];
}

/** Waivers with the findings each accepts. */
export function waivers(model: ZoneModel, { at, waived }: ReportFacts): readonly WaiverEntry[] {
  return model.waivers.map((waiver) => ({
    code: waiver.code,
    on: waiver.on,
    reason: waiver.reason,
    owner: waiver.owner,
    until: dateText(waiver.until),
    hasExpired: waiver.until <= at,
    covers: waived.filter((one) => one.waiver === waiver).map(({ finding }) => finding.message),
  }));
}

/** What a gateway watched, and from when to when. */
export interface ObservationEntry {
  readonly gateway: string;
  /** `2026-08-01 to 2026-11-21, 112 days, of which 3 h unwatched`. */
  readonly window: string;
  readonly neverUsed: readonly NeverUsed[];
  readonly strangers: readonly StrangerEntry[];
}

export interface NeverUsed {
  readonly kind: 'flow' | 'Modbus permission' | 'vendor access';
  readonly id: string;
  /** Since when it is in force and counted. */
  readonly since: string;
  readonly watched: string;
}

export interface StrangerEntry {
  readonly address: string;
  readonly zone: string;
  readonly first: string;
  readonly last: string;
  readonly packets: number;
}

export function observed({ observations }: ReportFacts): readonly ObservationEntry[] {
  return observations.map(({ gateway, since, until, blind, flows, permissions, vendors, strangers }) => {
    const unused = (kind: NeverUsed['kind'], counts: readonly UseCount[]): readonly NeverUsed[] =>
      counts
        .filter(({ hits }) => hits === 0)
        .map((count) => ({
          kind,
          id: count.id,
          since: formatTime(count.since),
          watched: spanText(Math.max(0, until - Math.max(since, count.since))),
        }));
    const unwatched = blind === 0 ? 'without a gap' : `of which ${spanText(blind)} unwatched`;
    return {
      gateway,
      window: `${formatTime(since)} to ${formatTime(until)}, ${spanText(until - since)}, ${unwatched}`,
      neverUsed: [
        ...unused('flow', flows),
        ...unused('Modbus permission', permissions),
        ...unused('vendor access', vendors),
      ],
      strangers: strangers.map(({ address, zone, first, last, packets }) => ({
        address,
        zone: zone === '' ? 'unknown' : zone,
        first: formatTime(first),
        last: formatTime(last),
        packets,
      })),
    };
  });
}

/** When the model is due for review; undefined where it does not say. */
export function reviewDue({ reviewed, reviewEvery }: Metadata): number | undefined {
  return reviewed === undefined || reviewEvery === undefined ? undefined : addPeriod(reviewed, reviewEvery);
}
