import {
  maskWrite,
  readWrite,
  writeCoil,
  writeCoils,
  writeRegister,
  writeRegisters,
} from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { ResponseVector } from './vector.ts';

/** Responses of the functions that write coils and registers, one field to a line. */
export const writeResponses: readonly ResponseVector[] = [
  {
    name: "Write Single Coil: the specification's example",
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      ff 00  output value
    `),
    is: 'done',
  },
  {
    name: 'Write Single Coil: off',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, false),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      00 00  output value
    `),
    is: 'done',
  },
  {
    name: 'Write Single Coil: the echo of another address',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ad  output address
      ff 00  output value
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: the echo of the other value',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      00 00  output value
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: on where off was asked for',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, false),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      ff 00  output value
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: on as 0001',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      00 01  output value
    `),
    leave: 'coil-echo-0001',
    is: 'done',
    emitted: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      ff 00  output value
    `),
  },
  {
    name: 'Write Single Coil: on as 0001 where off was asked for',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, false),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      00 01  output value
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: on as 00FF',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      00 ff  output value
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: on as 0001 at another address',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ad  output address
      00 01  output value
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: without a value',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: a byte behind',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      ff 00  output value
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: writeCoil(172, true),
    bytes: framed(`
      02     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      ff 00  output value
    `),
    leave: 'unit-echo',
    is: 'done',
    emitted: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      ff 00  output value
    `),
  },
  {
    name: 'Write Single Coil: exception 01',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01  unit identifier
      85  function code: Write Single Coil, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Write Single Coil: exception 02',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01  unit identifier
      85  function code: Write Single Coil, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Write Single Coil: exception 03',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01  unit identifier
      85  function code: Write Single Coil, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Write Single Coil: exception 04',
    clause: 'MAP V1.1b3 §6.5',
    request: writeCoil(172, true),
    bytes: framed(`
      01  unit identifier
      85  function code: Write Single Coil, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Write Single Coil: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: writeCoil(172, true),
    bytes: framed(`
      01  unit identifier
      85  function code: Write Single Coil, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: writeCoil(172, true),
    bytes: framed(`
      01  unit identifier
      85  function code: Write Single Coil, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: writeCoil(172, true),
    bytes: framed(`
      01  unit identifier
      85  function code: Write Single Coil, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Coil: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: writeCoil(172, true),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Write Single Register: the specification's example",
    clause: 'MAP V1.1b3 §6.6',
    request: writeRegister(1, 3),
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 01  register address
      00 03  register value
    `),
    is: 'done',
  },
  {
    name: 'Write Single Register: the echo of another address',
    clause: 'MAP V1.1b3 §6.6',
    request: writeRegister(1, 3),
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 02  register address
      00 03  register value
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Register: the echo of another value',
    clause: 'MAP V1.1b3 §6.6',
    request: writeRegister(1, 3),
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 01  register address
      00 04  register value
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Register: without a value',
    clause: 'MAP V1.1b3 §6.6',
    request: writeRegister(1, 3),
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 01  register address
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Register: a byte behind',
    clause: 'MAP V1.1b3 §6.6',
    request: writeRegister(1, 3),
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 01  register address
      00 03  register value
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Register: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: writeRegister(1, 3),
    bytes: framed(`
      02     unit identifier
      06     function code: Write Single Register
      00 01  register address
      00 03  register value
    `),
    leave: 'unit-echo',
    is: 'done',
    emitted: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 01  register address
      00 03  register value
    `),
  },
  {
    name: 'Write Single Register: exception 01',
    clause: 'MAP V1.1b3 §6.6',
    request: writeRegister(1, 3),
    bytes: framed(`
      01  unit identifier
      86  function code: Write Single Register, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Write Single Register: exception 02',
    clause: 'MAP V1.1b3 §6.6',
    request: writeRegister(1, 3),
    bytes: framed(`
      01  unit identifier
      86  function code: Write Single Register, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Write Single Register: exception 03',
    clause: 'MAP V1.1b3 §6.6',
    request: writeRegister(1, 3),
    bytes: framed(`
      01  unit identifier
      86  function code: Write Single Register, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Write Single Register: exception 04',
    clause: 'MAP V1.1b3 §6.6',
    request: writeRegister(1, 3),
    bytes: framed(`
      01  unit identifier
      86  function code: Write Single Register, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Write Single Register: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: writeRegister(1, 3),
    bytes: framed(`
      01  unit identifier
      86  function code: Write Single Register, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Register: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: writeRegister(1, 3),
    bytes: framed(`
      01  unit identifier
      86  function code: Write Single Register, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Register: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: writeRegister(1, 3),
    bytes: framed(`
      01  unit identifier
      86  function code: Write Single Register, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Single Register: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: writeRegister(1, 3),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Write Multiple Coils: the specification's example",
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
      00 0a  quantity of outputs
    `),
    is: 'done',
  },
  {
    name: 'Write Multiple Coils: another address',
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 14  starting address
      00 0a  quantity of outputs
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Coils: another quantity',
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
      00 09  quantity of outputs
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Coils: the whole request',
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
      00 0a  quantity of outputs
      02     byte count
      cd 01  outputs
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Coils: without a quantity',
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Coils: a byte behind',
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
      00 0a  quantity of outputs
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Coils: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      02     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
      00 0a  quantity of outputs
    `),
    leave: 'unit-echo',
    is: 'done',
    emitted: framed(`
      01     unit identifier
      0f     function code: Write Multiple Coils
      00 13  starting address
      00 0a  quantity of outputs
    `),
  },
  {
    name: 'Write Multiple Coils: exception 01',
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01  unit identifier
      8f  function code: Write Multiple Coils, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Write Multiple Coils: exception 02',
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01  unit identifier
      8f  function code: Write Multiple Coils, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Write Multiple Coils: exception 03',
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01  unit identifier
      8f  function code: Write Multiple Coils, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Write Multiple Coils: exception 04',
    clause: 'MAP V1.1b3 §6.11',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01  unit identifier
      8f  function code: Write Multiple Coils, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Write Multiple Coils: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01  unit identifier
      8f  function code: Write Multiple Coils, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Coils: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01  unit identifier
      8f  function code: Write Multiple Coils, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Coils: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01  unit identifier
      8f  function code: Write Multiple Coils, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Coils: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: writeCoils(19, [true, false, true, true, false, false, true, true, true, false]),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Write Multiple Registers: the specification's example",
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 01  starting address
      00 02  quantity of registers
    `),
    is: 'done',
  },
  {
    name: 'Write Multiple Registers: another address',
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 02  starting address
      00 02  quantity of registers
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Registers: another quantity',
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 01  starting address
      00 01  quantity of registers
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Registers: the whole request',
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01           unit identifier
      10           function code: Write Multiple Registers
      00 01        starting address
      00 02        quantity of registers
      04           byte count
      00 0a 01 02  registers
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Registers: without a quantity',
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 01  starting address
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Registers: a byte behind',
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 01  starting address
      00 02  quantity of registers
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Registers: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      02     unit identifier
      10     function code: Write Multiple Registers
      00 01  starting address
      00 02  quantity of registers
    `),
    leave: 'unit-echo',
    is: 'done',
    emitted: framed(`
      01     unit identifier
      10     function code: Write Multiple Registers
      00 01  starting address
      00 02  quantity of registers
    `),
  },
  {
    name: 'Write Multiple Registers: exception 01',
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01  unit identifier
      90  function code: Write Multiple Registers, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Write Multiple Registers: exception 02',
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01  unit identifier
      90  function code: Write Multiple Registers, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Write Multiple Registers: exception 03',
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01  unit identifier
      90  function code: Write Multiple Registers, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Write Multiple Registers: exception 04',
    clause: 'MAP V1.1b3 §6.12',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01  unit identifier
      90  function code: Write Multiple Registers, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Write Multiple Registers: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01  unit identifier
      90  function code: Write Multiple Registers, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Registers: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01  unit identifier
      90  function code: Write Multiple Registers, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Registers: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01  unit identifier
      90  function code: Write Multiple Registers, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Write Multiple Registers: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: writeRegisters(1, [0x000a, 0x0102]),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Mask Write Register: the specification's example",
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
      00 25  or mask
    `),
    is: 'done',
  },
  {
    name: 'Mask Write Register: the echo of another address',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 05  reference address
      00 f2  and mask
      00 25  or mask
    `),
    is: 'mismatch',
  },
  {
    name: 'Mask Write Register: the echo of another and mask',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f3  and mask
      00 25  or mask
    `),
    is: 'mismatch',
  },
  {
    name: 'Mask Write Register: the echo of another or mask',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
      00 24  or mask
    `),
    is: 'mismatch',
  },
  {
    name: 'Mask Write Register: the masks exchanged',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 25  and mask
      00 f2  or mask
    `),
    is: 'mismatch',
  },
  {
    name: 'Mask Write Register: without an or mask',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
    `),
    is: 'mismatch',
  },
  {
    name: 'Mask Write Register: a byte behind',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
      00 25  or mask
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Mask Write Register: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      02     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
      00 25  or mask
    `),
    leave: 'unit-echo',
    is: 'done',
    emitted: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
      00 25  or mask
    `),
  },
  {
    name: 'Mask Write Register: exception 01',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01  unit identifier
      96  function code: Mask Write Register, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Mask Write Register: exception 02',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01  unit identifier
      96  function code: Mask Write Register, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Mask Write Register: exception 03',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01  unit identifier
      96  function code: Mask Write Register, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Mask Write Register: exception 04',
    clause: 'MAP V1.1b3 §6.16',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01  unit identifier
      96  function code: Mask Write Register, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Mask Write Register: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01  unit identifier
      96  function code: Mask Write Register, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Mask Write Register: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01  unit identifier
      96  function code: Mask Write Register, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Mask Write Register: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01  unit identifier
      96  function code: Mask Write Register, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Mask Write Register: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: maskWrite(4, 0xf2, 0x25),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Read/Write Multiple Registers: the specification's example",
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      0c     byte count
      00 fe  register 4
      0a cd  register 5
      00 01  register 6
      00 03  register 7
      00 0d  register 8
      00 ff  register 9
    `),
    is: { data: '00 fe 0a cd 00 01 00 03 00 0d 00 ff' },
  },
  {
    name: 'Read/Write Multiple Registers: as many registers as were written, not read',
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      06     byte count
      00 fe  register 4
      0a cd  register 5
      00 01  register 6
    `),
    is: 'mismatch',
  },
  {
    name: 'Read/Write Multiple Registers: one register more',
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      0e     byte count
      00 fe  register 4
      0a cd  register 5
      00 01  register 6
      00 03  register 7
      00 0d  register 8
      00 ff  register 9
      de ad  one register too many
    `),
    is: 'mismatch',
  },
  {
    name: 'Read/Write Multiple Registers: a byte count that is too small',
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      0a     byte count
      00 fe  register 4
      0a cd  register 5
      00 01  register 6
      00 03  register 7
      00 0d  register 8
      00 ff  register 9
    `),
    is: 'mismatch',
  },
  {
    name: 'Read/Write Multiple Registers: a byte behind what is counted',
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      0c     byte count
      00 fe  register 4
      0a cd  register 5
      00 01  register 6
      00 03  register 7
      00 0d  register 8
      00 ff  register 9
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read/Write Multiple Registers: without a byte count',
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01  unit identifier
      17  function code: Read/Write Multiple Registers
    `),
    is: 'mismatch',
  },
  {
    name: 'Read/Write Multiple Registers: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      02     unit identifier
      17     function code: Read/Write Multiple Registers
      0c     byte count
      00 fe  register 4
      0a cd  register 5
      00 01  register 6
      00 03  register 7
      00 0d  register 8
      00 ff  register 9
    `),
    leave: 'unit-echo',
    is: { data: '00 fe 0a cd 00 01 00 03 00 0d 00 ff' },
    emitted: framed(`
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      0c     byte count
      00 fe  register 4
      0a cd  register 5
      00 01  register 6
      00 03  register 7
      00 0d  register 8
      00 ff  register 9
    `),
  },
  {
    name: 'Read/Write Multiple Registers: exception 01',
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01  unit identifier
      97  function code: Read/Write Multiple Registers, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Read/Write Multiple Registers: exception 02',
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01  unit identifier
      97  function code: Read/Write Multiple Registers, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Read/Write Multiple Registers: exception 03',
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01  unit identifier
      97  function code: Read/Write Multiple Registers, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Read/Write Multiple Registers: exception 04',
    clause: 'MAP V1.1b3 §6.17',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01  unit identifier
      97  function code: Read/Write Multiple Registers, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Read/Write Multiple Registers: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01  unit identifier
      97  function code: Read/Write Multiple Registers, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Read/Write Multiple Registers: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01  unit identifier
      97  function code: Read/Write Multiple Registers, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Read/Write Multiple Registers: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01  unit identifier
      97  function code: Read/Write Multiple Registers, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read/Write Multiple Registers: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: readWrite(3, 6, 14, [0xff, 0xff, 0xff]),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
];
