import { createHash } from 'node:crypto';
import { type Finding, formatFinding, hasErrors, sortFindings } from '../../policy/finding.ts';
import { type Judgement, judge } from '../../policy/judge.ts';
import { parseDate, parseInstant } from '../../policy/model/instant.ts';
import { readModel } from '../../policy/model/read-model.ts';
import type { ZoneModel } from '../../policy/model/zone-model.ts';
import type { Observation } from '../../rules/observation.ts';
import { GatewayRelease } from '../release.ts';
import { findingsToJson } from './check/json.ts';
import { readObservationFile } from './check/observation-file.ts';
import { findingsToSarif } from './check/sarif.ts';
import { ExitStatus, readNamedFile, UsageError } from './output.ts';

export interface CheckOptions {
  readonly at?: string;
  readonly json?: boolean;
  readonly sarif?: boolean;
  /** What `penstock observed --json` printed, of one gateway each. */
  readonly observed?: readonly string[];
}

/** A file that was read and judged; `model` is there where it reads. */
export interface CheckedModel extends Judgement {
  readonly model: ZoneModel | undefined;
}

export interface CheckTerms {
  readonly now: number;
  readonly observed: readonly Observation[];
  /** When bundles become valid; `as-stated` is the day the model states, or now where it states none. */
  readonly notBefore: number | 'as-stated' | undefined;
}

/**
 * `penstock check MODEL`: every finding as `file:line:col code message hint`, those of the compiler for each
 * gateway and of the site's own tests included.
 * @returns 1 when one of them is an error
 */
export async function check(file: string, options: CheckOptions): Promise<number> {
  if (options.json === true && options.sarif === true)
    throw new UsageError('--json and --sarif are two forms of one output.', 'Leave one of them out.');
  const now = readTime('--at', options.at);
  const observed = (options.observed ?? []).map(readObservationFile);
  const { model, findings, waived } = checkModel(file, { now, observed, notBefore: 'as-stated' });
  if (options.sarif === true) console.log(findingsToSarif(findings, waived));
  else if (options.json === true) console.log(findingsToJson(findings, waived));
  else printFindings(findings, false);
  if (model === undefined || hasErrors(findings)) return ExitStatus.refused;
  if (options.json !== true && options.sarif !== true)
    console.log(summary(file, model, findings, waived.length));
  return ExitStatus.good;
}

/** Reads and judges a model: what `check` prints, and what forbids a bundle. @throws UsageError */
export function checkModel(file: string, { now, observed, notBefore }: CheckTerms): CheckedModel {
  const text = readNamedFile(file);
  const read = readModel(text.toString('utf8'), file);
  if (!read.ok) return { model: undefined, findings: read.findings, waived: [], policies: [] };
  const { reviewed, approvedBy } = read.model.metadata;
  const judgement = judge(read.model, {
    now,
    observed,
    // A model without a date can be compiled with --not-before, so by itself it has no fault.
    notBefore: notBefore === 'as-stated' ? (reviewed ?? approvedBy?.date ?? now) : notBefore,
    modelDigest: createHash('sha256').update(text).digest(),
    compiler: `penstock ${GatewayRelease}`,
  });
  const findings = sortFindings([...read.findings, ...judgement.findings]);
  return { ...judgement, findings, model: read.model };
}

/** To standard error for people, so that a pipe gets only what was asked for; JSON to standard output. */
export function printFindings(findings: readonly Finding[], json: boolean): void {
  if (json) console.log(findingsToJson(findings));
  // At once: of a plant that says little there are tens of thousands.
  else if (findings.length > 0) console.error(sortFindings(findings).map(formatFinding).join('\n'));
}

/** Reads the time an option gives; now, where it is not given. @throws UsageError naming the option */
export function readTime(option: string, text: string | undefined): number {
  if (text === undefined) return Date.now();
  const time = parseInstant(text) ?? parseDate(text);
  if (time !== undefined) return time;
  const remedy = 'Write it as 2026-11-30T16:00:00Z, with its offset, or as 2026-11-30 for midnight UTC.';
  throw new UsageError(`${option} ${text} is not a time.`, remedy);
}

function summary(file: string, model: ZoneModel, findings: readonly Finding[], waived: number): string {
  const { zones, conduits, flows } = model;
  const what = `${zones.length} zones, ${conduits.length} conduits, ${flows.length} flows`;
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  const found = findings.length === 0 ? 'no findings' : `${count}, none an error`;
  return `${file}: ${what}, ${found}${waived === 0 ? '' : `, ${waived} waived`}`;
}
