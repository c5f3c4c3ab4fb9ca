import { read, readFifo } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { RequestVector } from './vector.ts';

/** Requests of Read Coils, Discrete Inputs, Holding and Input Registers and FIFO Queue, one field to a line. */
export const readRequests: readonly RequestVector[] = [
  {
    name: "Read Coils: the specification's example",
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      00 13  starting address
      00 13  quantity of outputs
    `),
    is: read(1, 19, 19),
  },
  {
    name: 'Read Coils: the most there is in one request',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      00 00  starting address
      07 d0  quantity of outputs
    `),
    is: read(1, 0, 2000),
  },
  {
    name: 'Read Coils: the most, up to the last address',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      f8 30  starting address
      07 d0  quantity of outputs
    `),
    is: read(1, 63536, 2000),
  },
  {
    name: 'Read Coils: the last address',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      ff ff  starting address
      00 01  quantity of outputs
    `),
    is: read(1, 65535, 1),
  },
  {
    name: 'Read Coils: quantity 0',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      00 00  starting address
      00 00  quantity of outputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Coils: one more than there may be',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      00 00  starting address
      07 d1  quantity of outputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Coils: quantity 65535',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      00 00  starting address
      ff ff  quantity of outputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Coils: a range that runs over the last address',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      ff ff  starting address
      00 02  quantity of outputs
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read Coils: the most, and one of it over the last address',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      f8 31  starting address
      07 d0  quantity of outputs
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read Coils: too many and over the last address, of which the quantity counts first',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      ff ff  starting address
      07 d1  quantity of outputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Coils: without a quantity',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      00 00  starting address
    `),
    is: 'malformed',
  },
  {
    name: 'Read Coils: half a quantity',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      00 00  starting address
      00     quantity of outputs: its first byte
    `),
    is: 'malformed',
  },
  {
    name: 'Read Coils: a byte behind',
    clause: 'MAP V1.1b3 §6.1',
    bytes: framed(`
      01     unit identifier
      01     function code: Read Coils
      00 00  starting address
      00 01  quantity of outputs
      00     more
    `),
    is: 'malformed',
  },
  {
    name: "Read Discrete Inputs: the specification's example",
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      00 c4  starting address
      00 16  quantity of inputs
    `),
    is: read(2, 196, 22),
  },
  {
    name: 'Read Discrete Inputs: the most there is in one request',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      00 00  starting address
      07 d0  quantity of inputs
    `),
    is: read(2, 0, 2000),
  },
  {
    name: 'Read Discrete Inputs: the most, up to the last address',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      f8 30  starting address
      07 d0  quantity of inputs
    `),
    is: read(2, 63536, 2000),
  },
  {
    name: 'Read Discrete Inputs: the last address',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      ff ff  starting address
      00 01  quantity of inputs
    `),
    is: read(2, 65535, 1),
  },
  {
    name: 'Read Discrete Inputs: quantity 0',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      00 00  starting address
      00 00  quantity of inputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Discrete Inputs: one more than there may be',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      00 00  starting address
      07 d1  quantity of inputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Discrete Inputs: quantity 65535',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      00 00  starting address
      ff ff  quantity of inputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Discrete Inputs: a range that runs over the last address',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      ff ff  starting address
      00 02  quantity of inputs
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read Discrete Inputs: the most, and one of it over the last address',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      f8 31  starting address
      07 d0  quantity of inputs
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read Discrete Inputs: too many and over the last address, of which the quantity counts first',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      ff ff  starting address
      07 d1  quantity of inputs
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Discrete Inputs: without a quantity',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      00 00  starting address
    `),
    is: 'malformed',
  },
  {
    name: 'Read Discrete Inputs: half a quantity',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      00 00  starting address
      00     quantity of inputs: its first byte
    `),
    is: 'malformed',
  },
  {
    name: 'Read Discrete Inputs: a byte behind',
    clause: 'MAP V1.1b3 §6.2',
    bytes: framed(`
      01     unit identifier
      02     function code: Read Discrete Inputs
      00 00  starting address
      00 01  quantity of inputs
      00     more
    `),
    is: 'malformed',
  },
  {
    name: "Read Holding Registers: the specification's example",
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      00 6b  starting address
      00 03  quantity of registers
    `),
    is: read(3, 107, 3),
  },
  {
    name: 'Read Holding Registers: the most there is in one request',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      00 00  starting address
      00 7d  quantity of registers
    `),
    is: read(3, 0, 125),
  },
  {
    name: 'Read Holding Registers: the most, up to the last address',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      ff 83  starting address
      00 7d  quantity of registers
    `),
    is: read(3, 65411, 125),
  },
  {
    name: 'Read Holding Registers: the last address',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      ff ff  starting address
      00 01  quantity of registers
    `),
    is: read(3, 65535, 1),
  },
  {
    name: 'Read Holding Registers: quantity 0',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      00 00  starting address
      00 00  quantity of registers
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Holding Registers: one more than there may be',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      00 00  starting address
      00 7e  quantity of registers
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Holding Registers: quantity 65535',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      00 00  starting address
      ff ff  quantity of registers
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Holding Registers: a range that runs over the last address',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      ff ff  starting address
      00 02  quantity of registers
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read Holding Registers: the most, and one of it over the last address',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      ff 84  starting address
      00 7d  quantity of registers
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read Holding Registers: too many and over the last address, of which the quantity counts first',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      ff ff  starting address
      00 7e  quantity of registers
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Holding Registers: without a quantity',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      00 00  starting address
    `),
    is: 'malformed',
  },
  {
    name: 'Read Holding Registers: half a quantity',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      00 00  starting address
      00     quantity of registers: its first byte
    `),
    is: 'malformed',
  },
  {
    name: 'Read Holding Registers: a byte behind',
    clause: 'MAP V1.1b3 §6.3',
    bytes: framed(`
      01     unit identifier
      03     function code: Read Holding Registers
      00 00  starting address
      00 01  quantity of registers
      00     more
    `),
    is: 'malformed',
  },
  {
    name: "Read Input Registers: the specification's example",
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      00 08  starting address
      00 01  quantity of input registers
    `),
    is: read(4, 8, 1),
  },
  {
    name: 'Read Input Registers: the most there is in one request',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      00 00  starting address
      00 7d  quantity of input registers
    `),
    is: read(4, 0, 125),
  },
  {
    name: 'Read Input Registers: the most, up to the last address',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      ff 83  starting address
      00 7d  quantity of input registers
    `),
    is: read(4, 65411, 125),
  },
  {
    name: 'Read Input Registers: the last address',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      ff ff  starting address
      00 01  quantity of input registers
    `),
    is: read(4, 65535, 1),
  },
  {
    name: 'Read Input Registers: quantity 0',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      00 00  starting address
      00 00  quantity of input registers
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Input Registers: one more than there may be',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      00 00  starting address
      00 7e  quantity of input registers
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Input Registers: quantity 65535',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      00 00  starting address
      ff ff  quantity of input registers
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Input Registers: a range that runs over the last address',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      ff ff  starting address
      00 02  quantity of input registers
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read Input Registers: the most, and one of it over the last address',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      ff 84  starting address
      00 7d  quantity of input registers
    `),
    is: 'illegal-address',
  },
  {
    name: 'Read Input Registers: too many and over the last address, of which the quantity counts first',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      ff ff  starting address
      00 7e  quantity of input registers
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Input Registers: without a quantity',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      00 00  starting address
    `),
    is: 'malformed',
  },
  {
    name: 'Read Input Registers: half a quantity',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      00 00  starting address
      00     quantity of input registers: its first byte
    `),
    is: 'malformed',
  },
  {
    name: 'Read Input Registers: a byte behind',
    clause: 'MAP V1.1b3 §6.4',
    bytes: framed(`
      01     unit identifier
      04     function code: Read Input Registers
      00 00  starting address
      00 01  quantity of input registers
      00     more
    `),
    is: 'malformed',
  },
  {
    name: "Read FIFO Queue: the specification's example",
    clause: 'MAP V1.1b3 §6.18',
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      04 de  FIFO pointer address
    `),
    is: readFifo(1246),
  },
  {
    name: 'Read FIFO Queue: the last address',
    clause: 'MAP V1.1b3 §6.18',
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      ff ff  FIFO pointer address
    `),
    is: readFifo(65535),
  },
  {
    name: 'Read FIFO Queue: without an address',
    clause: 'MAP V1.1b3 §6.18',
    bytes: framed(`
      01  unit identifier
      18  function code: Read FIFO Queue
    `),
    is: 'malformed',
  },
  {
    name: 'Read FIFO Queue: half an address',
    clause: 'MAP V1.1b3 §6.18',
    bytes: framed(`
      01  unit identifier
      18  function code: Read FIFO Queue
      04  FIFO pointer address: its first byte
    `),
    is: 'malformed',
  },
  {
    name: 'Read FIFO Queue: a quantity as of a read',
    clause: 'MAP V1.1b3 §6.18',
    bytes: framed(`
      01     unit identifier
      18     function code: Read FIFO Queue
      00 00  FIFO pointer address
      00 01  more
    `),
    is: 'malformed',
  },
];
