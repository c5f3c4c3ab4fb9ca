import { expect, test } from 'vitest';
import type { Request } from '../../../../rules/modbus/message/request.ts';
import type { ModbusPermission } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { Allow, judge, say, within } from '../judging.ts';
import {
  diagnostics,
  encapsulated,
  opaque,
  plain,
  readDeviceId,
  readFile,
  writeFile,
} from '../request-builders.ts';

const files: Partial<ModbusPermission> = {
  files: [
    { firstFile: 4, lastFile: 5, firstRecord: 10, lastRecord: 19 },
    { firstFile: 9, lastFile: 9, firstRecord: 0, lastRecord: 9999 },
  ],
};

type Row = [string, ModbusPermission[], Request, string];

test.for<Row>([
  ['a group inside a range', [permit([20], files)], readFile([group(4, 10, 10)]), Allow],
  ['a group that ends outside', [permit([20], files)], readFile([group(4, 10, 11)]), 'file-out-of-range 02'],
  ['a group that begins outside', [permit([20], files)], readFile([group(4, 9, 2)]), 'file-out-of-range 02'],
  ['another file', [permit([20], files)], readFile([group(3, 10, 1)]), 'file-out-of-range 02'],
  ['groups in different ranges', [permit([20], files)], readFile([group(5, 19, 1), group(9, 0, 9)]), Allow],
  [
    'the second group outside',
    [permit([20], files)],
    readFile([group(9, 0, 1), group(6, 10, 1)]),
    'file-out-of-range 02',
  ],
  [
    'the second group to be written outside',
    [permit([21], files)],
    writeFile([
      { file: 9, record: 0, values: [1] },
      { file: 6, record: 10, values: [1] },
    ]),
    'file-out-of-range 02',
  ],
  [
    'groups that are written',
    [permit([21], files)],
    writeFile([{ file: 4, record: 10, values: [1, 2] }]),
    Allow,
  ],
  [
    'reading does not permit writing',
    [permit([20], files)],
    writeFile([{ file: 4, record: 10, values: [1] }]),
    'fc-not-allowed 01',
  ],
  ['addresses are no files', [permit([20])], readFile([group(4, 10, 1)]), 'file-out-of-range 02'],
  [
    'two permissions do not share the groups',
    [permit([20], { files: [files.files![0]!] }), permit([20], { files: [files.files![1]!] })],
    readFile([group(4, 10, 1), group(9, 0, 1)]),
    'file-out-of-range 02',
  ],
  [
    'all groups together at the quantity',
    [permit([20], { ...files, maxQuantity: 9 })],
    readFile([group(4, 10, 4), group(5, 10, 5)]),
    Allow,
  ],
  [
    '… and above it',
    [permit([20], { ...files, maxQuantity: 8 })],
    readFile([group(4, 10, 4), group(5, 10, 5)]),
    'quantity-out-of-range 02',
  ],
  [
    'values cannot be judged in files',
    [permit([21], { ...files, ...within(0, 9) })],
    writeFile([{ file: 4, record: 10, values: [1] }]),
    'state-unknown 03',
  ],

  ['a sub-function that is listed', [permit([8], { subFunctions: [0, 2] })], diagnostics(2), Allow],
  [
    '… and one that is not',
    [permit([8], { subFunctions: [0, 2] })],
    diagnostics(4),
    'sub-function-not-allowed 01',
  ],
  ['no sub-function is listed', [permit([8])], diagnostics(0), 'sub-function-not-allowed 01'],
  ['identification', [permit([43], { mei: [14] })], readDeviceId(1), Allow],
  [
    'identification is not listed',
    [permit([43], { mei: [13] })],
    readDeviceId(1),
    'sub-function-not-allowed 01',
  ],
  ['a tunnel with a size', [permit([43], { mei: [13], maxBytes: 12 })], encapsulated(13, [1, 2, 3]), Allow],
  [
    '… and one byte more',
    [permit([43], { mei: [13], maxBytes: 12 })],
    encapsulated(13, [1, 2, 3, 4]),
    'size-out-of-range 03',
  ],
  ['a tunnel without a size', [permit([43], { mei: [13] })], encapsulated(13, []), 'size-out-of-range 03'],
  ['serial diagnostics', [permit([7, 17])], plain(17), Allow],
  ['opaque data of its size', [permit([100], { maxBytes: 10 })], opaque(100, [1, 2]), Allow],
  ['… and one byte more', [permit([100], { maxBytes: 10 })], opaque(100, [1, 2, 3]), 'size-out-of-range 03'],
  ['opaque data without a size', [permit([100])], opaque(100, []), 'size-out-of-range 03'],
  [
    'the larger of two sizes',
    [permit([100], { maxBytes: 8 }), permit([100], { maxBytes: 9 })],
    opaque(100, [1]),
    Allow,
  ],
  [
    'a UMAS function that is listed',
    [permit([90], { subFunctions: [2], maxBytes: 20 })],
    opaque(90, [0, 2]),
    Allow,
  ],
  [
    '… and one that is not',
    [permit([90], { subFunctions: [2], maxBytes: 20 })],
    opaque(90, [0, 3]),
    'sub-function-not-allowed 01',
  ],
  [
    'UMAS without a function',
    [permit([90], { subFunctions: [2], maxBytes: 20 })],
    opaque(90, [0]),
    'sub-function-not-allowed 01',
  ],
])('%s', ([, permissions, request, expected]) => {
  expect(say(judge(profileOf(permissions), request))).toBe(expected);
});

function group(file: number, record: number, length: number) {
  return { file, record, length };
}
