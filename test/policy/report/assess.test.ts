import { expect, test } from 'vitest';
import type { LiveStatus } from '../../../policy/report/facts.ts';
import { buildReport, type Report } from '../../../policy/report/report.ts';
import { SystemRequirements } from '../../../policy/report/requirements/catalogue.ts';
import { At, facts, goodStatus, siteText } from './reported.ts';

function withStatus(change: Partial<LiveStatus> | undefined, text = siteText()): Report {
  const digest = facts(text).facts.compiled[0]?.digest ?? '';
  const { model, facts: known } = facts(text, {
    statuses: change === undefined ? [] : [goodStatus(digest, change)],
  });
  return buildReport(model, known);
}

function statusOf(report: Report, zone: string, sr: string) {
  return report.zones.find(({ id }) => id === zone)?.requirements.find((one) => one.sr === sr);
}

function met(report: Report): readonly string[] {
  return report.zones.flatMap(({ id, requirements }) =>
    requirements.filter(({ status }) => status === 'met').map(({ sr }) => `${id} ${sr}`),
  );
}

test('the catalogue has 51 requirements in seven families', () => {
  const families = Map.groupBy(SystemRequirements, ({ fr }) => fr);
  expect([...families].map(([fr, all]) => `${fr} ${all.length}`)).toEqual([
    'IAC 13',
    'UC 12',
    'SI 9',
    'DC 3',
    'RDF 4',
    'TRE 2',
    'RA 8',
  ]);
  expect(new Set(SystemRequirements.map(({ sr }) => sr)).size).toBe(51);
});

test('what public sources disagree on is marked', () => {
  const disputed = SystemRequirements.filter((one) => one.disputed !== '').map(({ sr }) => sr);
  expect(disputed).toEqual(['2.2', '2.3', '3.4', '4.1', '5.2', '5.4', '6.2']);
});

test('all 51 are listed for every zone', () => {
  for (const { requirements } of withStatus({}).zones) {
    expect(requirements.map(({ sr }) => sr)).toEqual(SystemRequirements.map(({ sr }) => sr));
  }
});

test('nothing is met without a live check', () => {
  expect(met(withStatus(undefined))).toEqual([]);
});

test('what is met names a live check with its value and its time', () => {
  const report = withStatus({});
  expect(met(report)).toContain('dmz 5.2');
  for (const { requirements } of report.zones) {
    for (const { status, live } of requirements) {
      if (status !== 'met') continue;
      expect(live.length).toBeGreaterThan(0);
      for (const text of live) expect(text).toMatch(/digest|table.*\(gw, 2026-11-21 11:59 UTC\)/);
    }
  }
});

test.for<[string, Partial<LiveStatus>]>([
  ['another policy is in force', { policyDigest: 'ab'.repeat(32) }],
  ['no policy is in force', { policyVersion: 0, policyDigest: '' }],
  [
    'somebody changed the table',
    { alarms: [{ code: 'TABLE_CHANGED', sentence: 'Somebody changed the kernel table: one rule.' }] },
  ],
  ['it is not confirmed yet', { alarms: [{ code: 'UNCONFIRMED', sentence: 'It goes back in 60 s.' }] }],
  ['the back end filters no packets', { backEnd: 'proxy' }],
  ['the gateway said so two days ago', { now: At - 2 * 86_400_000 }],
  ['it is another gateway that spoke', { gateway: 'other' }],
])('nothing is met when %s', ([, change]) => {
  expect(met(withStatus(change))).toEqual([]);
});

test('a failing live check is quoted, not left out', () => {
  const found = statusOf(
    withStatus({ alarms: [{ code: 'CLOCK', sentence: 'The clock is not synchronised.' }] }),
    'pumps',
    '2.11',
  );
  expect(found?.status).toBe('partly');
  expect(found?.live.join()).toMatch(/^failing: The clock is not synchronised/);
});

test('a way past the gateways keeps a boundary from being met, and is named', () => {
  const found = statusOf(withStatus({}), 'pumps', '5.2');
  expect(found?.status).toBe('partly');
  expect(found?.open).toContain('meter (serial) carries data past the gateways');
  const bridged = statusOf(withStatus({}), 'office', '5.2');
  expect(bridged?.open.join()).toContain('tablet has a leg in another zone as well');
});

test('what lets pass the undeclared keeps a boundary from being met', () => {
  const text = siteText()
    .replace('    one_way: true\n', '    stage: {audit_until: 2026-12-24T00:00:00Z, undeclared: pass}\n')
    .replace('proto: udp, port: 514}', 'proto: tcp, port: 6514}');
  expect(met(withStatus({}, text))).not.toContain('dmz 5.2');
  expect(statusOf(withStatus({}, text), 'dmz', '5.2')?.open.join()).toContain('C-2 is on trial');
});

test('a vector decides per foundational requirement', () => {
  const report = withStatus({});
  // DC is 0 and TRE 1 in the vector of supervision, whose level is 2.
  expect(statusOf(report, 'supervision', '4.1')?.status).toBe('not selected');
  expect(statusOf(report, 'supervision', '2.11')?.status).toBe('partly');
  const { levels } = report.zones.find(({ id }) => id === 'supervision') ?? {};
  expect(levels?.rows.map(({ fr, target }) => `${fr} ${target}`)).toEqual([
    'IAC 2',
    'UC 2',
    'SI 2',
    'DC 0',
    'RDF 2',
    'TRE 1',
    'RA 2',
  ]);
});

test('a gap between SL-T and SL-C names the assets that are below', () => {
  const { levels } = withStatus({}).zones.find(({ id }) => id === 'supervision') ?? {};
  const row = levels?.rows.find(({ fr }) => fr === 'UC');
  expect(row).toMatchObject({ target: 2, capability: 1, below: ['scada'] });
  expect(levels).toMatchObject({ capable: 1, assets: 2 });
});

test('an asset rated per requirement is compared per requirement', () => {
  const text = siteText().replace('sl_c: {level: 2}', 'sl_c: {level: 2, vector: {UC: 1}}');
  const { levels } = withStatus({}, text).zones.find(({ id }) => id === 'dmz') ?? {};
  expect(levels?.hasVector).toBe(true);
  expect(levels?.rows.filter(({ below }) => below.length > 0).map(({ fr }) => fr)).toEqual(['UC']);
});

test('mail into a zone keeps SR 5.3 from being met', () => {
  const text = siteText().replace('dst: logs, proto: tcp, port: 443}', 'dst: logs, proto: tcp, port: 25}');
  expect(met(withStatus({}))).toContain('dmz 5.3');
  expect(met(withStatus({}, text))).not.toContain('dmz 5.3');
});
