import type { Request } from '../../../rules/modbus/request.ts';
import { fields } from './fields.ts';

/** The request examples of MAP V1.1b3, each in an MBAP header, and what they say. */
export const requestVectors: readonly { name: string; bytes: Uint8Array; request: Request }[] = [
  {
    name: 'Read Coils, §6.1',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      01     function code
      00 13  starting address
      00 13  quantity of outputs
    `),
    request: { functionCode: 1, unit: 1, address: 19, quantity: 19 },
  },
  {
    name: 'Read Discrete Inputs, §6.2',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      02     function code
      00 c4  starting address
      00 16  quantity of inputs
    `),
    request: { functionCode: 2, unit: 1, address: 196, quantity: 22 },
  },
  {
    name: 'Read Holding Registers, §6.3',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      03     function code
      00 6b  starting address
      00 03  number of registers
    `),
    request: { functionCode: 3, unit: 1, address: 107, quantity: 3 },
  },
  {
    name: 'Read Input Registers, §6.4',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      04     function code
      00 08  starting address
      00 01  quantity of input registers
    `),
    request: { functionCode: 4, unit: 1, address: 8, quantity: 1 },
  },
  {
    name: 'Write Single Coil, §6.5',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      05     function code
      00 ac  output address
      ff 00  output value: on
    `),
    request: { functionCode: 5, unit: 1, address: 172, on: true },
  },
  {
    name: 'Write Single Coil off, §6.5',
    bytes: fields(`
      ff ff  transaction identifier
      00 00  protocol identifier
      00 06  length
      ff     unit identifier
      05     function code
      ff ff  output address
      00 00  output value: off
    `),
    request: { functionCode: 5, unit: 255, address: 65535, on: false },
  },
  {
    name: 'Write Single Register, §6.6',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      06     function code
      00 01  register address
      00 03  register value
    `),
    request: { functionCode: 6, unit: 1, address: 1, value: 3 },
  },
  {
    name: 'Write Multiple Coils, §6.11',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 09  length
      01     unit identifier
      0f     function code
      00 13  starting address
      00 0a  quantity of outputs
      02     byte count
      cd     outputs 27 to 20
      01     outputs 29 and 28
    `),
    request: { functionCode: 15, unit: 1, address: 19, quantity: 10, bits: Uint8Array.of(0xcd, 0x01) },
  },
  {
    name: 'Write Multiple Registers, §6.12',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 0b  length
      01     unit identifier
      10     function code
      00 01  starting address
      00 02  quantity of registers
      04     byte count
      00 0a  first register
      01 02  second register
    `),
    request: { functionCode: 16, unit: 1, address: 1, registers: Uint16Array.of(0x000a, 0x0102) },
  },
  {
    name: 'Mask Write Register, §6.16',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 08  length
      01     unit identifier
      16     function code
      00 04  reference address
      00 f2  and mask
      00 25  or mask
    `),
    request: { functionCode: 22, unit: 1, address: 4, and: 0x00f2, or: 0x0025 },
  },
  {
    name: 'Read/Write Multiple Registers, §6.17',
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 11  length
      01     unit identifier
      17     function code
      00 03  read starting address
      00 06  quantity to read
      00 0e  write starting address
      00 03  quantity to write
      06     write byte count
      00 ff  first register
      00 ff  second register
      00 ff  third register
    `),
    request: {
      functionCode: 23,
      unit: 1,
      readAddress: 3,
      readQuantity: 6,
      address: 14,
      registers: Uint16Array.of(0x00ff, 0x00ff, 0x00ff),
    },
  },
];
