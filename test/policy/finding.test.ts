import { expect, test } from 'vitest';
import { type Finding, formatFinding, hasErrors, type Severity, sortFindings } from '../../policy/finding.ts';

test('a finding is one line: place, code, message, hint', () => {
  expect(formatFinding(finding('error', 12, 5))).toBe('a.yaml:12:5 Z-108 Something is wrong. Mend it.');
});

test('a warning and an info say that they are', () => {
  expect(formatFinding(finding('warning', 1, 1))).toBe(
    'a.yaml:1:1 Z-108 warning: Something is wrong. Mend it.',
  );
  expect(formatFinding(finding('info', 1, 1))).toContain(' info: ');
});

test('findings are sorted by place, then code, whatever order the checks ran in', () => {
  const sorted = [finding('error', 1, 2), finding('error', 1, 10), finding('error', 2, 1)];
  expect(sortFindings([...sorted].reverse())).toEqual(sorted);
});

test('sorting leaves the given list alone', () => {
  const given = [finding('error', 2, 1), finding('error', 1, 1)];
  sortFindings(given);
  expect(given[0]?.line).toBe(2);
});

test('only errors forbid a bundle', () => {
  expect(hasErrors([finding('warning', 1, 1), finding('info', 1, 1)])).toBe(false);
  expect(hasErrors([finding('warning', 1, 1), finding('error', 2, 1)])).toBe(true);
});

function finding(severity: Severity, line: number, col: number): Finding {
  return {
    code: 'Z-108',
    severity,
    about: 'plc-1',
    clause: '62443-3-2 ZCR 6.3',
    message: 'Something is wrong.',
    hint: 'Mend it.',
    file: 'a.yaml',
    line,
    col,
  };
}
