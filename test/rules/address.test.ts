import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  comparePrefixes,
  contains,
  formatAddress,
  formatPrefix,
  isHost,
  overlaps,
  type Prefix,
  parseAddress,
  parseAddressOnNetwork,
  parsePrefix,
} from '../../rules/address.ts';

const prefix = (text: string): Prefix => {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`test prefix ${text}`);
  return parsed;
};

test.for([
  ['10.20.0.10', '10.20.0.10/32'],
  ['10.20.0.0/24', '10.20.0.0/24'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['255.255.255.255', '255.255.255.255/32'],
  ['FD00:0::1', 'fd00::1/128'],
  ['fd00::/64', 'fd00::/64'],
  ['::/0', '::/0'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
])('%s is written %s', ([text, canonical]) => {
  expect(formatPrefix(prefix(text!))).toBe(canonical);
});

test.for([
  ['host bits', '10.20.0.1/24'],
  ['IPv6 host bits', 'fd00::1/64'],
  ['octal', '010.20.0.1'],
  ['hexadecimal', '0x0a.0.0.1'],
  ['a shortened address', '10.1'],
  ['a number', '167772161'],
  ['a zone index', 'fe80::1%eth0'],
  ['IPv4 in IPv6 clothes', '::ffff:10.0.0.1'],
  ['IPv4 in IPv6 clothes, hexadecimal', '::ffff:a00:1'],
  ['too long a length', '10.0.0.0/33'],
  ['a length with a leading zero', '10.0.0.0/08'],
  ['a netmask', '10.0.0.0/255.0.0.0'],
  ['nothing', ''],
  ['a name', 'plc-1'],
  ['a blank', '10.0.0.1 '],
])('%s is refused', ([, text]) => {
  expect(parsePrefix(text!)).toBeUndefined();
});

test('an address of the box keeps its host bits and knows its network', () => {
  const own = parseAddressOnNetwork('10.40.0.1/28');
  expect(own && formatAddress(own.address)).toBe('10.40.0.1');
  expect(own && formatPrefix(own.network)).toBe('10.40.0.0/28');
  expect(parseAddressOnNetwork('10.40.0.1')).toBeUndefined();
});

test('a single address has no prefix length', () => {
  expect(parseAddress('10.0.0.1/32')).toBeUndefined();
  expect(isHost(prefix('10.0.0.1'))).toBe(true);
  expect(isHost(prefix('10.0.0.0/31'))).toBe(false);
});

test('containment and overlap never cross the families', () => {
  expect(contains(prefix('0.0.0.0/0'), prefix('::1'))).toBe(false);
  expect(overlaps(prefix('0.0.0.0/0'), prefix('::/0'))).toBe(false);
  expect(contains(prefix('10.0.0.0/8'), prefix('10.20.0.0/24'))).toBe(true);
  expect(contains(prefix('10.20.0.0/24'), prefix('10.0.0.0/8'))).toBe(false);
  expect(overlaps(prefix('10.20.0.0/24'), prefix('10.20.1.0/24'))).toBe(false);
});

const anyPrefix = fc.oneof(
  fc.tuple(fc.bigInt(0n, 2n ** 32n - 1n), fc.integer({ min: 0, max: 32 })).map(([a, n]) => made(4, a, n)),
  fc.tuple(fc.bigInt(0n, 2n ** 128n - 1n), fc.integer({ min: 0, max: 128 })).map(([a, n]) => made(6, a, n)),
);

test('reading what was written gives the same prefix', () => {
  fc.assert(
    fc.property(anyPrefix, (one) => {
      fc.pre(!(one.family === 6 && one.first >> 32n === 0xffffn));
      expect(parsePrefix(formatPrefix(one))).toEqual(one);
    }),
  );
});

test('two blocks overlap exactly when one contains the other', () => {
  fc.assert(
    fc.property(anyPrefix, anyPrefix, (one, other) => {
      expect(overlaps(one, other)).toBe(contains(one, other) || contains(other, one));
    }),
  );
});

test('the order is total and zero only between equals', () => {
  fc.assert(
    fc.property(anyPrefix, anyPrefix, (one, other) => {
      expect(Math.sign(comparePrefixes(one, other))).toBe(-Math.sign(comparePrefixes(other, one)) + 0);
      expect(comparePrefixes(one, other) === 0).toBe(formatPrefix(one) === formatPrefix(other));
    }),
  );
});

function made(family: 4 | 6, address: bigint, length: number): Prefix {
  const size = BigInt((family === 4 ? 32 : 128) - length);
  const first = (address >> size) << size;
  return { family, first, last: first + (1n << size) - 1n, length };
}
