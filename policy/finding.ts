/**
 * One problem in what a person wrote: a closed code, where it is, what is wrong and what to do about it.
 * Everything the authoring side says to people is a finding; nothing there is thrown.
 */
export interface Finding {
  /** A letter for the family and three digits, e.g. `Z-108`; stable, so that waivers can name it. */
  readonly code: string;
  readonly severity: Severity;
  /** Name of the zone, asset, conduit, flow or the like it is about, as waivers name it; else the site, or empty. */
  readonly about: string;
  /** The requirement behind it, e.g. `62443-3-2 ZCR 3.3`; empty where there is none. */
  readonly clause: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly hint: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units as editors count. */
  readonly col: number;
}

/** An error gives no bundle; a warning needs a look or a waiver; an info is for reading. */
export type Severity = 'error' | 'warning' | 'info';

/** What a code stands for; several checks may share one. */
export interface KnownCode {
  readonly code: string;
  readonly severity: Severity;
  /** The requirement behind it, e.g. `62443-3-2 ZCR 3.3`; empty where there is none. */
  readonly clause: string;
  /** What a clean model has, as one line. */
  readonly title: string;
}

/** Where something stands in the file; both numbers 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One line per finding: `file:line:col code message hint`; all but errors say their severity. */
export function formatFinding(finding: Finding): string {
  const { file, line, col, code, severity, message, hint } = finding;
  const mark = severity === 'error' ? '' : `${severity}: `;
  return `${file}:${line}:${col} ${code} ${mark}${message}${hint === '' ? '' : ` ${hint}`}`;
}

/** A sorted copy: by file, place, then code, so that output never depends on the order of checks. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      a.line - b.line ||
      a.col - b.col ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  );
}

/** Whether any finding forbids a bundle. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
