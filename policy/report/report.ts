import type { Finding } from '../finding.ts';
import type { Conduit, Zone, ZoneModel } from '../model/zone-model.ts';
import { type AuthorisedFlow, authorisedFlows, fileName } from './authorised-flows.ts';
import { type Characteristic, conduitCharacteristics, zoneCharacteristics } from './characteristics.ts';
import type { Outcome, ReportFacts } from './facts.ts';
import { type LevelGap, levelGap } from './levels.ts';
import { type Mapping, mappings, unmapped } from './mappings.ts';
import {
  type DeferralEntry,
  deferrals,
  type ObservationEntry,
  observed,
  type WaiverEntry,
  waivers,
} from './registers.ts';
import { type Assessment, assessZone } from './requirements/assess.ts';
import { type LiveCheck, liveChecks } from './requirements/live-checks.ts';
import { zoneViews } from './requirements/zone-view.ts';
import { type Summary, summarise } from './summary.ts';

/**
 * Everything the report says, as data: what `report.json` holds, and what the page and the printed sheet are made
 * of. It is derived from the model and the facts and nothing else, so the same input gives the same report.
 */
export interface Report {
  readonly site: string;
  readonly systemUnderConsideration: string;
  readonly file: string;
  readonly modelDigest: string;
  readonly policyVersion: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly summary: Summary;
  readonly flows: readonly AuthorisedFlow[];
  readonly zones: readonly ZoneEntry[];
  readonly conduits: readonly ConduitEntry[];
  readonly live: readonly LiveCheck[];
  readonly observed: readonly ObservationEntry[];
  readonly findings: readonly FindingEntry[];
  readonly waivers: readonly WaiverEntry[];
  readonly deferrals: readonly DeferralEntry[];
  /** Undefined where nobody ran them. */
  readonly tests: readonly Outcome[] | undefined;
  readonly invariants: readonly Outcome[] | undefined;
  readonly mappings: readonly Mapping[];
  readonly unmapped: readonly string[];
}

export interface ZoneEntry {
  readonly id: string;
  readonly characteristics: readonly Characteristic[];
  readonly consequences: Zone['consequences'];
  readonly levels: LevelGap;
  readonly requirements: readonly Assessment[];
}

export interface ConduitEntry {
  readonly id: string;
  readonly characteristics: readonly Characteristic[];
  readonly purpose: string;
  readonly monitoring: string;
  readonly slT: number;
}

export type FindingEntry = Pick<
  Finding,
  'code' | 'severity' | 'message' | 'hint' | 'about' | 'clause' | 'line'
>;

/** Builds the report of a model that could be read; what it lacks is said, never guessed. */
export function buildReport(model: ZoneModel, facts: ReportFacts): Report {
  const zones = zoneViews(model, facts).map((view) => {
    const requirements = assessZone(view);
    const { zone } = view;
    return {
      id: zone.id,
      characteristics: zoneCharacteristics(model, zone),
      consequences: zone.consequences,
      levels: levelGap(model, zone, requirements),
      requirements,
    };
  });
  const parts = {
    site: model.metadata.site,
    systemUnderConsideration: model.metadata.systemUnderConsideration,
    file: fileName(model.file),
    modelDigest: facts.modelDigest,
    policyVersion: model.metadata.policyVersion,
    at: facts.at,
    flows: authorisedFlows(model, facts),
    zones,
    conduits: model.conduits.map((conduit) => conduitEntry(model, conduit)),
    live: liveChecks(facts),
    observed: observed(facts),
    findings: facts.findings.map(findingEntry),
    waivers: waivers(model, facts),
    deferrals: deferrals(model, facts.at),
    tests: facts.tests,
    invariants: facts.invariants,
    mappings: mappings(model, facts),
    unmapped: unmapped(model),
  };
  return { ...parts, summary: summarise(model, facts, parts) };
}

function conduitEntry(model: ZoneModel, conduit: Conduit): ConduitEntry {
  const { id, purpose, monitoring, slT } = conduit;
  return { id, characteristics: conduitCharacteristics(model, conduit), purpose, monitoring, slT: slT.level };
}

/** Without the path of the file: the line is what is asked for. */
function findingEntry({ code, severity, message, hint, about, clause, line }: Finding): FindingEntry {
  return { code, severity, message, hint, about, clause, line };
}
