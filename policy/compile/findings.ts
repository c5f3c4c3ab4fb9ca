import type { Finding, KnownCode, Place } from '../finding.ts';

/** Collects what the compiler cannot express; nothing is left out of a policy without a word. */
export interface CompileReport {
  readonly findings: readonly Finding[];
  readonly add: (code: CompileCode, about: string, at: Place, message: string, hint: string) => void;
}

/** The compiler's findings. */
export const CompileCodes = {
  'K-811': { severity: 'error', clause: '62443-3-3 SR 5.2', title: 'Some box serves every flow.' },
  'K-812': {
    severity: 'warning',
    clause: '62443-3-3 SR 5.2 RE1',
    title: 'Inspected and one-way flows and targets of vendors are IPv4.',
  },
  'K-813': { severity: 'error', clause: '62443-3-3 SR 3.5', title: 'Inspected flows lead to named assets.' },
  'K-814': { severity: 'error', clause: '62443-3-3 SR 5.2 RE1', title: 'The kernel can tell flows apart.' },
  'K-815': {
    severity: 'error',
    clause: '62443-3-3 SR 5.2',
    title: 'The box has an address for its services.',
  },
  'K-816': {
    severity: 'error',
    clause: '62443-3-3 SR 5.2 RE1',
    title: 'Traffic of the box stays in zones it has a leg in.',
  },
  'K-817': {
    severity: 'error',
    clause: '62443-3-3 SR 5.2',
    title: 'Zones on one wire have addresses of their own.',
  },
  'K-818': {
    severity: 'error',
    clause: '62443-3-3 SR 3.4',
    title: 'The validity of a bundle has a beginning, and has not ended.',
  },
  'K-819': { severity: 'error', clause: '62443-3-3 SR 5.2 RE1', title: 'Every end has an address.' },
  'K-820': { severity: 'error', clause: '62443-3-3 SR 2.8', title: 'Names fit into a log prefix.' },
  'K-823': { severity: 'error', clause: '62443-3-3 SR 3.4', title: 'A policy has the form a gateway takes.' },
  'K-824': {
    severity: 'error',
    clause: '62443-3-3 SR 5.2 RE1',
    title: 'Undeclared traffic passes only where the kernel can bound it.',
  },
  'K-825': { severity: 'warning', clause: '62443-3-3 SR 7.1 RE1', title: 'Every limit can be enforced.' },
  'K-826': {
    severity: 'error',
    clause: '62443-3-3 SR 1.13',
    title: 'Some box leads vendors to all they may reach.',
  },
} as const satisfies Record<string, Omit<KnownCode, 'code'>>;

export type CompileCode = keyof typeof CompileCodes;

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
        severity: CompileCodes[code].severity,
        about,
        clause: CompileCodes[code].clause,
        message,
        hint,
        file,
        line: at.line,
        col: at.column,
      });
    },
  };
}
