import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatMessage, frameMessage, isTold } from '../../../gateway/syslog/message.ts';
import { requirementOf } from '../../../gateway/syslog/requirement.ts';
import type { Act } from '../../../rules/record/record.ts';
import { arbitraryRecord } from '../../rules/record/arbitrary-record.ts';
import { connectionRecord, noon, refusalRecord } from '../evidence/samples.ts';
import { beginning, makePasskey, session } from '../evidence/verify/sessions.ts';

const sender = { host: 'gw-1', site: 'waterworks' };

test('a refusal is a warning with its sequence, requirement, reason and sentence', () => {
  expect(formatMessage(812, refusalRecord(), sender)).toBe(
    '<108>1 2026-10-06T12:00:00.000Z gw-1 penstock - refusal [penstock@32473 seq="812" sr="7.7" site="waterworks" ' +
      'reason="fc-not-allowed" conduit="C-05"] \ufeffrefuse hmi-1 10.20.0.11:49152 -> plc-dosing 10.30.0.12:502 ' +
      'C-05/F-02 WRITE holding 40141: 900: fc-not-allowed (waterworks.zones.yaml:123). ' +
      'The function code is not permitted on this flow.',
  );
});

test('every message has the form of RFC 5424, whatever stands in the record', () => {
  const form =
    /^<(\d{1,3})>1 (?:-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) [\x21-\x7e]{1,255} penstock - [\x21-\x7e]{1,32} \[penstock@32473( [a-z]+="([^"\\\]]|\\["\\\]])*")+\] \ufeff[^\r\n]*$/u;
  fc.assert(
    fc.property(arbitraryRecord(), fc.string({ unit: 'grapheme' }), (record, site) => {
      expect(formatMessage(1, record, { host: 'gw 1', site })).toMatch(form);
    }),
    { numRuns: 300 },
  );
});

test('the frame counts bytes and not letters', () => {
  expect(frameMessage('→').toString()).toBe('3 →');
});

test('each record of a session names its requirement, and the grant it belongs to', () => {
  const passkey = makePasskey();
  for (const record of session({ grant: 'G-AAAA', at: 0, passkey })) {
    expect(formatMessage(1, record, sender)).toMatch(
      / sr="\d\.\d+( RE\d)?" site="waterworks" grant="G-AAAA"/,
    );
  }
  for (const record of beginning(passkey)) expect(requirementOf(record)).toMatch(/^\d\.\d+( RE\d)?$/);
});

describe('how grave it is', () => {
  test.for<[number, Act]>([
    [1, { kind: 'alarmChanged', code: 'X', sentence: 'x', raised: true }],
    [5, { kind: 'alarmChanged', code: 'X', sentence: 'x', raised: false }],
    [2, { kind: 'damage', segment: 1, offset: 2, problem: 'x' }],
    [4, { kind: 'signInRefused', account: '', source: '', why: '', count: 3 }],
    [5, { kind: 'signedIn', account: 'ada', session: '', source: '', means: 'totp' }],
  ])('%i for %o', ([severity, act]) => {
    expect(formatMessage(1, { kind: 'act', at: noon, act }, sender)).toMatch(
      new RegExp(`^<${13 * 8 + severity}>`),
    );
  });
});

test('what the plant does all day is not told', () => {
  expect([refusalRecord(), connectionRecord('a')].map(isTold)).toEqual([true, false]);
});
