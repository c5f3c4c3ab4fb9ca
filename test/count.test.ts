import { expect, test } from 'vitest';
import { countReport } from './count.ts';

const report = JSON.stringify({
  testResults: [
    {
      status: 'passed',
      assertionResults: [
        { status: 'passed', tags: [] },
        { status: 'passed', tags: ['deep'] },
        { status: 'skipped', tags: [] },
        { status: 'skipped', tags: ['deep'] },
        { status: 'todo', tags: [] },
      ],
    },
    { status: 'failed', assertionResults: [{ status: 'failed', tags: [] }] },
    { status: 'failed', assertionResults: [] },
  ],
});

test('a deep test that was not asked for is left out, one that was is skipped', () => {
  expect(countReport(report, true)).toEqual({ passed: 2, failed: 2, skipped: 2, leftOut: 1 });
  expect(countReport(report, false)).toEqual({ passed: 2, failed: 2, skipped: 3, leftOut: 0 });
});

test.for(['', '{}', '[', '{"testResults": [{}]}'])('the report %j is a failure', (text) => {
  expect(countReport(text, true)).toMatchObject({ passed: 0, failed: 1 });
});
