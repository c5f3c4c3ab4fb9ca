import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { formatFinding } from '../../../policy/finding.ts';
import { Checks } from '../../../policy/lint/checks.ts';
import { lint } from '../../../policy/lint/lint.ts';
import { readModel } from '../../../policy/model/read-model.ts';

const golden = fileURLToPath(new URL('../../golden/lint/', import.meta.url));
const now = Date.parse('2026-11-21T12:00:00Z');

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
  const known = new Set([...readerCodes, ...Checks.map(({ code }) => code)]);
  const outputs = readdirSync(`${golden}err`)
    .filter((name) => name.endsWith('.out'))
    .map((name) => readFileSync(`${golden}err/${name}`, 'utf8'));
  const seen = new Set(outputs.join('').match(/(?<= )[A-Z]-\d{3}(?= )/g));
  expect([...known].sort()).toEqual([...seen].sort());
});

function findingsOf(folder: string, name: string): string {
  const read = readModel(readFileSync(`${golden}${folder}/${name}`, 'utf8'), name);
  const findings = read.ok ? [...read.findings, ...lint(read.model, { now, observed: [] })] : read.findings;
  return findings.map((finding) => `${formatFinding(finding)}\n`).join('');
}

function modelsIn(folder: string): string[] {
  return readdirSync(golden + folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
}
