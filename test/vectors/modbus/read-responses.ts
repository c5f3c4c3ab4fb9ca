import { read, readFifo } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { ResponseVector } from './vector.ts';

/** Responses of Read Coils, Discrete Inputs, Holding and Input Registers and FIFO Queue, one field to a line. */
export const readResponses: readonly ResponseVector[] = [
  {
    name: "Read Coils: the specification's example",
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      01  function code: Read Coils
      03  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
      05  outputs 38 to 36
    `),
    is: { data: 'cd 6b 05' },
  },
  {
    name: 'Read Coils: bits behind the last of the outputs, which ought to be 0: cleared',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      01  function code: Read Coils
      03  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
      ff  outputs 38 to 36, and bits of nothing
    `),
    is: { data: 'cd 6b ff' },
    emitted: framed(`
      01  unit identifier
      01  function code: Read Coils
      03  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
      07  outputs 38 to 36
    `),
  },
  {
    name: 'Read Coils: the most outputs there are',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 0, 2000),
    bytes: framed(`
      01  unit identifier
      01  function code: Read Coils
      fa  byte count
      ${'ff '.repeat(250).trim()}  outputs
    `),
    is: { data: `${'ff '.repeat(250).trim()}` },
  },
  {
    name: 'Read Coils: one byte less, in step with its count',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      01  function code: Read Coils
      02  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Coils: one byte more, in step with its count',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      01  function code: Read Coils
      04  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
      05  outputs 38 to 36
      00  one byte too many
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Coils: a byte count that is too large',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      01  function code: Read Coils
      04  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
      05  outputs 38 to 36
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Coils: a byte behind what is counted',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      01  function code: Read Coils
      03  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
      05  outputs 38 to 36
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Coils: without a byte count',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      01  function code: Read Coils
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Coils: to another function',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      02  function code: of the other table
      03  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
      05  outputs 38 to 36
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Coils: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: read(1, 19, 19),
    bytes: framed(`
      02  unit identifier
      01  function code: Read Coils
      03  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
      05  outputs 38 to 36
    `),
    leave: 'unit-echo',
    is: { data: 'cd 6b 05' },
    emitted: framed(`
      01  unit identifier
      01  function code: Read Coils
      03  byte count
      cd  outputs 27 to 20
      6b  outputs 35 to 28
      05  outputs 38 to 36
    `),
  },
  {
    name: 'Read Coils: exception 01',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      81  function code: Read Coils, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Read Coils: exception 02',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      81  function code: Read Coils, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Read Coils: exception 03',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      81  function code: Read Coils, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Read Coils: exception 04',
    clause: 'MAP V1.1b3 §6.1',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      81  function code: Read Coils, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Read Coils: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      81  function code: Read Coils, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Coils: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      81  function code: Read Coils, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Coils: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      81  function code: Read Coils, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Coils: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: read(1, 19, 19),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Read Discrete Inputs: the specification's example",
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
      03  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
      35  inputs 218 to 213
    `),
    is: { data: 'ac db 35' },
  },
  {
    name: 'Read Discrete Inputs: bits behind the last of the inputs, which ought to be 0: cleared',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
      03  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
      ff  inputs 218 to 213, and bits of nothing
    `),
    is: { data: 'ac db ff' },
    emitted: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
      03  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
      3f  inputs 218 to 213
    `),
  },
  {
    name: 'Read Discrete Inputs: the most inputs there are',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 0, 2000),
    bytes: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
      fa  byte count
      ${'ff '.repeat(250).trim()}  inputs
    `),
    is: { data: `${'ff '.repeat(250).trim()}` },
  },
  {
    name: 'Read Discrete Inputs: one byte less, in step with its count',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
      02  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Discrete Inputs: one byte more, in step with its count',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
      04  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
      35  inputs 218 to 213
      00  one byte too many
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Discrete Inputs: a byte count that is too large',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
      04  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
      35  inputs 218 to 213
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Discrete Inputs: a byte behind what is counted',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
      03  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
      35  inputs 218 to 213
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Discrete Inputs: without a byte count',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Discrete Inputs: to another function',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      01  function code: of the other table
      03  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
      35  inputs 218 to 213
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Discrete Inputs: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: read(2, 196, 22),
    bytes: framed(`
      02  unit identifier
      02  function code: Read Discrete Inputs
      03  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
      35  inputs 218 to 213
    `),
    leave: 'unit-echo',
    is: { data: 'ac db 35' },
    emitted: framed(`
      01  unit identifier
      02  function code: Read Discrete Inputs
      03  byte count
      ac  inputs 204 to 197
      db  inputs 212 to 205
      35  inputs 218 to 213
    `),
  },
  {
    name: 'Read Discrete Inputs: exception 01',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      82  function code: Read Discrete Inputs, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Read Discrete Inputs: exception 02',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      82  function code: Read Discrete Inputs, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Read Discrete Inputs: exception 03',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      82  function code: Read Discrete Inputs, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Read Discrete Inputs: exception 04',
    clause: 'MAP V1.1b3 §6.2',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      82  function code: Read Discrete Inputs, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Read Discrete Inputs: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      82  function code: Read Discrete Inputs, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Discrete Inputs: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      82  function code: Read Discrete Inputs, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Discrete Inputs: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      82  function code: Read Discrete Inputs, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Discrete Inputs: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: read(2, 196, 22),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Read Holding Registers: the specification's example",
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      06     byte count
      02 2b  register 108
      00 00  register 109
      00 64  register 110
    `),
    is: { data: '02 2b 00 00 00 64' },
  },
  {
    name: 'Read Holding Registers: the most registers there are',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 0, 125),
    bytes: framed(`
      01  unit identifier
      03  function code: Read Holding Registers
      fa  byte count
      ${'00 01 '.repeat(125).trim()}  registers
    `),
    is: { data: `${'00 01 '.repeat(125).trim()}` },
  },
  {
    name: 'Read Holding Registers: one register less than asked for',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      04     byte count
      02 2b  register 108
      00 00  register 109
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: one register more than asked for (V29)',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      08     byte count
      02 2b  register 108
      00 00  register 109
      00 64  register 110
      de ad  one register too many
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: half a register more, in step with its count',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      07     byte count
      02 2b  register 108
      00 00  register 109
      00 64  register 110
      00     one byte too many
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: a byte count of registers instead of bytes',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      03     byte count
      02 2b  register 108
      00 00  register 109
      00 64  register 110
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: a byte behind what is counted',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      06     byte count
      02 2b  register 108
      00 00  register 109
      00 64  register 110
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: fewer bytes than counted',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      06     byte count
      02 2b  register 108
      00 00  register 109
      00     half a register
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: without a byte count',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01  unit identifier
      03  function code: Read Holding Registers
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: to another function (V30)',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01     unit identifier
      04     function code: of the other table
      06     byte count
      02 2b  register 108
      00 00  register 109
      00 64  register 110
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: from another unit (V28)',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: read(3, 107, 3),
    bytes: framed(`
      02     unit identifier
      03     function code: Read Holding Registers
      06     byte count
      02 2b  register 108
      00 00  register 109
      00 64  register 110
    `),
    leave: 'unit-echo',
    is: { data: '02 2b 00 00 00 64' },
    emitted: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      06     byte count
      02 2b  register 108
      00 00  register 109
      00 64  register 110
    `),
  },
  {
    name: 'Read Holding Registers: exception 01',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01  unit identifier
      83  function code: Read Holding Registers, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Read Holding Registers: exception 02',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01  unit identifier
      83  function code: Read Holding Registers, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Read Holding Registers: exception 03',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01  unit identifier
      83  function code: Read Holding Registers, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Read Holding Registers: exception 04',
    clause: 'MAP V1.1b3 §6.3',
    request: read(3, 107, 3),
    bytes: framed(`
      01  unit identifier
      83  function code: Read Holding Registers, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Read Holding Registers: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: read(3, 107, 3),
    bytes: framed(`
      01  unit identifier
      83  function code: Read Holding Registers, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: read(3, 107, 3),
    bytes: framed(`
      01  unit identifier
      83  function code: Read Holding Registers, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: read(3, 107, 3),
    bytes: framed(`
      01  unit identifier
      83  function code: Read Holding Registers, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Holding Registers: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: read(3, 107, 3),
    bytes: framed(`
      01  unit identifier
      84  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Read Input Registers: the specification's example",
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      02     byte count
      00 0a  register 9
    `),
    is: { data: '00 0a' },
  },
  {
    name: 'Read Input Registers: the most registers there are',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 0, 125),
    bytes: framed(`
      01  unit identifier
      04  function code: Read Input Registers
      fa  byte count
      ${'00 01 '.repeat(125).trim()}  registers
    `),
    is: { data: `${'00 01 '.repeat(125).trim()}` },
  },
  {
    name: 'Read Input Registers: one register less than asked for',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      04  function code: Read Input Registers
      00  byte count
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: one register more than asked for (V29)',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      04     byte count
      00 0a  register 9
      de ad  one register too many
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: half a register more, in step with its count',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      03     byte count
      00 0a  register 9
      00     one byte too many
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: a byte count of registers instead of bytes',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      01     byte count
      00 0a  register 9
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: a byte behind what is counted',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      02     byte count
      00 0a  register 9
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: fewer bytes than counted',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      04  function code: Read Input Registers
      02  byte count
      00  half a register
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: without a byte count',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      04  function code: Read Input Registers
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: to another function (V30)',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01     unit identifier
      03     function code: of the other table
      02     byte count
      00 0a  register 9
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: from another unit (V28)',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: read(4, 8, 1),
    bytes: framed(`
      02     unit identifier
      04     function code: Read Input Registers
      02     byte count
      00 0a  register 9
    `),
    leave: 'unit-echo',
    is: { data: '00 0a' },
    emitted: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      02     byte count
      00 0a  register 9
    `),
  },
  {
    name: 'Read Input Registers: exception 01',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      84  function code: Read Input Registers, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Read Input Registers: exception 02',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      84  function code: Read Input Registers, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Read Input Registers: exception 03',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      84  function code: Read Input Registers, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Read Input Registers: exception 04',
    clause: 'MAP V1.1b3 §6.4',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      84  function code: Read Input Registers, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Read Input Registers: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      84  function code: Read Input Registers, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      84  function code: Read Input Registers, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      84  function code: Read Input Registers, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Input Registers: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: read(4, 8, 1),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Read FIFO Queue: the specification's example",
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 06  byte count
      00 02  FIFO count
      01 b8  register
      12 84  register
    `),
    is: { data: '01 b8 12 84' },
  },
  {
    name: 'Read FIFO Queue: an empty queue',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 02  byte count
      00 00  FIFO count
    `),
    is: { data: '' },
  },
  {
    name: 'Read FIFO Queue: a full queue',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 40  byte count
      00 1f  FIFO count
      ${'00 01 '.repeat(31).trim()}  registers
    `),
    is: { data: `${'00 01 '.repeat(31).trim()}` },
  },
  {
    name: 'Read FIFO Queue: 32 registers',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 42  byte count
      00 20  FIFO count
      ${'00 01 '.repeat(32).trim()}  registers
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: a byte count that leaves out the FIFO count',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 04  byte count
      00 02  FIFO count
      01 b8  register
      12 84  register
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: a FIFO count above its byte count',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 06  byte count
      00 03  FIFO count
      01 b8  register
      12 84  register
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: a FIFO count whose bytes would be 2 in sixteen bits',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 02  byte count
      80 00  FIFO count
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: fewer registers than counted',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 06  byte count
      00 02  FIFO count
      01 b8  register
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: a register behind what is counted',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 04  byte count
      00 01  FIFO count
      01 b8  register
      12 84  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: without a FIFO count',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 02  byte count
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: readFifo(1246),
    bytes: framed(`
      02     unit identifier
      18     function code: Read FIFO Queue
      00 02  byte count
      00 00  FIFO count
    `),
    leave: 'unit-echo',
    is: { data: '' },
    emitted: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 02  byte count
      00 00  FIFO count
    `),
  },
  {
    name: 'Read FIFO Queue: exception 01',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01  unit identifier
      98  function code: Read FIFO Queue, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Read FIFO Queue: exception 02',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01  unit identifier
      98  function code: Read FIFO Queue, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Read FIFO Queue: exception 03',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01  unit identifier
      98  function code: Read FIFO Queue, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Read FIFO Queue: exception 04',
    clause: 'MAP V1.1b3 §6.18',
    request: readFifo(1246),
    bytes: framed(`
      01  unit identifier
      98  function code: Read FIFO Queue, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Read FIFO Queue: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: readFifo(1246),
    bytes: framed(`
      01  unit identifier
      98  function code: Read FIFO Queue, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: readFifo(1246),
    bytes: framed(`
      01  unit identifier
      98  function code: Read FIFO Queue, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: readFifo(1246),
    bytes: framed(`
      01  unit identifier
      98  function code: Read FIFO Queue, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read FIFO Queue: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: readFifo(1246),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
];
