import { expect, test } from 'vitest';
import { digestOfCode, isCode, newCode } from '../../../gateway/accounts/one-time-codes.ts';

test('a code is known again however it is typed, and no other code is', () => {
  const digest = digestOfCode('4K7Q-0M21-XW3H-0VRT');
  for (const typed of ['4k7q0m21xw3h0vrt', '4K7Q OM2I XW3H OVRT', ' 4k7q-0m2l-xw3h-ovrt ']) {
    expect(isCode(typed, digest), typed).toBe(true);
  }
  for (const typed of ['', '4K7Q-0M21-XW3H-0VR', '4K7Q-0M21-XW3H-0VRTT', digest]) {
    expect(isCode(typed, digest), typed).toBe(false);
  }
});

test('no code fits where none was given', () => {
  for (const typed of ['', ' ', newCode()]) expect(isCode(typed, '')).toBe(false);
});

test('codes have 80 bits and are never alike', () => {
  const codes = Array.from({ length: 1_000 }, newCode);
  expect(new Set(codes).size).toBe(1_000);
  for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
});
