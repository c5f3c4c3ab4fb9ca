import { limitTexts, permissionCells, permissionLimits } from '../../rules/modbus/text/permission-text.ts';
import { formatTime } from '../../rules/time.ts';
import type { Flow, Profile, ZoneModel } from '../model/zone-model.ts';
import type { CompiledGateway, ReportFacts } from './facts.ts';
import { conditionsOf, endText, limitsOf, serviceText } from './words.ts';

/** One line of the list of authorised flows: who may say what to whom, and who answers for it. */
export interface AuthorisedFlow {
  readonly id: string;
  readonly conduit: string;
  readonly fromZone: string;
  readonly toZone: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly service: string;
  /** Name of the Modbus profile; empty where nobody looks into the flow. */
  readonly profile: string;
  /** What may be said on it, a line per permission. */
  readonly says: readonly string[];
  /** Empty is always. */
  readonly when: readonly string[];
  readonly limits: readonly string[];
  /** `essential`, `one-way`, what is on trial, what has ended. */
  readonly notes: readonly string[];
  readonly owner: string;
  readonly ticket: string;
  /** 62443-3-3 requirements its rule supports; empty where nothing was compiled for it. */
  readonly requirements: readonly string[];
  /** `site.zones.yaml:150`. */
  readonly place: string;
  /** Gateways whose policy holds it. */
  readonly gateways: readonly string[];
}

/** Every flow of the model, in its order. */
export function authorisedFlows(model: ZoneModel, facts: ReportFacts): readonly AuthorisedFlow[] {
  const compiled = Map.groupBy(
    facts.compiled.flatMap(({ gateway, flows }) => flows.map((rule) => ({ gateway, rule }))),
    ({ rule }) => rule.id,
  );
  return model.flows.map((flow) => {
    const rules = compiled.get(flow.id) ?? [];
    return {
      id: flow.id,
      conduit: flow.conduit.id,
      fromZone: flow.conduit.from.id,
      toZone: flow.conduit.to.id,
      from: flow.sources.map(endText),
      to: flow.destinations.map(endText),
      service: serviceText(flow),
      profile: flow.profile?.name ?? '',
      says: flow.profile === undefined ? [] : profileLines(flow.profile),
      when: conditionsOf(flow),
      limits: [...limitsOf(flow), ...(flow.profile === undefined ? [] : limitTexts(flow.profile.limits))],
      notes: notesOf(flow, facts, rules.length > 0),
      owner: flow.owner,
      ticket: flow.ticket,
      requirements: [...new Set(rules.flatMap(({ rule }) => rule.source.sr))],
      place: `${fileName(model.file)}:${flow.at.line}`,
      gateways: rules.map(({ gateway }) => gateway),
    };
  });
}

/** What a profile lets be said, a line per permission, its limits in brackets. */
export function profileLines({ permissions }: Pick<Profile, 'permissions'>): readonly string[] {
  return permissions.map((permission) => {
    const [id = '', ...what] = permissionCells(permission).filter((text) => text !== '');
    const limits = permissionLimits(permission);
    return `${id}: ${what.join(', ')}${limits.length === 0 ? '' : ` (${limits.join('; ')})`}`;
  });
}

/** The last part of a path: where the author keeps the model is nobody's business. */
export function fileName(path: string): string {
  return path.split('/').at(-1) ?? path;
}

function notesOf(flow: Flow, { at, compiled }: ReportFacts, isCompiled: boolean): readonly string[] {
  const { conduit, essential, audit } = flow;
  const ended = conduit.temporary !== undefined && conduit.temporary.expires <= at;
  return [
    essential ? 'essential' : '',
    conduit.oneWay ? 'one-way: nothing comes back' : '',
    flow.profile === undefined ? '' : 'every Modbus request inspected',
    auditNote(audit, at),
    ended ? 'its end has passed: it compiles to no rule' : '',
    !ended && !isCompiled && compiled.length > 0 ? 'in no gateway’s policy' : '',
  ].filter((text) => text !== '');
}

function auditNote(audit: Flow['audit'], at: number): string {
  if (audit === undefined) return '';
  return audit.until <= at
    ? `was on trial until ${formatTime(audit.until)}`
    : `on trial until ${formatTime(audit.until)}: what its profile refuses is reported and passes`;
}

/** Whether any of the compiled policies opens it by time or session. */
export function hasTimedFlows(compiled: CompiledGateway): boolean {
  return compiled.flows.some(({ gate, auditUntil }) => gate !== undefined || auditUntil > 0);
}
