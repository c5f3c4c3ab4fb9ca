import { readWrite, writeCoils, writeRegisters } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { RequestVector } from './vector.ts';

/** Requests that write several coils or registers, one field to a line. */
export const multipleWriteRequests: readonly RequestVector[] = [
  {
    name: "Write Multiple Coils: the specification's example",
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
      00 0a  quantity of outputs
      02     byte count
      cd     outputs 27 to 20
      01     outputs 29 to 28
    `),
    is: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
  },
  {
    name: 'Write Multiple Coils: bits behind the last coil (V15), which ought to be 0: cleared',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
      00 0a  quantity of outputs
      02     byte count
      cd     outputs 27 to 20
      ff     outputs 29 to 28, and six bits of nothing
    `),
    is: writeCoils(19, [true, false, true, true, false, false, true, true, true, true]),
    emitted: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
      00 0a  quantity of outputs
      02     byte count
      cd     outputs 27 to 20
      03     outputs 29 to 28
    `),
  },
  {
    name: 'Write Multiple Coils: eight coils, which leave no bit over',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      00 08  quantity of outputs
      01     byte count
      ff     outputs 8 to 1
    `),
    is: writeCoils(0, new Array(8).fill(true)),
  },
  {
    name: 'Write Multiple Coils: the most there is in one request',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      07 b0  quantity of outputs
      f6     byte count
      ${'00 '.repeat(246).trim()}  outputs
    `),
    is: writeCoils(0, new Array(1968).fill(false)),
  },
  {
    name: 'Write Multiple Coils: the last address',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      ff ff  starting address
      00 01  quantity of outputs
      01     byte count
      01     output 65536
    `),
    is: writeCoils(65535, [true]),
  },
  {
    name: 'Write Multiple Coils: quantity 0',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      00 00  quantity of outputs
      00     byte count
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Coils: quantity 0 with a byte of coils',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      00 00  quantity of outputs
      01     byte count
      00     outputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Coils: one more than there may be, which fits a PDU',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      07 b1  quantity of outputs
      f7     byte count
      ${'00 '.repeat(247).trim()}  outputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Coils: 1976 coils (V14), the most that fits a PDU',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      07 b8  quantity of outputs
      f7     byte count
      ${'ff '.repeat(247).trim()}  outputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Coils: ten coils in three bytes (V13)',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      00 0a  quantity of outputs
      03     byte count
      cd 01  outputs
      00     one byte too many
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Coils: ten coils in one byte',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      00 0a  quantity of outputs
      01     byte count
      cd     outputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Coils: a quantity whose byte count would be 2 in eight bits',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      08 10  quantity of outputs
      02     byte count
      00 00  outputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Coils: a range that runs over the last address',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      ff ff  starting address
      00 02  quantity of outputs
      01     byte count
      03     outputs
    `),
    is: 'illegal-address',
  },
  {
    name: 'Write Multiple Coils: without a byte count',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      00 01  quantity of outputs
    `),
    is: 'malformed',
  },
  {
    name: 'Write Multiple Coils: fewer bytes than counted',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      00 0a  quantity of outputs
      02     byte count
      cd     outputs
    `),
    is: 'malformed',
  },
  {
    name: 'Write Multiple Coils: more bytes than counted',
    clause: 'MAP V1.1b3 §6.11',
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 00  starting address
      00 0a  quantity of outputs
      02     byte count
      cd 01  outputs
      00     more
    `),
    is: 'malformed',
  },
  {
    name: "Write Multiple Registers: the specification's example",
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 01  starting address
      00 02  quantity of registers
      04     byte count
      00 0a  register 2
      01 02  register 3
    `),
    is: writeRegisters(1, [0x000a, 0x0102]),
  },
  {
    name: 'Write Multiple Registers: the most there is in one request',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 7b  quantity of registers
      f6     byte count
      ${'00 01 '.repeat(123).trim()}  registers
    `),
    is: writeRegisters(0, new Array(123).fill(1)),
  },
  {
    name: 'Write Multiple Registers: the last address',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      ff ff  starting address
      00 01  quantity of registers
      02     byte count
      ff ff  register 65536
    `),
    is: writeRegisters(65535, [0xffff]),
  },
  {
    name: 'Write Multiple Registers: quantity 0',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 00  quantity of registers
      00     byte count
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Registers: quantity 0 with a register',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 00  quantity of registers
      02     byte count
      00 00  register
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Registers: one register in three bytes (V17)',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 01  quantity of registers
      03     byte count
      12 34  register
      56     one byte too many
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Registers: two registers in two bytes',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 02  quantity of registers
      02     byte count
      12 34  register
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Registers: one register in four bytes',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 01  quantity of registers
      04     byte count
      12 34  register
      56 78  one register too many
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Registers: a byte count of registers instead of bytes',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 02  quantity of registers
      02     byte count
      00 01  register
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Registers: a quantity whose byte count would be 2 in sixteen bits',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      80 01  quantity of registers
      02     byte count
      00 01  register
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Registers: a quantity whose byte count would be 2 in eight bits',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 81  quantity of registers
      02     byte count
      00 01  register
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Multiple Registers: a range that runs over the last address',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      ff ff  starting address
      00 02  quantity of registers
      04     byte count
      00 01  register
      00 02  register
    `),
    is: 'illegal-address',
  },
  {
    name: 'Write Multiple Registers: without a byte count',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 01  quantity of registers
    `),
    is: 'malformed',
  },
  {
    name: 'Write Multiple Registers: fewer bytes than counted',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 01  quantity of registers
      02     byte count
      12     half a register
    `),
    is: 'malformed',
  },
  {
    name: 'Write Multiple Registers: more bytes than counted',
    clause: 'MAP V1.1b3 §6.12',
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      00 01  quantity of registers
      02     byte count
      12 34  register
      56 78  more
    `),
    is: 'malformed',
  },
  {
    name: "Read/Write Multiple Registers: the specification's example",
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 03  read starting address
      00 06  quantity to read
      00 0e  write starting address
      00 03  quantity to write
      06     write byte count
      00 ff  register 15
      00 ff  register 16
      00 ff  register 17
    `),
    is: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
  },
  {
    name: 'Read/Write Multiple Registers: the most there is in one request',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 7d  quantity to read
      00 00  write starting address
      00 79  quantity to write
      f2     write byte count
      ${'00 01 '.repeat(121).trim()}  registers
    `),
    is: readWrite(0, 125, 0, new Array(121).fill(1)),
  },
  {
    name: 'Read/Write Multiple Registers: the last address twice',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      ff ff  read starting address
      00 01  quantity to read
      ff ff  write starting address
      00 01  quantity to write
      02     write byte count
      ff ff  register 65536
    `),
    is: readWrite(65535, 1, 65535, [0xffff]),
  },
  {
    name: 'Read/Write Multiple Registers: nothing to read',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 00  quantity to read
      00 00  write starting address
      00 01  quantity to write
      02     write byte count
      00 00  register
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read/Write Multiple Registers: one more to read than there may be',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 7e  quantity to read
      00 00  write starting address
      00 01  quantity to write
      02     write byte count
      00 00  register
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read/Write Multiple Registers: nothing to write',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 01  quantity to read
      00 00  write starting address
      00 00  quantity to write
      00     write byte count
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read/Write Multiple Registers: one register in three bytes',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 01  quantity to read
      00 00  write starting address
      00 01  quantity to write
      03     write byte count
      12 34  register
      56     one byte too many
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read/Write Multiple Registers: two registers in two bytes',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 01  quantity to read
      00 00  write starting address
      00 02  quantity to write
      02     write byte count
      12 34  register
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read/Write Multiple Registers: a quantity to write whose byte count would be 2 in sixteen bits',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 01  quantity to read
      00 00  write starting address
      80 01  quantity to write
      02     write byte count
      00 01  register
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read/Write Multiple Registers: a read that runs over the last address',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      ff ff  read starting address
      00 02  quantity to read
      00 00  write starting address
      00 01  quantity to write
      02     write byte count
      00 00  register
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read/Write Multiple Registers: a write that runs over the last address',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 01  quantity to read
      ff ff  write starting address
      00 02  quantity to write
      04     write byte count
      00 00  register
      00 00  register
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read/Write Multiple Registers: without a byte count',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 01  quantity to read
      00 00  write starting address
      00 01  quantity to write
    `),
    is: 'malformed',
  },
  {
    name: 'Read/Write Multiple Registers: fewer bytes than counted',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 01  quantity to read
      00 00  write starting address
      00 01  quantity to write
      02     write byte count
      12     half a register
    `),
    is: 'malformed',
  },
  {
    name: 'Read/Write Multiple Registers: more bytes than counted',
    clause: 'MAP V1.1b3 §6.17',
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 01  quantity to read
      00 00  write starting address
      00 01  quantity to write
      02     write byte count
      12 34  register
      56 78  more
    `),
    is: 'malformed',
  },
];
