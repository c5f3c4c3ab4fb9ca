import { compile } from '../../policy/compile/compile.ts';
import {
  type Finding,
  findingsToJson,
  formatFinding,
  hasErrors,
  sortFindings,
} from '../../policy/finding.ts';
import { lint } from '../../policy/lint/lint.ts';
import { parseDate, parseInstant } from '../../policy/model/instant.ts';
import { readModel } from '../../policy/model/read-model.ts';
import type { ZoneModel } from '../../policy/model/zone-model.ts';
import { ExitStatus, readNamedFile, UsageError } from './output.ts';

/** A model that was read and looked over; `model` is there only without errors. */
export interface CheckedModel {
  readonly text: Buffer;
  readonly model: ZoneModel | undefined;
  readonly findings: readonly Finding[];
}

/**
 * `penstock check MODEL`: every finding as `file:line:col code message hint`, those of the compiler for each
 * gateway included.
 * @returns 1 when one of them is an error
 */
export async function check(
  file: string,
  options: { readonly at?: string; readonly json?: boolean },
): Promise<number> {
  const now = readTime('--at', options.at);
  const checked = checkModel(file, now);
  const { model } = checked;
  const findings = sortFindings([
    ...checked.findings,
    ...(model === undefined ? [] : tryCompile(model, now)),
  ]);
  printFindings(findings, options.json === true);
  if (model === undefined || hasErrors(findings)) return ExitStatus.refused;
  if (options.json !== true) console.log(summary(file, model, findings));
  return ExitStatus.good;
}

/** Reads and lints a model as of `now`. @throws UsageError when the file cannot be read */
export function checkModel(file: string, now: number): CheckedModel {
  const text = readNamedFile(file);
  const read = readModel(text.toString('utf8'), file);
  if (!read.ok) return { text, model: undefined, findings: read.findings };
  const findings = sortFindings([...read.findings, ...lint(read.model, { now, observed: [] })]);
  return { text, model: hasErrors(findings) ? undefined : read.model, findings };
}

/** To standard error for people, so that a pipe gets only what was asked for; JSON to standard output. */
export function printFindings(findings: readonly Finding[], json: boolean): void {
  if (json) console.log(findingsToJson(findings));
  else for (const finding of sortFindings(findings)) console.error(formatFinding(finding));
}

/** Reads the time an option gives; now, where it is not given. @throws UsageError naming the option */
export function readTime(option: string, text: string | undefined): number {
  if (text === undefined) return Date.now();
  const time = parseInstant(text) ?? parseDate(text);
  if (time !== undefined) return time;
  const remedy = 'Write it as 2026-11-30T16:00:00Z, with its offset, or as 2026-11-30 for midnight UTC.';
  throw new UsageError(`${option} ${text} is not a time.`, remedy);
}

/** What the compiler says of each gateway; its policies are thrown away. */
function tryCompile(model: ZoneModel, now: number): readonly Finding[] {
  const { reviewed, approvedBy } = model.metadata;
  // A model without a date can be compiled with --not-before, so here it has no fault.
  const notBefore = reviewed ?? approvedBy?.date ?? now;
  const findings = model.gateways.flatMap(
    ({ name }) => compile(model, { ...NotKept, gateway: name, now, notBefore }).findings,
  );
  // A finding about the model comes up for each gateway, and is one finding.
  return [...new Map(findings.map((finding) => [formatFinding(finding), finding])).values()];
}

function summary(file: string, model: ZoneModel, findings: readonly Finding[]): string {
  const { zones, conduits, flows } = model;
  const what = `${zones.length} zones, ${conduits.length} conduits, ${flows.length} flows`;
  return `${file}: ${what}, ${findings.length === 0 ? 'no findings' : `${findings.length} finding(s), none an error`}`;
}

const NotKept = { modelDigest: new Uint8Array(32), compiler: '' } as const;
