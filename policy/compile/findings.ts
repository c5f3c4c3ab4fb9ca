import type { Finding, Place, Severity } from '../finding.ts';

/** Collects what the compiler cannot express; nothing is left out of a policy without a word. */
export interface CompileReport {
  readonly findings: readonly Finding[];
  readonly add: (code: CompileCode, at: Place, message: string, hint: string) => void;
}

/** The compiler's findings. */
export const CompileCodes = {
  'K-811': 'error', // a flow no box serves
  'K-812': 'warning', // IPv6 on an inspected or one-way flow
  'K-813': 'error', // an inspected flow to a whole zone
  'K-814': 'error', // two flows the kernel cannot tell apart
  'K-815': 'error', // a service where the box has no address
  'K-816': 'error', // box traffic with a zone the box has no leg in
  'K-817': 'error', // two zones on one wire with the same addresses
  'K-818': 'error', // validity without a beginning, or ended
  'K-819': 'error', // an end without an address
  'K-820': 'error', // a name too long for a log prefix
  'K-822': 'info', // something this release does not open
  'K-823': 'error', // a policy that breaks its own form
} as const satisfies Record<string, Severity>;

export type CompileCode = keyof typeof CompileCodes;

export function createCompileReport(file: string): CompileReport {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  return {
    findings,
    add: (code, at, message, hint) => {
      // One place is compiled once per gateway and per direction; it is said once.
      const key = `${code} ${at.line} ${at.column} ${message}`;
      if (seen.has(key)) return;
      seen.add(key);
      findings.push({
        code,
        severity: CompileCodes[code],
        message,
        hint,
        file,
        line: at.line,
        col: at.column,
      });
    },
  };
}
