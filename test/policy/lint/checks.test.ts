import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KnownCodes } from '../../../policy/codes.ts';
import { hasErrors } from '../../../policy/finding.ts';
import { type Judgement, judge } from '../../../policy/judge.ts';
import { Checks } from '../../../policy/lint/checks.ts';
import { readModel } from '../../../policy/model/read-model.ts';

test('every check says what it looks for, and why', () => {
  for (const { code, clause, title } of Checks) {
    expect(code).toMatch(/^[CEGMRTVZ]-\d{3}$/);
    expect(clause).not.toBe('');
    expect(title).toMatch(/^[A-Z].*\.$/);
  }
});

test('checks are listed by code', () => {
  const codes = Checks.map(({ code }) => code);
  expect([...codes].sort()).toEqual(codes);
});

test('no two checks look for the same thing', () => {
  expect(new Set(Checks.map(({ title }) => title)).size).toBe(Checks.length);
});

test('there are well over ninety things looked for, each with a code', () => {
  const codes = new Set(KnownCodes.map(({ code }) => code));
  expect(Checks.length).toBeGreaterThanOrEqual(90);
  expect(codes.size).toBeGreaterThanOrEqual(90);
});

const examples = ['waterworks', 'flat-network'];

test.for(examples)('%s is silent on the day it was made, but for what is waived with a reason', (name) => {
  const { findings, waived, policies } = judgeOn('2026-11-21T12:00:00Z', name);
  expect(findings).toEqual([]);
  expect(policies).toHaveLength(1);
  for (const { waiver } of waived) expect(waiver.reason.length).toBeGreaterThan(20);
});

test.for(examples)('%s stays free of errors on any day', (name) => {
  for (const day of ['2020-01-01T00:00:00Z', '2026-12-01T00:00:00Z', '2031-06-01T00:00:00Z'])
    expect(hasErrors(judgeOn(day, name, Date.parse(day)).findings)).toBe(false);
});

test('what has ended is said again, as a warning', () => {
  const { findings } = judgeOn('2027-05-01T00:00:00Z', 'waterworks');
  expect(findings.map(({ code, about, severity }) => [code, about, severity])).toEqual([
    ['R-706', 'riverside-wtp', 'warning'],
    ['R-711', 'riverside-wtp', 'warning'],
    ['C-223', 'C-05/F-03', 'warning'],
    ['C-206', 'C-06', 'warning'],
    ['V-401', 'pumpco', 'warning'],
    ['V-410', 'pumpco', 'warning'],
    ['V-417', 'pumpco', 'info'],
    ['R-705', 'pumpco', 'warning'],
    ['R-705', 'pumpco', 'warning'],
    ['R-713', 'C-06', 'info'],
    ['R-713', 'C-05/F-03', 'info'],
    ['R-705', 'riverside-wtp', 'warning'],
    ['R-705', 'riverside-wtp', 'warning'],
  ]);
});

test('an end counts from its very millisecond', () => {
  const codes = (day: string) =>
    judgeOn(day, 'waterworks')
      .findings.map(({ code }) => code)
      .filter((code) => code === 'C-206');
  expect(codes('2026-11-30T15:59:59.999Z')).toEqual([]);
  expect(codes('2026-11-30T16:00:00.000Z')).toEqual(['C-206']);
});

/** As `check` does; the validity of the bundle is not what these tests are about. */
function judgeOn(day: string, name: string, notBefore?: number): Judgement {
  const url = new URL(`../../../policy/examples/${name}.zones.yaml`, import.meta.url);
  const read = readModel(readFileSync(url, 'utf8'), `${name}.zones.yaml`);
  if (!read.ok) throw new Error('the example does not read');
  return judge(read.model, {
    now: Date.parse(day),
    observed: [],
    notBefore,
    modelDigest: new Uint8Array(32),
    compiler: 'test',
  });
}
