import { readFile, writeFile } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { ResponseVector } from './vector.ts';

/** Responses of Read and Write File Record, one field to a line. */
export const fileResponses: readonly ResponseVector[] = [
  {
    name: "Read File Record: the specification's example, whose lengths of 5 its own table forbids",
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      0c     data length
      05     file response length
      06     reference type
      0d fe  record data
      00 20  record data
      05     second: file response length
      06     second: reference type
      33 cd  second: record data
      00 40  second: record data
    `),
    is: { data: '05 06 0d fe 00 20 05 06 33 cd 00 40' },
  },
  {
    name: 'Read File Record: one record, the shortest there is',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([{ file: 1, record: 0, length: 1 }]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      04     data length
      03     file response length
      06     reference type
      12 34  record data
    `),
    is: { data: '03 06 12 34' },
  },
  {
    name: 'Read File Record: the longest there is',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([{ file: 1, record: 0, length: 124 }]),
    bytes: framed(`
      01  unit identifier
      14  function code: Read File Record
      fa  data length
      f9  file response length
      06  reference type
      ${'00 01 '.repeat(124).trim()}  record data
    `),
    is: { data: `f9 06 ${'00 01 '.repeat(124).trim()}` },
  },
  {
    name: 'Read File Record: 35 groups',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile(new Array(35).fill({ file: 1, record: 0, length: 1 })),
    bytes: framed(`
      01  unit identifier
      14  function code: Read File Record
      8c  data length
      ${'03 06 12 34 '.repeat(35).trim()}  length, reference type, record data
    `),
    is: { data: `${'03 06 12 34 '.repeat(35).trim()}` },
  },
  {
    name: 'Read File Record: the groups in another order',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 1, record: 0, length: 1 },
      { file: 2, record: 0, length: 2 },
    ]),
    bytes: framed(`
      01           unit identifier
      14           function code: Read File Record
      0a           data length
      05           file response length
      06           reference type
      00 01 00 02  record data
      03           second: file response length
      06           second: reference type
      00 03        second: record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: one group of two',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      06     data length
      05     file response length
      06     reference type
      0d fe  record data
      00 20  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: a group nobody asked for',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([{ file: 1, record: 0, length: 1 }]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      08     data length
      03     file response length
      06     reference type
      12 34  record data
      03     second: file response length
      06     second: reference type
      56 78  second: record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: more records than asked for',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([{ file: 1, record: 0, length: 1 }]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      06     data length
      05     file response length
      06     reference type
      0d fe  record data
      00 20  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: fewer records than asked for',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([{ file: 4, record: 1, length: 2 }]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      04     data length
      03     file response length
      06     reference type
      0d fe  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: another reference type',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([{ file: 1, record: 0, length: 1 }]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      04     data length
      03     file response length
      05     reference type
      12 34  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: a group length that reaches over the end',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([{ file: 1, record: 0, length: 1 }]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      04     data length
      05     file response length
      06     reference type
      12 34  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: a data length that is too large',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      0d     data length
      05     file response length
      06     reference type
      0d fe  record data
      00 20  record data
      05     second: file response length
      06     second: reference type
      33 cd  second: record data
      00 40  second: record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: a byte behind what is counted',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      0c     data length
      05     file response length
      06     reference type
      0d fe  record data
      00 20  record data
      05     second: file response length
      06     second: reference type
      33 cd  second: record data
      00 40  second: record data
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: no group',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([{ file: 1, record: 0, length: 1 }]),
    bytes: framed(`
      01  unit identifier
      14  function code: Read File Record
      00  data length
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: without a data length',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([{ file: 1, record: 0, length: 1 }]),
    bytes: framed(`
      01  unit identifier
      14  function code: Read File Record
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      02     unit identifier
      14     function code: Read File Record
      0c     data length
      05     file response length
      06     reference type
      0d fe  record data
      00 20  record data
      05     second: file response length
      06     second: reference type
      33 cd  second: record data
      00 40  second: record data
    `),
    leave: 'unit-echo',
    is: { data: '05 06 0d fe 00 20 05 06 33 cd 00 40' },
    emitted: framed(`
      01     unit identifier
      14     function code: Read File Record
      0c     data length
      05     file response length
      06     reference type
      0d fe  record data
      00 20  record data
      05     second: file response length
      06     second: reference type
      33 cd  second: record data
      00 40  second: record data
    `),
  },
  {
    name: 'Read File Record: exception 01',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01  unit identifier
      94  function code: Read File Record, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Read File Record: exception 02',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01  unit identifier
      94  function code: Read File Record, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Read File Record: exception 03',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01  unit identifier
      94  function code: Read File Record, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Read File Record: exception 04',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01  unit identifier
      94  function code: Read File Record, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Read File Record: exception 08',
    clause: 'MAP V1.1b3 §6.14',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01  unit identifier
      94  function code: Read File Record, exception
      08  exception code
    `),
    is: { exception: 8 },
  },
  {
    name: 'Read File Record: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01  unit identifier
      94  function code: Read File Record, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01  unit identifier
      94  function code: Read File Record, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01  unit identifier
      94  function code: Read File Record, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read File Record: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Write File Record: the specification's example",
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0d     data length
      06     reference type
      00 04  file number
      00 07  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0d  record data
    `),
    is: 'done',
  },
  {
    name: 'Write File Record: other data',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0d     data length
      06     reference type
      00 04  file number
      00 07  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0e  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: another file',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0d     data length
      06     reference type
      00 05  file number
      00 07  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0d  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: another record',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0d     data length
      06     reference type
      00 04  file number
      00 08  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0d  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: another reference type',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0d     data length
      05     reference type
      00 04  file number
      00 07  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0d  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: a data length that is too small',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0b     data length
      06     reference type
      00 04  file number
      00 07  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0d  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: a register less, in step with its counts',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0b     data length
      06     reference type
      00 04  file number
      00 07  record number
      00 02  record length
      06 af  record data
      04 be  record data
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: a byte behind',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0d     data length
      06     reference type
      00 04  file number
      00 07  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0d  record data
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: without a data length',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      15  function code: Write File Record
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      02     unit identifier
      15     function code: Write File Record
      0d     data length
      06     reference type
      00 04  file number
      00 07  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0d  record data
    `),
    leave: 'unit-echo',
    is: 'done',
    emitted: framed(`
      01     unit identifier
      15     function code: Write File Record
      0d     data length
      06     reference type
      00 04  file number
      00 07  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0d  record data
    `),
  },
  {
    name: 'Write File Record: exception 01',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      95  function code: Write File Record, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Write File Record: exception 02',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      95  function code: Write File Record, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Write File Record: exception 03',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      95  function code: Write File Record, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Write File Record: exception 04',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      95  function code: Write File Record, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Write File Record: exception 08',
    clause: 'MAP V1.1b3 §6.15',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      95  function code: Write File Record, exception
      08  exception code
    `),
    is: { exception: 8 },
  },
  {
    name: 'Write File Record: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      95  function code: Write File Record, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      95  function code: Write File Record, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      95  function code: Write File Record, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write File Record: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
];
