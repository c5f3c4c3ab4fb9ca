import { expect, test } from 'vitest';
import { checkRights, readRights } from '../../../../gateway/cli/doctor/rights.ts';

const status = (uid: number, effective: string): string =>
  `Name:\tnode\nUid:\t1000\t${uid}\t${uid}\t${uid}\nCapInh:\t0000000000000000\nCapEff:\t${effective}\n`;

test('root with everything can hand the rights out', () => {
  const rights = readRights(status(0, '000001ffffffffff'));
  expect(rights.isRoot).toBe(true);
  expect(checkRights(rights).state).toBe('good');
});

test('root of a container without the network is told what it lacks', () => {
  // What a container engine gives its root by default.
  const check = checkRights(readRights(status(0, '00000000a80425fb')));
  expect(check).toMatchObject({ state: 'lacking', neededBy: 'kernel', found: 'root without CAP_NET_ADMIN' });
  expect(check.remedy).toContain('CAP_NET_ADMIN');
});

test('an ordinary user has no rights, whatever its name', () => {
  const rights = readRights(status(1000, '0000000000000000'));
  expect(rights.effective.size).toBe(0);
  expect(checkRights(rights)).toMatchObject({ state: 'lacking', found: 'not root' });
});

test('a status without a line of capabilities gives none', () => {
  expect(readRights('').effective.size).toBe(0);
});
