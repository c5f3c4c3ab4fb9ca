import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Finding, formatFinding, sortFindings } from '../../../policy/finding.ts';
import { Checks } from '../../../policy/lint/checks.ts';
import { lint } from '../../../policy/lint/lint.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import { applyWaivers, WaiverCodes } from '../../../policy/waiver.ts';
import type { Observation } from '../../../rules/observation.ts';

const golden = fileURLToPath(new URL('../../golden/lint/', import.meta.url));
const now = Date.parse('2026-11-21T12:00:00Z');

/**
 * What a model of thirty lines lacks whatever it is about: texts, owners, tests. It is said only in the files named
 * for it; everything else is said of every file.
 */
const Completeness: ReadonlySet<string> = new Set([
  ...['C-205', 'C-212', 'C-220', 'C-222', 'C-224', 'C-229', 'C-233'],
  ...['E-503', 'E-505', 'E-508', 'E-509', 'E-510', 'E-511'],
  ...['M-327', 'M-328', 'M-329', 'M-330', 'M-332', 'M-334'],
  ...['R-702', 'R-703', 'R-706', 'R-708', 'R-711', 'R-715', 'R-719'],
  ...['T-601', 'T-602', 'T-607'],
  ...['V-405', 'V-406', 'V-407', 'V-410', 'V-411', 'V-412', 'V-414', 'V-416', 'V-417'],
  ...['Z-113', 'Z-116', 'Z-118', 'Z-123', 'Z-124', 'Z-125', 'Z-126', 'Z-127', 'Z-128', 'Z-129'],
]);

describe('models in ok/ are silent', () => {
  test.for(modelsIn('ok'))('%s', (name) => {
    expect(findingsOf('ok', name)).toBe('');
  });
});

describe('models in err/ give exactly the lines of their .out', () => {
  test.for(modelsIn('err'))('%s', async (name) => {
    const expected = `${golden}err/${name.replace(/yaml$/, 'out')}`;
    expect(existsSync(expected)).toBe(true);
    const actual = findingsOf('err', name);
    expect(actual).not.toBe('');
    await expect(actual).toMatchFileSnapshot(expected);
  });
});

test('every code there is stands in some .out', () => {
  const readerCodes = [
    'S-001',
    'S-002',
    'S-003',
    'S-004',
    'S-005',
    'S-006',
    'S-007',
    'N-001',
    'N-002',
    'N-003',
  ];
  const known = new Set([...readerCodes, ...Checks.map(({ code }) => code), ...Object.keys(WaiverCodes)]);
  const outputs = readdirSync(`${golden}err`)
    .filter((name) => name.endsWith('.out'))
    .map((name) => readFileSync(`${golden}err/${name}`, 'utf8'));
  const seen = new Set(outputs.join('').match(/(?<= )[A-Z]-\d{3}(?= )/g));
  expect([...known].sort()).toEqual([...seen].sort());
});

test('every check speaks in some .out, not only every code', () => {
  const spoken = new Set<string>();
  for (const name of modelsIn('err')) {
    const read = readModel(readFileSync(`${golden}err/${name}`, 'utf8'), name);
    const out = readFileSync(`${golden}err/${name.replace(/yaml$/, 'out')}`, 'utf8');
    if (!read.ok) continue;
    const circumstances = { now, observed: observedBeside('err', name) };
    for (const { title, run } of Checks)
      if (run(read.model, circumstances).some(({ message }) => out.includes(message))) spoken.add(title);
  }
  expect(Checks.filter(({ title }) => !spoken.has(title)).map(({ title }) => title)).toEqual([]);
});

test('every check has a model with the defect and the same model mended', () => {
  const [wrong, mended] = [codesIn('err'), codesIn('ok')];
  const lacking = [...new Set(Checks.map(({ code }) => code))].filter(
    (code) => !wrong.has(code) || !mended.has(code),
  );
  expect(lacking).toEqual([]);
});

test('a mended model differs from the one with the defect', () => {
  const both = modelsIn('ok').filter((name) => existsSync(`${golden}err/${name}`));
  const texts = (folder: string, name: string) => [
    readFileSync(`${golden}${folder}/${name}`, 'utf8'),
    observedBeside(folder, name),
  ];
  for (const name of both) expect(texts('ok', name)).not.toEqual(texts('err', name));
});

function findingsOf(folder: string, name: string): string {
  const read = readModel(readFileSync(`${golden}${folder}/${name}`, 'utf8'), name);
  const own = codeOf(name);
  const shown = ({ code }: Finding) => code === own || !Completeness.has(code);
  const said = read.ok
    ? [...read.findings, ...lint(read.model, { now, observed: observedBeside(folder, name) })]
    : read.findings;
  const left = read.ok ? applyWaivers(read.model, said, now, new Set()).findings : said;
  return sortFindings(left.filter(shown))
    .map((finding) => `${formatFinding(finding)}\n`)
    .join('');
}

/** What the gateway of such a model observed, in a file beside it. */
function observedBeside(folder: string, name: string): readonly Observation[] {
  const file = `${golden}${folder}/${name.replace(/yaml$/, 'observed.json')}`;
  return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')) as Observation] : [];
}

function codesIn(folder: string): ReadonlySet<string> {
  return new Set(modelsIn(folder).map(codeOf));
}

function codeOf(name: string): string {
  return /^[A-Z]-\d{3}/.exec(name)?.[0] ?? '';
}

function modelsIn(folder: string): string[] {
  return readdirSync(golden + folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
}
