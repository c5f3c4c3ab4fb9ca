import { formatTime } from '../../rules/time.ts';
import type { Conduit, ZoneModel } from '../model/zone-model.ts';
import type { AuthorisedFlow } from './authorised-flows.ts';
import type { Outcome, ReportFacts } from './facts.ts';
import { type DeferralEntry, type ObservationEntry, reviewDue, type WaiverEntry } from './registers.ts';
import type { Assessment, AssessmentStatus } from './requirements/assess.ts';
import type { LiveCheck } from './requirements/live-checks.ts';
import { counted, dateText, endsText, someOf } from './words.ts';

/** One page for management: plain sentences, every number in them derived. */
export interface Summary {
  /** Large figures with what they count. */
  readonly figures: readonly { readonly value: string; readonly label: string }[];
  readonly sections: readonly SummarySection[];
  /** How many requirement-and-zone pairs there are of each status. */
  readonly requirements: Readonly<Record<AssessmentStatus, number>>;
}

export interface SummarySection {
  readonly title: string;
  readonly sentences: readonly string[];
}

/** What of the report the summary counts. */
export interface Counted {
  readonly flows: readonly AuthorisedFlow[];
  readonly zones: readonly { readonly id: string; readonly requirements: readonly Assessment[] }[];
  readonly live: readonly LiveCheck[];
  readonly observed: readonly ObservationEntry[];
  readonly waivers: readonly WaiverEntry[];
  readonly deferrals: readonly DeferralEntry[];
}

export function summarise(model: ZoneModel, facts: ReportFacts, report: Counted): Summary {
  const statuses = report.zones.flatMap(({ requirements }) => requirements.map(({ status }) => status));
  const count = (wanted: AssessmentStatus) => statuses.filter((status) => status === wanted).length;
  return {
    figures: [
      figure(model.zones.length, 'zone'),
      figure(model.conduits.length, 'conduit'),
      figure(model.flows.length, 'authorised flow'),
      {
        value: String(model.flows.filter(({ profile }) => profile !== undefined).length),
        label: 'of them inspected',
      },
      figure(facts.findings.filter(({ severity }) => severity !== 'info').length, 'open finding'),
      figure(report.waivers.length, 'waiver'),
    ],
    sections: [
      { title: 'What this is', sentences: whatThisIs(model, facts.at) },
      { title: 'What may pass', sentences: whatMayPass(model, facts.at, report) },
      { title: 'Who comes in from outside', sentences: whoComesIn(model) },
      { title: 'Whether it is in force', sentences: whetherInForce(facts, report) },
      { title: 'What needs a decision', sentences: whatNeedsDecision(model, facts, report) },
      { title: 'Evidence', sentences: evidenceSentences(facts, report, count) },
    ],
    requirements: {
      met: count('met'),
      partly: count('partly'),
      'not assessed': count('not assessed'),
      'not selected': count('not selected'),
    },
  };
}

function figure(count: number, label: string): Summary['figures'][number] {
  return { value: String(count), label: count === 1 ? label : `${label}s` };
}

/** Conduits on which, for now, even what no flow declares passes. */
export function undeclaredConduits(conduits: readonly Conduit[], at: number): readonly string[] {
  return conduits.filter(({ audit }) => audit?.undeclared === true && audit.until > at).map(({ id }) => id);
}

function whatThisIs(
  { metadata, gateways, zones, assets, conduits }: ZoneModel,
  at: number,
): readonly string[] {
  const open = undeclaredConduits(conduits, at);
  const boxes = counted(gateways.length, 'gateway');
  return [
    `${metadata.systemUnderConsideration || metadata.site}: ${counted(assets.length, 'asset')} in ${counted(zones.length, 'zone')}, kept apart by ${boxes}.`,
    open.length === 0
      ? 'Whatever is not on the list of authorised flows does not pass a gateway.'
      : `Whatever is not on the list of authorised flows does not pass a gateway, but on ${someOf(open)}, on trial: there it passes and is reported.`,
  ];
}

function whatMayPass(
  { flows, essentialFlows, conduits }: ZoneModel,
  at: number,
  report: Counted,
): readonly string[] {
  const inspected = report.flows.filter(({ profile }) => profile !== '');
  const whole = flows.filter(({ sources, destinations }) =>
    [...sources, ...destinations].some(({ kind }) => kind === 'zone'),
  );
  const onTrial = flows.filter(({ audit }) => audit !== undefined && audit.until > at).map(({ id }) => id);
  const oneWay = conduits.filter((conduit) => conduit.oneWay).map(({ id }) => id);
  return [
    `${counted(flows.length, 'flow')} over ${counted(conduits.length, 'conduit')}. On ${inspected.length} of them every Modbus request is checked before it reaches a device.`,
    essentialFlows.length === 0
      ? 'No flow is named as essential.'
      : `Essential, and kept up whatever else fails: ${someOf(essentialFlows.map(({ flow }) => flow.id))}.`,
    ...(onTrial.length === 0
      ? []
      : [`On trial, so that what its rules refuse is reported and passes: ${someOf(onTrial)}.`]),
    ...(oneWay.length === 0 ? [] : [`One-way, with nothing coming back: ${someOf(oneWay)}.`]),
    ...(whole.length === 0
      ? []
      : [
          `${counted(whole.length, 'flow lets', 'flows let')} a whole zone speak or be spoken to: ${someOf(whole.map(({ id }) => id))}.`,
        ]),
  ];
}

/** A page has room for some lines of a kind; the report has them all. */
function firstOf(lines: readonly string[], what: string): readonly string[] {
  return lines.length <= MostLines
    ? lines
    : [...lines.slice(0, MostLines - 1), `And ${lines.length - MostLines + 1} more ${what}.`];
}

const MostLines = 5;

function whoComesIn({ vendors, flows }: ZoneModel): readonly string[] {
  const outside = flows.filter(({ conduit }) => conduit.from.kind === 'external');
  if (vendors.length === 0 && outside.length === 0)
    return ['Nobody: no vendor access and no flow from an external zone.'];
  const lines = [
    ...vendors.map(
      ({ id, company, people, contractEnds, approval }) =>
        `${company || id}: ${counted(people.length, 'named person', 'named people')}, ${approval === undefined ? 'no approval stated' : `approved by ${[approval.role, approval.second].filter((role) => role !== '').join(' and ')}`}, contract ${contractEnds === undefined ? 'end not stated' : `until ${dateText(contractEnds)}`}.`,
    ),
    ...outside.map(
      ({ id, sources, destinations }) => `${id}: ${endsText(sources)} to ${endsText(destinations)}.`,
    ),
  ];
  return firstOf(lines, 'ways in');
}

function whetherInForce({ statuses }: ReportFacts, { live }: Counted): readonly string[] {
  if (statuses.length === 0) {
    return ['No gateway was asked for this report, so it says what is laid down and not what is in force.'];
  }
  const lines = live
    .filter(({ kind, ok }) => kind === 'policy' || !ok)
    .map(({ gateway, value, at }) => `${gateway}, ${formatTime(at)}: ${value}.`);
  return firstOf(lines, 'checks');
}

function whatNeedsDecision(
  model: ZoneModel,
  { at, findings }: ReportFacts,
  report: Counted,
): readonly string[] {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const due = reviewDue(model.metadata);
  const ending = model.conduits.filter(({ temporary }) => temporary !== undefined && temporary.expires > at);
  const ended = model.conduits.filter(({ temporary }) => temporary !== undefined && temporary.expires <= at);
  const lacking = report.deferrals.filter(({ lacks }) => lacks.length > 0);
  const expired = report.waivers.filter(({ hasExpired }) => hasExpired);
  const unknown = report.observed.reduce((sum, { strangers }) => sum + strangers.length, 0);
  const unused = report.observed.reduce((sum, { neverUsed }) => sum + neverUsed.length, 0);
  const sentences = [
    errors === 0
      ? ''
      : `${counted(errors, 'error')} in the model: no policy can be made from it until they are mended.`,
    warnings === 0 ? '' : `${counted(warnings, 'warning needs', 'warnings need')} a look or a waiver.`,
    due === undefined
      ? 'No date is set for the next review of the model.'
      : due <= at
        ? `The review of the model has been due since ${dateText(due)}.`
        : `The model is to be reviewed by ${dateText(due)}.`,
    ...firstOf(
      ending.map(
        ({ id, temporary }) =>
          `${id} is temporary and closes by itself ${formatTime(temporary?.expires ?? 0)}.`,
      ),
      'temporary conduits',
    ),
    ended.length === 0 ? '' : `Ended and still in the model: ${someOf(ended.map(({ id }) => id))}.`,
    lacking.length === 0
      ? ''
      : `${counted(lacking.length, 'deferred patch', 'deferred patches')} with something missing: ${someOf(lacking.map(({ asset, lacks }) => `${asset} (${lacks.join(', ')})`))}.`,
    expired.length === 0
      ? ''
      : `Waivers past their end: ${someOf(expired.map(({ code, on }) => `${code} on ${on}`))}.`,
    unknown === 0 ? '' : `${counted(unknown, 'address', 'addresses')} seen that no asset has.`,
    unused === 0 ? '' : `${counted(unused, 'permission')} never used while watched.`,
    model.nonIpPaths.length === 0
      ? ''
      : `${counted(model.nonIpPaths.length, 'path without IP goes', 'paths without IP go')} past the gateways.`,
  ];
  return sentences.filter((sentence) => sentence !== '');
}

function evidenceSentences(
  { tests, invariants }: ReportFacts,
  { zones }: Counted,
  count: (status: AssessmentStatus) => number,
): readonly string[] {
  const supported = new Set(
    zones.flatMap(({ requirements }) => requirements.filter(({ by }) => by.length > 0).map(({ sr }) => sr)),
  );
  const selected = count('met') + count('partly') + count('not assessed');
  return [
    `IEC 62443-3-3 has 51 system requirements; for ${supported.size} of them there is some enforcement or evidence here in at least one zone.`,
    `The target levels of all zones select ${selected}: ${count('met') === 0 ? 'none is met, for that takes a live check of all it asks' : `${count('met')} are met, each by a live check`}; ${count('partly')} are supported in part; ${count('not assessed')} are not assessed.`,
    outcomesText('test', tests),
    outcomesText('invariant', invariants),
    'This is evidence for an assessor. The achieved security level is for the assessor to find.',
  ];
}

function outcomesText(what: string, outcomes: readonly Outcome[] | undefined): string {
  if (outcomes === undefined) return `The ${what}s of the model were not run for this report.`;
  if (outcomes.length === 0) return `The model states no ${what}s.`;
  const failed = outcomes.filter(({ ok }) => !ok).map(({ name }) => name);
  const held = `${outcomes.length - failed.length} of ${counted(outcomes.length, what)} hold`;
  return failed.length === 0 ? `${held}.` : `${held}; broken: ${someOf(failed)}.`;
}
