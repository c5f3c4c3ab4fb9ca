import type { Finding, Place, Severity } from '../finding.ts';

/** Collects what the compiler cannot express; nothing is left out of a policy without a word. */
export interface CompileReport {
  readonly findings: readonly Finding[];
  readonly add: (code: CompileCode, about: string, at: Place, message: string, hint: string) => void;
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

/** The requirement behind a code, where there is one. */
const CompileClauses: Readonly<Partial<Record<CompileCode, string>>> = {
  'K-811': '62443-3-3 SR 5.2',
  'K-812': '62443-3-3 SR 5.2 RE1',
  'K-813': '62443-3-3 SR 3.5',
  'K-814': '62443-3-3 SR 5.2 RE1',
  'K-817': '62443-3-3 SR 5.2',
  'K-818': '62443-3-3 SR 3.4',
  'K-819': '62443-3-3 SR 5.2 RE1',
  'K-822': '62443-3-3 SR 1.13',
};

export function createCompileReport(file: string): CompileReport {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  return {
    findings,
    add: (code, about, at, message, hint) => {
      // One place is compiled once per gateway and per direction; it is said once.
      const key = `${code} ${at.line} ${at.column} ${message}`;
      if (seen.has(key)) return;
      seen.add(key);
      findings.push({
        code,
        severity: CompileCodes[code],
        about,
        clause: CompileClauses[code] ?? '',
        message,
        hint,
        file,
        line: at.line,
        col: at.column,
      });
    },
  };
}
