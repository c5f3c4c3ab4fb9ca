import { expect, test } from 'vitest';
import { KnownCodes } from '../../../policy/codes.ts';
import { readModel } from '../../../policy/model/read-model.ts';

/** The first catalogue of lints, before there was a compiler: family letter, first and last number. */
const Asked: readonly (readonly [string, number, number])[] = [
  ['Z', 101, 119],
  ['C', 201, 224],
  ['M', 301, 313],
  ['V', 401, 411],
  ['E', 501, 506],
  ['T', 601, 605],
  ['R', 701, 710],
  ['K', 801, 807],
];

/** A code is never used for something else: what it was asked for under a number already taken has another. */
const Elsewhere: Readonly<Record<string, string>> = {
  'C-223': 'C-229', // an audit stage of more than 30 days; C-223 is an audit stage where it cannot be
  'M-305': 'M-327', // two writers of a register; M-305 is a write judged by what nobody reads
  'M-306': 'M-328', // functions about the device; M-306 is opaque data without a size
  'M-307': 'M-329', // functions that load programs; M-307 is ADUs above 260 bytes
  'M-308': 'M-330', // a broadcast write; M-308 is a limit no function has
  'M-309': 'M-331', // permitted and never used; M-309 is a diagnostic that disturbs
  'M-311': 'M-332', // function 23 among reads; M-311 is a unit nobody has
};

/** What cannot come up in a model, and what keeps it so. */
const Guaranteed: Readonly<Record<string, string>> = {
  'E-506': 'gateway/load: no policy stays without a confirmation in time',
  'T-604': 'penstock mutate: how many changes of a rule the tests and invariants notice',
  'K-801': 'rules/nft/schema.ts: what is not of the form is not rendered',
  'K-802': 'rules/nft/schema.ts: lengths of prefixes and comments',
  'K-803': 'gateway/enforce: read back and compared after every change',
  'K-804': 'test/policy/compile: no chain grows with the policy',
  'K-805': 'penstock doctor: what the kernel of this box has',
  'K-806': 'test/policy/compile: same model, same bytes',
  'K-807': 'rules/bundle/judge-bundle.ts: a version that does not rise is refused',
};

/** What the catalogue made an error and is a warning here, and why. */
const Milder: Readonly<Record<string, string>> = {
  'C-222': 'allowances only add up: what others permit already does no harm, it only misleads',
  'M-313': 'a wider limit beside a narrow one may be an exception made on purpose',
  'M-329':
    'what sessions are granted for is no flow that is always open, and such data has a size limit already',
  'R-703': 'whether a bundle is for production is said by its second signature, not by the model',
  'R-705': 'nothing becomes an error by itself as days pass',
};

test('every lint of the first catalogue is looked for, under its code or another, or cannot come up', () => {
  const known = new Set(KnownCodes.map(({ code }) => code));
  const asked = Asked.flatMap(([family, first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => `${family}-${first + index}`),
  );
  expect(asked).toHaveLength(95);
  const missing = asked.filter((code) => !(code in Guaranteed) && !known.has(Elsewhere[code] ?? code));
  expect(missing).toEqual([]);
});

test('no code of the catalogue is used for what cannot come up', () => {
  const known = new Set(KnownCodes.map(({ code }) => code));
  expect(Object.keys(Guaranteed).filter((code) => known.has(code))).toEqual([]);
});

test('what is milder here than there is a warning', () => {
  const severities = Map.groupBy(KnownCodes, ({ code }) => code);
  for (const code of Object.keys(Milder))
    for (const { severity } of severities.get(code) ?? [])
      expect([code, severity]).toEqual([code, 'warning']);
});

test.for([
  ['a: *unknown', 'S-003', 'Aliases are bounded and known.'],
  ['owner: me\nownr: you', 'S-004', 'There is no key the model does not have.'],
  ['kind: ZoneModel', 'S-005', 'Nothing that is needed is missing.'],
  ['kind: 7', 'S-006', 'Values are of the form they need.'],
] as const)('the reader says of %j what the title of %s stands for', ([text, code, title]) => {
  const read = readModel(text, 'site.zones.yaml');
  expect(read.ok ? [] : read.findings.map((finding) => finding.code)).toContain(code);
  expect(KnownCodes.find((known) => known.code === code)?.title).toBe(title);
});
