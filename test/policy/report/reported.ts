import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { compile } from '../../../policy/compile/compile.ts';
import { type Finding, hasErrors } from '../../../policy/finding.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import type { Block, Cell, ReportDocument } from '../../../policy/report/document/block.ts';
import type { LiveStatus, Outcome, ReportFacts } from '../../../policy/report/facts.ts';
import { encodePolicy } from '../../../rules/bundle/payload.ts';
import type { Observation } from '../../../rules/observation.ts';
import type { Policy } from '../../../rules/policy.ts';

/** The day the reports of these tests are written. */
export const At = Date.parse('2026-11-21T12:00:00Z');

/** The small site that has one of everything. */
export const SitePath = 'test/golden/report/site.zones.yaml';

export function siteText(): string {
  return readFileSync(new URL('../../golden/report/site.zones.yaml', import.meta.url), 'utf8');
}

/**
 * A model and what its report rests on, as the command gathers it; but for findings and outcomes, which are made
 * up here, so that a new check or another wording of a proof changes nothing in these tests.
 */
export function facts(
  text: string,
  more: Partial<Pick<ReportFacts, 'at' | 'findings' | 'statuses' | 'observations'>> = {},
): { readonly model: ZoneModel; readonly facts: ReportFacts } {
  const read = readModel(text, SitePath);
  if (!read.ok) throw new Error(JSON.stringify(read.findings.slice(0, 3)));
  const { model } = read;
  const { at = At, findings = [warning], statuses = [], observations = [] } = more;
  const policies = hasErrors(findings) ? [] : model.gateways.flatMap(({ name }) => policyOf(model, name, at));
  const [waiver] = model.waivers;
  return {
    model,
    facts: {
      at,
      modelDigest: createHash('sha256').update(text).digest('hex'),
      compiled: policies.map((policy) => ({
        gateway: policy.gateway,
        version: policy.version,
        digest: createHash('sha256').update(encodePolicy(policy)).digest('hex'),
        flows: policy.flows,
      })),
      findings,
      waived: waiver === undefined ? [] : [{ finding: waived, waiver }],
      tests: policies.length === 0 ? undefined : tests,
      invariants,
      observations,
      statuses,
    },
  };
}

function policyOf(model: ZoneModel, gateway: string, now: number): readonly Policy[] {
  const notBefore = model.metadata.reviewed ?? now;
  const terms = { gateway, now, notBefore, modelDigest: new Uint8Array(32), compiler: 'penstock test' };
  const compiled = compile(model, terms);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
  return [compiled.policy];
}

const warning: Finding = {
  code: 'C-212',
  severity: 'warning',
  about: 'C-4',
  clause: '62443-3-2 ZCR 6.4',
  message: 'Nothing says how C-4 is watched.',
  hint: 'Say it in `monitoring`.',
  file: SitePath,
  line: 124,
  col: 3,
};

const tests: readonly Outcome[] = [
  { name: 'the operator sets a speed', line: 164, ok: true, sentence: 'scada sets 20, and it passes.' },
  { name: 'the office stays out', line: 168, ok: true, sentence: 'desk asks plc-1, and is refused.' },
];

const invariants: readonly Outcome[] = [
  { name: 'I-1', line: 170, ok: false, sentence: 'tablet is in office as well.' },
];

const waived: Finding = { ...warning, code: 'Z-119', about: 'tablet', message: 'tablet joins two zones.' };

/** Something that forbids a policy. */
export const mistake: Finding = { ...warning, code: 'V-404', severity: 'error', about: 'maker' };

/** A gateway in good order that enforces what the site compiles to. */
export function goodStatus(digest: string, more: Partial<LiveStatus> = {}): LiveStatus {
  return {
    site: 'mill-creek',
    gateway: 'gw',
    policyVersion: 3,
    policyDigest: digest,
    activatedAt: At - 86_400_000,
    notAfter: At + 86_400_000,
    backEnd: 'kernel',
    mode: { name: 'normal', since: 0 },
    startedAt: At - 172_800_000,
    now: At - 60_000,
    evidence: { records: 1204, lost: 0, failing: '' },
    alarms: [],
    ...more,
  };
}

/** Ninety days of counting, in which C-1/F-1 was never used and somebody unknown was seen. */
export const Watched: Observation = {
  site: 'mill-creek',
  gateway: 'gw',
  since: At - 90 * 86_400_000,
  until: At,
  blind: 7_200_000,
  flows: [
    { id: 'C-1/F-1', since: At - 90 * 86_400_000, hits: 0, last: 0 },
    { id: 'C-3/F-1', since: At - 90 * 86_400_000, hits: 91, last: At - 5_000 },
  ],
  permissions: [{ id: 'operate/1', since: At - 40 * 86_400_000, hits: 0, last: 0 }],
  vendors: [],
  strangers: [
    { address: '10.4.0.99', zone: 'pumps', first: At - 86_400_000, last: At - 3_600_000, packets: 12 },
  ],
};

/** A document as plain text, for reading and for golden files. */
export function documentText({ title, subtitle, facts: head, sections, footer }: ReportDocument): string {
  return [
    title,
    subtitle,
    ...head.map(({ label, cell }) => `${label}: ${cellText(cell)}`),
    ...sections.flatMap((section) => ['', `# ${section.title}`, ...section.blocks.flatMap(blockLines)]),
    '',
    footer,
    '',
  ].join('\n');
}

function blockLines(block: Block): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return ['', `## ${block.text}`];
    case 'paragraph':
      return [block.text];
    case 'list':
      return block.items.map((item) => `- ${item}`);
    case 'facts':
      return block.rows.map(({ label, cell }) => `${label}: ${cellText(cell)}`);
    case 'figures':
      return [block.figures.map(({ value, label }) => `${value} ${label}`).join(', ')];
    case 'table':
      return [
        block.columns.map(({ title }) => title).join(' | '),
        ...block.rows.map((row) => row.map(cellText).join(' | ')),
      ];
    case 'drawing':
      return [`[${block.caption}]`];
  }
}

function cellText({ lines }: Cell): string {
  return lines.join(' / ');
}
