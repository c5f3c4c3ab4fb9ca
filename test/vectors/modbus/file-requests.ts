import { readFile, writeFile } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { RequestVector } from './vector.ts';

/** Requests of Read and Write File Record, one field to a line. */
export const fileRequests: readonly RequestVector[] = [
  {
    name: "Read File Record: the specification's example, two groups",
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      0e     byte count
      06     reference type
      00 04  file number
      00 01  record number
      00 02  record length
      06     reference type
      00 03  file number
      00 09  record number
      00 02  record length
    `),
    is: readFile([
      { file: 4, record: 1, length: 2 },
      { file: 3, record: 9, length: 2 },
    ]),
  },
  {
    name: 'Read File Record: 35 groups, the most there is in one request',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01  unit identifier
      14  function code: Read File Record
      f5  byte count
      ${'06 00 01 00 00 00 01 '.repeat(35).trim()}  reference type, file 1, record 0, length 1
    `),
    is: readFile(new Array(35).fill({ file: 1, record: 0, length: 1 })),
  },
  {
    name: 'Read File Record: the last record of the last file',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      ff ff  file number
      27 0f  record number
      00 01  record length
    `),
    is: readFile([{ file: 65535, record: 9999, length: 1 }]),
  },
  {
    name: 'Read File Record: file 11, which older servers do not have',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 0b  file number
      00 00  record number
      00 01  record length
    `),
    is: readFile([{ file: 11, record: 0, length: 1 }]),
  },
  {
    name: 'Read File Record: the longest record whose answer fits a PDU',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 7c  record length
    `),
    is: readFile([{ file: 1, record: 0, length: 124 }]),
  },
  {
    name: 'Read File Record: records that end with the last one',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 01  file number
      26 ac  record number
      00 64  record length
    `),
    is: readFile([{ file: 1, record: 9900, length: 100 }]),
  },
  {
    name: 'Read File Record: a record whose answer fits no PDU',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 7d  record length
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: two records whose answers fit a PDU each, and none together',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      0e     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 3e  record length
      06     reference type
      00 02  file number
      00 00  record number
      00 3f  record length
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: no group',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01  unit identifier
      14  function code: Read File Record
      00  byte count
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: a group without its last byte',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      06     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00     record length: its first byte
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: a group and one byte more',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      08     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      06     second: reference type
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: a first group with file 0 in front of a good one',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      0e     byte count
      06     reference type
      00 00  file number
      00 00  record number
      00 01  record length
      06     second: reference type
      00 01  second: file number
      00 00  second: record number
      00 01  second: record length
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read File Record: 36 groups, one more than a PDU holds',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01  unit identifier
      14  function code: Read File Record
      fc  byte count
      ${'06 00 01 00 00 00 01 '.repeat(36).trim()}  reference type, file 1, record 0, length 1
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: a byte count above 245',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01              unit identifier
      14              function code: Read File Record
      fa              byte count
      ${'06 00 01 00 00 00 01 '.repeat(35).trim()}  reference type, file 1, record 0, length 1
      06 00 01 00 00  a group that is not finished
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: a record length of 0',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 00  record length
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: a record length of 65535',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 01  file number
      00 00  record number
      ff ff  record length
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: a record length whose answer would be 1 byte in sixteen bits',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 01  file number
      00 00  record number
      80 00  record length
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read File Record: reference type 5',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      05     reference type
      00 01  file number
      00 00  record number
      00 01  record length
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read File Record: reference type 7',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      07     reference type
      00 01  file number
      00 00  record number
      00 01  record length
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read File Record: file 0',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 00  file number
      00 00  record number
      00 01  record length
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read File Record: record 10000',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 01  file number
      27 10  record number
      00 01  record length
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read File Record: records that run over the last one',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 01  file number
      27 0f  record number
      00 02  record length
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read File Record: record 65535, and a length that would wrap it to 0',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 01  file number
      ff ff  record number
      00 01  record length
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read File Record: a second group with file 0 behind a good one',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      0e     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      06     second: reference type
      00 00  second: file number
      00 00  second: record number
      00 01  second: record length
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read File Record: without a byte count',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01  unit identifier
      14  function code: Read File Record
    `),
    is: 'malformed',
  },
  {
    name: 'Read File Record: fewer bytes than counted',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      0e     byte count
      06     reference type
      00 04  file number
      00 01  record number
      00 02  record length
    `),
    is: 'malformed',
  },
  {
    name: 'Read File Record: a second group that is not counted',
    clause: 'MAP V1.1b3 §6.14',
    bytes: framed(`
      01     unit identifier
      14     function code: Read File Record
      07     byte count
      06     reference type
      00 04  file number
      00 01  record number
      00 02  record length
      06     second: reference type
      00 03  second: file number
      00 09  second: record number
      00 02  second: record length
    `),
    is: 'malformed',
  },
  {
    name: "Write File Record: the specification's example",
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0d     byte count
      06     reference type
      00 04  file number
      00 07  record number
      00 03  record length
      06 af  record data
      04 be  record data
      10 0d  record data
    `),
    is: writeFile([{ file: 4, record: 7, values: [0x06af, 0x04be, 0x100d] }]),
  },
  {
    name: 'Write File Record: two groups (V19)',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      12     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      11 11  record data
      06     second: reference type
      00 03  second: file number
      00 00  second: record number
      00 01  second: record length
      22 22  second: record data
    `),
    is: writeFile([
      { file: 1, record: 0, values: [0x1111] },
      { file: 3, record: 0, values: [0x2222] },
    ]),
  },
  {
    name: 'Write File Record: the most there is in one request',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      fb     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 7a  record length
      ${'00 01 '.repeat(122).trim()}  record data
    `),
    is: writeFile([{ file: 1, record: 0, values: new Array(122).fill(1) }]),
  },
  {
    name: 'Write File Record: the last record of the last file',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      06     reference type
      ff ff  file number
      27 0f  record number
      00 01  record length
      00 01  record data
    `),
    is: writeFile([{ file: 65535, record: 9999, values: [1] }]),
  },
  {
    name: 'Write File Record: a record length that wraps in sixteen bits (V18)',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      06     reference type
      00 01  file number
      00 00  record number
      7f fd  record length
      00 00  record data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write File Record: a record length that reaches over the byte count',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 02  record length
      00 00  record data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write File Record: a record length whose bytes would be 2 in sixteen bits',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      06     reference type
      00 01  file number
      00 00  record number
      80 01  record length
      00 00  record data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write File Record: a record length that leaves a register over',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0b     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      00 00  record data
      00 00  one register too many
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write File Record: a second group that is cut short',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0f     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      00 00  record data
      06     second: reference type
      00 03  second: file number
      00 00  second: record number
      00     second: record length: its first byte
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write File Record: a record length of 0',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      07     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 00  record length
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write File Record: no group',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01  unit identifier
      15  function code: Write File Record
      00  byte count
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write File Record: reference type 5',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      05     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      00 00  record data
    `),
    is: 'illegal-address',
  },
  {
    name: 'Write File Record: file 0',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      06     reference type
      00 00  file number
      00 00  record number
      00 01  record length
      00 00  record data
    `),
    is: 'illegal-address',
  },
  {
    name: 'Write File Record: record 10000',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      06     reference type
      00 01  file number
      27 10  record number
      00 01  record length
      00 00  record data
    `),
    is: 'illegal-address',
  },
  {
    name: 'Write File Record: records that run over the last one',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      0b     byte count
      06     reference type
      00 01  file number
      27 0f  record number
      00 02  record length
      00 00  record data
      00 00  record data
    `),
    is: 'illegal-address',
  },
  {
    name: 'Write File Record: a second group with file 0 behind a good one',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      12     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      11 11  record data
      06     second: reference type
      00 00  second: file number
      00 00  second: record number
      00 01  second: record length
      22 22  second: record data
    `),
    is: 'illegal-address',
  },
  {
    name: 'Write File Record: a first group with file 0 in front of a good one',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      12     byte count
      06     reference type
      00 00  file number
      00 00  record number
      00 01  record length
      11 11  record data
      06     second: reference type
      00 01  second: file number
      00 00  second: record number
      00 01  second: record length
      22 22  second: record data
    `),
    is: 'illegal-address',
  },
  {
    name: 'Write File Record: one register more than a PDU holds',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      fd     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 7b  record length
      ${'00 01 '.repeat(123).trim()}  record data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write File Record: without a byte count',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01  unit identifier
      15  function code: Write File Record
    `),
    is: 'malformed',
  },
  {
    name: 'Write File Record: fewer bytes than counted',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      00     half a register
    `),
    is: 'malformed',
  },
  {
    name: 'Write File Record: a second group that is not counted',
    clause: 'MAP V1.1b3 §6.15',
    bytes: framed(`
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      11 11  record data
      06     second: reference type
      00 03  second: file number
      00 00  second: record number
      00 01  second: record length
      22 22  second: record data
    `),
    is: 'malformed',
  },
];
