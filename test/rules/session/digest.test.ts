import fc from 'fast-check';
import { expect, test } from 'vitest';
import { approvalChallenge, digestOf, requestText, shortCode } from '../../../rules/session/digest.ts';
import { request, sha256 } from './sample-grant.ts';

test('the text of a request is what it always was', () => {
  expect(requestText(request)).toBe(
    '["penstock/grant/1",["riverside-wtp","cgw-01","G-7F3K92QD"],' +
      '["pumpco","service-1","service-1",["pumpco/plc-dosing.502"],"tls","The dosing pump stops at low flow.","CHG-2001"],' +
      `[7200000,0,1800000000000],[42,"${'11'.repeat(32)}"]]`,
  );
});

test('no two requests that differ in anything have one digest', () => {
  const digests = new Set([digestOf(request, sha256)]);
  const changes = Object.entries(request).map(([key, value]) => ({
    ...request,
    [key]: typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}x` : [...value, 'x'],
  }));
  for (const changed of changes) digests.add(digestOf(changed, sha256));
  expect(digests.size).toBe(Object.keys(request).length + 1);
});

test('no field runs into the next', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (one, two, three, four) => {
      fc.pre(one !== three || two !== four);
      const first = requestText({ ...request, reason: one, ticket: two });
      expect(first).not.toBe(requestText({ ...request, reason: three, ticket: four }));
    }),
  );
});

test('an approval cannot be handed on as a break-glass', () => {
  const digest = digestOf(request, sha256);
  const [one, other] = (['approve', 'break-glass'] as const).map((purpose) =>
    Buffer.from(approvalChallenge(purpose, digest, sha256)).toString('hex'),
  );
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(one).not.toBe(other);
});

test('the short code has no letter that is heard as another', () => {
  expect(shortCode('0000000000ff')).toBe('0000-0000');
  expect(shortCode('ffffffffff00')).toBe('ZZZZ-ZZZZ');
  expect(shortCode('39d1348adc')).toBe('778K-92PW');
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), (digest) => {
      expect(shortCode(digest)).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    }),
  );
});
