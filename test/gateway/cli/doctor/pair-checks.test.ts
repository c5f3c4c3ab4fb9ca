import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkPair } from '../../../../gateway/cli/doctor/pair-checks.ts';
import { rootWith } from '../../../hardware/fixture.ts';
import { compileText } from '../../../policy/compile/compile-text.ts';

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const { policies } = compileText(read('test/golden/compile/pair/zones.yaml'));
const left = policies.get('left') ?? { nft: '' };

const programs = {
  'usr/sbin/keepalived': '',
  'usr/sbin/conntrackd': '',
  'etc/keepalived/keepalived.conf': read('hardware/pair/keepalived.conf'),
  'etc/conntrackd/conntrackd.conf': '',
};
const scripts = { 'opt/penstock/pair/check.sh': '', 'opt/penstock/pair/takeover.sh': '' };

test('a box that is one of a pair and set up for it is good', () => {
  expect(checkPair(left, rootWith({ ...programs, ...scripts }))).toMatchObject([
    { code: 'pair', state: 'good' },
  ]);
});

test('one that would fall out of its pair unnoticed is told what is missing', () => {
  expect(checkPair(left, rootWith(programs))).toMatchObject([
    { state: 'note', found: 'missing: /opt/penstock/pair/check.sh, /opt/penstock/pair/takeover.sh' },
  ]);
  expect(checkPair(left, rootWith(scripts))).toMatchObject([
    { state: 'note', found: expect.stringContaining('/etc/keepalived/keepalived.conf') },
  ]);
});

test('a box that stands alone is not asked', () => {
  const alone = compileText(read('test/system/flat.zones.yaml')).policies.get('cgw-flat') ?? left;
  expect(checkPair(alone, rootWith({}))).toEqual([]);
});
