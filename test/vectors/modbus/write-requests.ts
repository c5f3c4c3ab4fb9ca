import { maskWrite, writeCoil, writeRegister } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { RequestVector } from './vector.ts';

/** Requests that write one coil or one register, one field to a line. */
export const writeRequests: readonly RequestVector[] = [
  {
    name: "Write Single Coil: the specification's example, on",
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      ff 00  output value
    `),
    is: writeCoil(172, true),
  },
  {
    name: 'Write Single Coil: off',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 ac  output address
      00 00  output value
    `),
    is: writeCoil(172, false),
  },
  {
    name: 'Write Single Coil: the last address',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      ff ff  output address
      ff 00  output value
    `),
    is: writeCoil(65535, true),
  },
  {
    name: 'Write Single Coil: the value 0001, neither on nor off',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 00  output address
      00 01  output value
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Single Coil: the value 00ff, neither on nor off',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 00  output address
      00 ff  output value
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Single Coil: the value 0100, neither on nor off',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 00  output address
      01 00  output value
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Single Coil: the value ff01, neither on nor off',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 00  output address
      ff 01  output value
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Single Coil: the value fe00, neither on nor off',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 00  output address
      fe 00  output value
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Single Coil: the value ffff, neither on nor off',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 00  output address
      ff ff  output value
    `),
    is: 'illegal-value',
  },
  {
    name: 'Write Single Coil: without a value',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 00  output address
    `),
    is: 'malformed',
  },
  {
    name: 'Write Single Coil: half a value',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 00  output address
      ff     output value: its first byte
    `),
    is: 'malformed',
  },
  {
    name: 'Write Single Coil: a byte behind',
    clause: 'MAP V1.1b3 §6.5',
    bytes: framed(`
      01     unit identifier
      05     function code: Write Single Coil
      00 00  output address
      ff 00  output value
      00     more
    `),
    is: 'malformed',
  },
  {
    name: "Write Single Register: the specification's example",
    clause: 'MAP V1.1b3 §6.6',
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 01  register address
      00 03  register value
    `),
    is: writeRegister(1, 3),
  },
  {
    name: 'Write Single Register: the last address and the largest value',
    clause: 'MAP V1.1b3 §6.6',
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      ff ff  register address
      ff ff  register value
    `),
    is: writeRegister(65535, 65535),
  },
  {
    name: 'Write Single Register: without a value',
    clause: 'MAP V1.1b3 §6.6',
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 00  register address
    `),
    is: 'malformed',
  },
  {
    name: 'Write Single Register: half a value',
    clause: 'MAP V1.1b3 §6.6',
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 00  register address
      ff     register value: its first byte
    `),
    is: 'malformed',
  },
  {
    name: 'Write Single Register: a second register behind',
    clause: 'MAP V1.1b3 §6.6',
    bytes: framed(`
      01     unit identifier
      06     function code: Write Single Register
      00 00  register address
      00 01  register value
      00 02  more
    `),
    is: 'malformed',
  },
  {
    name: "Mask Write Register: the specification's example",
    clause: 'MAP V1.1b3 §6.16',
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
      00 25  or mask
    `),
    is: maskWrite(4, 0xf2, 0x25),
  },
  {
    name: 'Mask Write Register: the last address, all bits',
    clause: 'MAP V1.1b3 §6.16',
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      ff ff  reference address
      ff ff  and mask
      ff ff  or mask
    `),
    is: maskWrite(65535, 0xffff, 0xffff),
  },
  {
    name: 'Mask Write Register: without an or mask',
    clause: 'MAP V1.1b3 §6.16',
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
    `),
    is: 'malformed',
  },
  {
    name: 'Mask Write Register: half an or mask',
    clause: 'MAP V1.1b3 §6.16',
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
      00     or mask: its first byte
    `),
    is: 'malformed',
  },
  {
    name: 'Mask Write Register: a byte behind',
    clause: 'MAP V1.1b3 §6.16',
    bytes: framed(`
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
      00 25  or mask
      00     more
    `),
    is: 'malformed',
  },
];
