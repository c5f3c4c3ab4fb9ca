import type { Access } from './function-code.ts';

/** The sub-functions of Diagnostics (MAP V1.1b3 §6.8.1), one line each. */
const Table = [
  row(0, 'Return Query Data', 'read', 'any', 'echo'),
  // Not answered by a server that was in Listen Only Mode.
  row(1, 'Restart Communications Option', 'write', 'on-or-off', 'echo'),
  row(2, 'Return Diagnostic Register', 'read', 'zero', 'word'),
  row(3, 'Change ASCII Input Delimiter', 'write', 'character', 'echo'),
  row(4, 'Force Listen Only Mode', 'write', 'zero', 'never'),
  row(10, 'Clear Counters and Diagnostic Register', 'write', 'zero', 'echo'),
  row(11, 'Return Bus Message Count', 'read', 'zero', 'word'),
  row(12, 'Return Bus Communication Error Count', 'read', 'zero', 'word'),
  row(13, 'Return Bus Exception Error Count', 'read', 'zero', 'word'),
  row(14, 'Return Server Message Count', 'read', 'zero', 'word'),
  row(15, 'Return Server No Response Count', 'read', 'zero', 'word'),
  row(16, 'Return Server NAK Count', 'read', 'zero', 'word'),
  row(17, 'Return Server Busy Count', 'read', 'zero', 'word'),
  row(18, 'Return Bus Character Overrun Count', 'read', 'zero', 'word'),
  row(20, 'Clear Overrun Counter and Flag', 'write', 'zero', 'echo'),
] as const;

/** One sub-function of function code 8. */
export interface DiagnosticFunction {
  readonly number: number;
  /** As the specification spells it. */
  readonly name: string;
  /** `write` where it changes something in the server, be it its counters. */
  readonly access: Access;
  /** What the request carries: any words, or one that is 0000, 0000 or FF00, or a character and 00. */
  readonly request: 'any' | 'zero' | 'on-or-off' | 'character';
  /** What comes back: the request, a word of the server's own (a counter), or nothing at all. */
  readonly answer: 'echo' | 'word' | 'never';
  readonly clause: string;
}

/** All public sub-functions in ascending order; 5 to 9, 19 and all from 21 on are reserved. */
export const DiagnosticFunctions: readonly DiagnosticFunction[] = Table;

/** The row for a number, or `undefined` where it is reserved. */
export function diagnosticFunction(number: number): DiagnosticFunction | undefined {
  return byNumber[number];
}

const byNumber: readonly (DiagnosticFunction | undefined)[] = indexByNumber();

function indexByNumber(): (DiagnosticFunction | undefined)[] {
  const index = new Array<DiagnosticFunction | undefined>(21).fill(undefined);
  for (const entry of Table) index[entry.number] = entry;
  return index;
}

function row(
  number: number,
  name: string,
  access: Access,
  request: DiagnosticFunction['request'],
  answer: DiagnosticFunction['answer'],
): DiagnosticFunction {
  return { number, name, access, request, answer, clause: 'MAP V1.1b3 §6.8.1' };
}
