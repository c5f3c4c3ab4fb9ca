import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Checks } from '../../../policy/lint/checks.ts';
import { lint } from '../../../policy/lint/lint.ts';
import { readModel } from '../../../policy/model/read-model.ts';

test('every check says what it looks for, and why', () => {
  for (const { code, clause, title } of Checks) {
    expect(code).toMatch(/^[CEGMVZ]-\d{3}$/);
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

test.for(['waterworks', 'flat-network'])('%s is silent on the day it was made', (name) => {
  expect(findingsOn('2026-11-21T12:00:00Z', name)).toEqual([]);
});

test.for(['waterworks', 'flat-network'])('%s stays free of errors on any day', (name) => {
  for (const day of [
    '2020-01-01T00:00:00Z',
    '2026-12-01T00:00:00Z',
    '2031-06-01T00:00:00Z',
    '2099-12-31T23:59:59Z',
  ])
    expect(findingsOn(day, name).filter(({ severity }) => severity === 'error')).toEqual([]);
});

test('after its end the temporary conduit and the audit stage are warnings', () => {
  expect(
    findingsOn('2027-04-01T00:00:00Z', 'waterworks').map(({ code, severity }) => [code, severity]),
  ).toEqual([
    ['C-223', 'warning'],
    ['C-206', 'warning'],
  ]);
});

test('an end counts from its very millisecond', () => {
  const codes = (day: string) => findingsOn(day, 'waterworks').map(({ code }) => code);
  expect(codes('2026-11-30T15:59:59.999Z')).toEqual([]);
  expect(codes('2026-11-30T16:00:00.000Z')).toEqual(['C-206']);
});

function findingsOn(day: string, name: string) {
  const url = new URL(`../../../policy/examples/${name}.zones.yaml`, import.meta.url);
  const read = readModel(readFileSync(url, 'utf8'), `${name}.zones.yaml`);
  if (!read.ok) throw new Error('the example does not read');
  return [...read.findings, ...lint(read.model, { now: Date.parse(day), observed: [] })];
}
