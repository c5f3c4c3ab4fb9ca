import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  firstGroup,
  groupFile,
  groupLength,
  groupRecord,
  nextGroup,
} from '../../../../rules/modbus/message/file-groups.ts';
import { parseRequest } from '../../../../rules/modbus/message/parse-request.ts';
import { createRequest, type Request } from '../../../../rules/modbus/message/request.ts';
import { adu, aduOf, type FileGroup, read, readFile, writeFile } from '../request-builders.ts';

const group = fc.record({
  file: fc.integer({ min: 1, max: 0xffff }),
  record: fc.integer({ min: 0, max: 9900 }),
  length: fc.integer({ min: 1, max: 10 }),
});

test('every group of a read is seen, in order', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 11 }), (groups) => {
      expect(groupsOf(parsed(aduOf(readFile(groups))))).toEqual(groups);
    }),
  );
});

test('every group of a write is seen, in order, whatever its data looks like', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 8 }), (groups) => {
      const written = groups.map(({ file, record, length }) => ({
        file,
        record,
        // Each register reads as a reference type or a length to whoever has lost his place.
        values: new Array<number>(length).fill(0x0006),
      }));
      expect(groupsOf(parsed(aduOf(writeFile(written))))).toEqual(groups);
    }),
  );
});

test('the most groups there are in one request are all seen', () => {
  const groups = Array.from({ length: 35 }, (_, index) => ({ file: index + 1, record: index, length: 1 }));
  expect(groupsOf(parsed(aduOf(readFile(groups))))).toEqual(groups);
});

test('a request for no file has no group', () => {
  for (const request of [createRequest(), read(3, 0), parsed(adu(1, '01 10 0000 0001 02 0006'))]) {
    expect(groupsOf(request)).toEqual([]);
  }
});

function groupsOf(request: Request): FileGroup[] {
  const groups: FileGroup[] = [];
  for (let at = firstGroup(request); at >= 0; at = nextGroup(request, at)) {
    groups.push({
      file: groupFile(request, at),
      record: groupRecord(request, at),
      length: groupLength(request, at),
    });
  }
  return groups;
}

function parsed(bytes: Uint8Array): Request {
  const request = createRequest();
  expect(parseRequest(bytes, 0, bytes.length, request)).toBe('request');
  return request;
}
