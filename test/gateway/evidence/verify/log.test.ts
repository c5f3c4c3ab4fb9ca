import { expect, test } from 'vitest';
import { isBroken } from '../../../../gateway/evidence/verify/finding.ts';
import { verdictOf, writeLog } from './written-log.ts';

const log = await writeLog();

test('a log of several sessions is whole, and it is told how far it needs no trust in the box', async () => {
  const verdict = await verdictOf(log.directory, log);
  expect(verdict.findings.filter(isBroken)).toEqual([]);
  expect(verdict.findings).toEqual([]);
  expect(verdict.sessions).toBe(4);
  expect(verdict.histories).toEqual([
    {
      origin: log.trust.key.name,
      base: 0,
      size: verdict.records,
      signedSize: verdict.records,
      witnessedSize: log.witnessedSize,
      witnesses: ['auditor-usb-3'],
    },
  ]);
});
