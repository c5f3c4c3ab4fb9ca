import { CompileCodes } from './compile/findings.ts';
import type { KnownCode } from './finding.ts';
import { Checks } from './lint/checks.ts';
import { WaiverCodes } from './waiver.ts';

/** Codes of the reader: the text, its shape and its names. */
const ReaderCodes: readonly KnownCode[] = [
  ['S-001', 'The text is YAML 1.2.'],
  ['S-002', 'No key stands twice.'],
  ['S-003', 'Aliases are bounded and known.'],
  ['S-004', 'There is no key the model does not have.'],
  ['S-005', 'Nothing that is needed is missing.'],
  ['S-006', 'Values are of the form they need.'],
  ['S-007', 'Ranges, times and addresses make sense where they stand.'],
  ['N-001', 'Every name that is used exists.'],
  ['N-002', 'A name stands for one thing.'],
  ['N-003', 'No profile extends itself.'],
].map(([code = '', title = '']) => ({ code, severity: 'error', clause: '', title }));

/** Codes of the site's own claims, which are tried and proved. */
const ClaimCodes: readonly KnownCode[] = [
  {
    code: 'T-603',
    severity: 'error',
    clause: '62443-3-3 SR 3.3',
    title: 'Every test and every invariant of the site holds.',
  },
  {
    code: 'T-606',
    severity: 'warning',
    clause: '62443-3-3 SR 3.3',
    title: 'Every test can be asked of some gateway.',
  },
];

/** Everything that can be said of a model, by code; one entry for each thing looked for. */
export const KnownCodes: readonly KnownCode[] = [
  ...ReaderCodes,
  ...Checks,
  ...ClaimCodes,
  ...listed(CompileCodes),
  ...listed(WaiverCodes),
]
  .map(({ code, severity, clause, title }) => ({ code, severity, clause, title }))
  .sort((one, other) => (one.code < other.code ? -1 : one.code > other.code ? 1 : 0));

function listed(table: Readonly<Record<string, Omit<KnownCode, 'code'>>>): readonly KnownCode[] {
  return Object.entries(table).map(([code, entry]) => ({ code, ...entry }));
}
