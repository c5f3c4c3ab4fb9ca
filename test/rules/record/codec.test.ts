import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from '../../../rules/record/codec.ts';
import descriptor from '../../../rules/record/record.json' with { type: 'json' };
import { arbitraryRecord } from './arbitrary-record.ts';
import { recordDescriptor } from './descriptor-source.ts';

test('the descriptor is that of record.proto', () => {
  expect(JSON.parse(recordDescriptor())).toEqual(descriptor);
});

test('what is written is read back the same', () => {
  fc.assert(
    fc.property(arbitraryRecord(), (record) => {
      const { type, payload } = encodeRecord(record);
      expect(decodeRecord(type, payload)).toEqual({ ok: true, record });
    }),
  );
});

test('bytes that are no record are told and never thrown', () => {
  fc.assert(
    fc.property(fc.nat({ max: 255 }), fc.uint8Array({ maxLength: 200 }), (type, payload) => {
      expect(decodeRecord(type, payload)).toHaveProperty('ok');
    }),
  );
});

test('a record of a later release is named by its type', () => {
  expect(decodeRecord(99, new Uint8Array())).toEqual({
    ok: false,
    problem: 'record type 99 is not known here',
  });
});

test('an act this release does not know is not taken for one it does', () => {
  expect(decodeRecord(4, Uint8Array.of(0x08, 0x01)).ok).toBe(false);
});
