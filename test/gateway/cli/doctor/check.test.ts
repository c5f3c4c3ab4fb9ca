import { describe, expect, test } from 'vitest';
import {
  type Check,
  good,
  lacking,
  type Need,
  note,
  obstacles,
} from '../../../../gateway/cli/doctor/check.ts';
import { formatAbility, formatChecks } from '../../../../gateway/cli/doctor/text.ts';

const lack = (neededBy: Need): Check => lacking('thing', 'Thing', 'none', neededBy, 'It matters.', 'Get it.');

describe('a back end is kept from running', () => {
  test.for([
    { need: 'kernel', configured: 'proxy', kernel: 1, proxy: 0 },
    { need: 'both', configured: undefined, kernel: 1, proxy: 1 },
    { need: 'configured', configured: 'kernel', kernel: 1, proxy: 0 },
    { need: 'configured', configured: 'proxy', kernel: 0, proxy: 1 },
    { need: 'configured', configured: undefined, kernel: 0, proxy: 0 },
    { need: 'none', configured: 'kernel', kernel: 0, proxy: 0 },
  ] as const)('by what $need needs, with $configured configured', ({ need, configured, kernel, proxy }) => {
    const checks = [lack(need), good('other', 'Other', 'there'), note('weak', 'Weak', 'x', 'y', 'z')];
    expect(obstacles(checks, 'kernel', configured)).toHaveLength(kernel);
    expect(obstacles(checks, 'proxy', configured)).toHaveLength(proxy);
  });
});

test('the table says more only where something is not good', () => {
  expect(formatChecks([good('node', 'Node', 'v24'), lack('both')])).toBe(
    [
      'ok     Node   v24',
      'lacks  Thing  none',
      `${' '.repeat(14)}It matters.`,
      `${' '.repeat(14)}Get it.`,
    ].join('\n'),
  );
});

test('the last lines say what can be enforced, and why not', () => {
  expect(formatAbility('proxy', [])).toBe('proxy back end   yes');
  expect(formatAbility('kernel', [lack('kernel')])).toBe('kernel back end  no: Thing (none)');
});
