import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from '../../../rules/record/codec.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { scanSegment } from '../../../rules/record/scan.ts';
import { encodeHeader, frameRecord, HeaderSize, MaxPayload } from '../../../rules/record/segment.ts';
import { arbitraryRecord } from './arbitrary-record.ts';

const header = { number: 7, firstSequence: 4_000_000_000_000, routine: true };
const records = fc.array(arbitraryRecord(), { minLength: 1, maxLength: 8 });

test('a segment gives back its header and its records', () => {
  fc.assert(
    fc.property(records, (written) => {
      const scan = scanSegment(segment(written));
      expect(scan.header).toEqual(header);
      expect(scan.fault).toBeUndefined();
      expect(scan.records.map(({ type, payload }) => decodeRecord(type, payload))).toEqual(
        written.map((record) => ({ ok: true, record })),
      );
    }),
  );
});

test('a segment cut anywhere gives the records that are whole, and says torn', () => {
  fc.assert(
    fc.property(records, fc.nat(), (written, seed) => {
      const whole = scanSegment(segment(written));
      const bytes = segment(written);
      const cut = seed % bytes.length;
      const scan = scanSegment(bytes.subarray(0, cut));
      const ends = whole.records.map((record) => record.offset + 9 + record.payload.length);
      const expected = cut < HeaderSize ? 0 : ends.filter((end) => end <= cut).length;
      expect(scan.records).toEqual(whole.records.slice(0, expected));
      const clean = cut === HeaderSize || ends.includes(cut);
      expect(scan.fault?.kind).toBe(clean ? undefined : 'torn');
      expect(scan.validBytes).toBeLessThanOrEqual(cut);
    }),
  );
});

test('every flipped bit is noticed, and what stands before it is kept', () => {
  fc.assert(
    fc.property(records, fc.nat(), (written, seed) => {
      const whole = scanSegment(segment(written));
      const bytes = segment(written);
      const bit = seed % (bytes.length * 8);
      const at = bit >> 3;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      const scan = scanSegment(bytes);
      const before = whole.records.filter((record) => record.offset + 9 + record.payload.length <= at);
      expect(scan.fault?.offset).toBe(at < HeaderSize ? 0 : whole.records[before.length]?.offset);
      expect(scan.records).toEqual(at < HeaderSize ? [] : before);
      const last = at >= HeaderSize && before.length === written.length - 1;
      expect(scan.fault?.kind).toBe(last ? 'torn' : 'damage');
    }),
  );
});

describe('the place and the kind of a fault', () => {
  const three = [act('one'), act('two'), act('three')];
  const second = scanSegment(segment(three)).records[1]?.offset ?? 0;

  test('zeros behind the last record, as a power cut leaves them, are a torn tail', () => {
    const bytes = segment(three);
    const scan = scanSegment(Uint8Array.of(...bytes, ...new Uint8Array(4096)));
    expect(scan.fault).toEqual({ kind: 'torn', offset: bytes.length, problem: 'the record has no type' });
    expect(scan.records).toHaveLength(3);
  });

  test('a changed payload byte in the middle is damage at that record', () => {
    const bytes = segment(three);
    bytes[second + 6] = (bytes[second + 6] ?? 0) ^ 0x10;
    expect(scanSegment(bytes).fault).toEqual({
      kind: 'damage',
      offset: second,
      problem: 'the record does not match its checksum',
    });
  });

  test('a length grown beyond the end of the file is damage when a good record follows', () => {
    const bytes = segment(three);
    bytes[second + 1] = 0x40;
    expect(scanSegment(bytes).fault).toEqual({
      kind: 'damage',
      offset: second,
      problem: 'the record is cut short',
    });
  });

  test('a length no record has is not waited for', () => {
    const bytes = segment(three);
    bytes[second + 3] = 0x7f;
    expect(scanSegment(bytes).fault?.problem).toBe('the length is beyond any record');
  });

  test('a file that is no segment has no records', () => {
    const scan = scanSegment(new TextEncoder().encode('#!/bin/sh\necho this is not evidence\n'));
    expect(scan).toEqual({
      header: undefined,
      records: [],
      validBytes: 0,
      fault: { kind: 'torn', offset: 0, problem: 'no segment file' },
    });
  });

  test('a segment of a later format is refused by its number', () => {
    const bytes = encodeHeader(header);
    expect(scanSegment(bytes).fault).toBeUndefined();
    bytes[8] = 2;
    expect(scanSegment(bytes).fault?.problem).toBe('the header does not match its checksum');
  });
});

test('bytes nobody wrote never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (tail) => {
      expect(scanSegment(Uint8Array.of(...encodeHeader(header), ...tail)).validBytes).toBeGreaterThan(0);
      expect(scanSegment(tail).records).toEqual([]);
    }),
  );
});

test('a payload no reader would take is not framed', () => {
  expect(() => frameRecord({ type: 1, payload: new Uint8Array(MaxPayload + 1) })).toThrow(RangeError);
});

function segment(written: readonly EvidenceRecord[]): Uint8Array {
  const frames = written.map((record) => frameRecord(encodeRecord(record)));
  return Uint8Array.of(...encodeHeader(header), ...frames.flatMap((frame) => [...frame]));
}

function act(why: string): EvidenceRecord {
  return { kind: 'act', at: 1_790_000_000_000, act: { kind: 'stopped', why } };
}
