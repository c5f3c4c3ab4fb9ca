import { basename } from 'node:path';
import {
  type Finding,
  findingsToJson,
  formatFinding,
  hasErrors,
  sortFindings,
} from '../../policy/finding.ts';
import { lint } from '../../policy/lint/lint.ts';
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
 * `penstock check MODEL`: every finding as `file:line:col code message hint`.
 * @returns 1 when one of them is an error
 */
export async function check(
  file: string,
  options: { readonly at?: string; readonly json?: boolean },
): Promise<number> {
  const { model, findings } = checkModel(file, readTime(options.at));
  printFindings(findings, options.json === true);
  if (model === undefined) return ExitStatus.refused;
  if (options.json !== true) {
    const warnings = findings.length === 0 ? 'no findings' : `${findings.length} finding(s), none an error`;
    console.log(
      `${file}: ${model.zones.length} zones, ${model.conduits.length} conduits, ${model.flows.length} flows, ${warnings}`,
    );
  }
  return ExitStatus.good;
}

/** Reads and lints a model as of `now`. @throws UsageError when the file cannot be read */
export function checkModel(file: string, now: number): CheckedModel {
  const text = readNamedFile(file);
  const read = readModel(text.toString('utf8'), file);
  if (!read.ok) return { text, model: undefined, findings: read.findings };
  const findings = sortFindings([...read.findings, ...lint(read.model, { now })]);
  return { text, model: hasErrors(findings) ? undefined : read.model, findings };
}

/** To standard error for people, so that a pipe gets only what was asked for; JSON to standard output. */
export function printFindings(findings: readonly Finding[], json: boolean): void {
  if (json) console.log(findingsToJson(findings));
  else for (const finding of sortFindings(findings)) console.error(formatFinding(finding));
}

/** Reads `--at`; now, where it is not given. @throws UsageError */
export function readTime(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const time = Date.parse(text);
  if (Number.isNaN(time)) {
    throw new UsageError(`“${text}” is not a time.`, 'Write it as 2026-11-30T16:00:00Z or 2026-11-30.');
  }
  return time;
}

/** The name a model goes by inside a bundle: without directories, so that bytes do not depend on the place. */
export function modelName(file: string): string {
  return basename(file);
}
