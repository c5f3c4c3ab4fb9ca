import type { Finding, Place, Severity } from '../finding.ts';

/** Collects findings about one file. */
export interface Reporter {
  error(code: string, at: Place, message: string, hint: string): void;
  warning(code: string, at: Place, message: string, hint: string): void;
  readonly findings: readonly Finding[];
}

/** An empty collection for `file`, which is named in every finding. */
export function createReporter(file: string): Reporter {
  const findings: Finding[] = [];
  const add = (severity: Severity) => (code: string, at: Place, message: string, hint: string) => {
    findings.push({
      code,
      severity,
      about: '',
      clause: '',
      message,
      hint,
      file,
      line: at.line,
      col: at.column,
    });
  };
  return { error: add('error'), warning: add('warning'), findings };
}
