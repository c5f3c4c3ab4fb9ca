import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '../../../rules/record/crc32c.ts';

/** RFC 3720 B.4; the sums stand there in wire order, lowest byte first. */
const vectors = [
  {
    name: '32 bytes of zeros',
    bytes: new Uint8Array(32),
    sum: 0x8a9136aa,
  },
  {
    name: '32 bytes of ones',
    bytes: new Uint8Array(32).fill(0xff),
    sum: 0x62a8ab43,
  },
  {
    name: '32 bytes of incrementing 00..1f',
    bytes: Uint8Array.from({ length: 32 }, (_, index) => index),
    sum: 0x46dd794e,
  },
  {
    name: '32 bytes of decrementing 1f..00',
    bytes: Uint8Array.from({ length: 32 }, (_, index) => 31 - index),
    sum: 0x113fdb5c,
  },
  {
    name: 'an iSCSI SCSI Read (10) command PDU',
    bytes: Buffer.from(
      '01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000',
      'hex',
    ),
    sum: 0xd9963a56,
  },
];

test.for(vectors)('the sum of $name is that of RFC 3720', ({ bytes, sum }) => {
  expect(crc32c(bytes)).toBe(sum);
});

test('a sum may be made in any two parts', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      const whole = Uint8Array.of(...first, ...second);
      expect(crc32c(second, crc32c(first))).toBe(crc32c(whole));
    }),
  );
});
