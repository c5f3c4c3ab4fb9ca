import { formatTime } from '../../../rules/time.ts';
import { hasTimedFlows } from '../authorised-flows.ts';
import type { CompiledGateway, LiveStatus, ReportFacts } from '../facts.ts';

/** Something a running gateway said of itself, with the moment it said so. */
export interface LiveCheck {
  readonly kind: LiveCheckKind;
  readonly gateway: string;
  readonly ok: boolean;
  /** What was checked and what was found, as a phrase with its value. */
  readonly value: string;
  /** Milliseconds since the Unix epoch, by the gateway's clock. */
  readonly at: number;
}

export type LiveCheckKind =
  | 'policy'
  | 'deny-by-default'
  | 'mode'
  | 'inspection'
  | 'evidence'
  | 'clock'
  | 'alarms';

/** All that the statuses at hand let be checked against what the model compiles to. */
export function liveChecks({ at, statuses, compiled }: ReportFacts): readonly LiveCheck[] {
  return statuses.flatMap((status) => {
    const own = compiled.find(({ gateway }) => gateway === status.gateway);
    // What a gateway said last month is no live check.
    const isOld = Math.abs(at - status.now) > Freshness;
    const check = (kind: LiveCheckKind, ok: boolean, value: string): LiveCheck => ({
      kind,
      gateway: status.gateway,
      ok: ok && !isOld,
      value: isOld ? `${value}; more than a day from the date of this report` : value,
      at: status.now,
    });
    const inForce = policyInForce(status, own);
    return [
      check('policy', inForce.ok, inForce.value),
      check(...denyByDefault(status, inForce.ok)),
      check('mode', true, modeText(status)),
      check(...inspection(status)),
      check(...evidence(status)),
      ...(own === undefined || !hasTimedFlows(own) ? [] : [check(...clock(status))]),
      check('alarms', status.alarms.length === 0, alarmsText(status)),
    ];
  });
}

/** `…, cgw-01, 2026-11-21 15:00 UTC`. */
export function liveCheckText({ gateway, value, at }: LiveCheck): string {
  return `${value} (${gateway}, ${formatTime(at)})`;
}

function policyInForce(
  { policyVersion, policyDigest, alarms }: LiveStatus,
  own: CompiledGateway | undefined,
): { readonly ok: boolean; readonly value: string } {
  if (policyVersion === 0) return { ok: false, value: 'no policy is in force' };
  const what = `policy version ${policyVersion} in force, digest ${shortDigest(policyDigest)}`;
  if (own === undefined) return { ok: false, value: `${what}; this model compiles to none for it` };
  const unconfirmed = alarms.find(({ code }) => code === 'UNCONFIRMED');
  if (unconfirmed !== undefined)
    return { ok: false, value: `${what}, not confirmed yet: ${unconfirmed.sentence}` };
  return own.digest === policyDigest
    ? { ok: true, value: `${what}, which is what this model compiles to` }
    : {
        ok: false,
        value: `${what}; this model compiles to version ${own.version}, digest ${shortDigest(own.digest)}`,
      };
}

function modeText({ mode: { name, since } }: LiveStatus): string {
  return since === 0 ? `mode ${name}` : `mode ${name} since ${formatTime(since)}`;
}

type Result = readonly [LiveCheckKind, boolean, string];

function denyByDefault({ backEnd, alarms, policyDigest }: LiveStatus, isOurs: boolean): Result {
  if (backEnd !== 'kernel') {
    return [
      'deny-by-default',
      false,
      `the ${backEnd} back end filters no packets; it offers only what is permitted`,
    ];
  }
  const trouble = alarms.find(({ code }) => TableAlarms.includes(code));
  if (trouble !== undefined) return ['deny-by-default', false, trouble.sentence];
  const whose = isOurs ? `policy ${shortDigest(policyDigest)}` : 'another policy than this model’s';
  const value = `deny by default in the kernel table of ${whose}, no difference to it reported`;
  return ['deny-by-default', isOurs, value];
}

function inspection({ alarms }: LiveStatus): Result {
  const trouble = alarms.find(({ code }) => InspectionAlarms.includes(code));
  return trouble === undefined
    ? ['inspection', true, 'inspecting processes carry all their traffic']
    : ['inspection', false, trouble.sentence];
}

function evidence({ evidence: { records, lost, failing } }: LiveStatus): Result {
  if (failing !== '') return ['evidence', false, `records are not being written: ${failing}`];
  return ['evidence', lost === 0, `${records} records kept, ${lost === 0 ? 'none' : lost} lost`];
}

function clock({ alarms }: LiveStatus): Result {
  const trouble = alarms.find(({ code }) => code === 'CLOCK');
  return trouble === undefined
    ? ['clock', true, 'the clock is synchronised well enough for timed permissions']
    : ['clock', false, trouble.sentence];
}

function alarmsText({ alarms }: LiveStatus): string {
  return alarms.length === 0 ? 'no alarms' : `alarms: ${alarms.map(({ code }) => code).join(', ')}`;
}

function shortDigest(digest: string): string {
  return digest === '' ? 'none' : digest.slice(0, 12);
}

/** Milliseconds. */
const Freshness = 86_400_000;

const TableAlarms = ['NO_POLICY', 'TABLE_CHANGED', 'TABLE_UNSEEN'];
const InspectionAlarms = [
  'INSPECTOR_MISSING',
  'INSPECTOR_BEHIND',
  'INSPECTOR_SILENT',
  'NOT_LISTENING',
  'SERIAL_PORT',
];
