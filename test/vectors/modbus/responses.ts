import type { Request } from '../../../rules/modbus/request.ts';
import type { Response } from '../../../rules/modbus/response.ts';
import { fields } from './fields.ts';
import { requestVectors } from './requests.ts';

interface ResponseVector {
  readonly name: string;
  readonly request: Request;
  readonly bytes: Uint8Array;
  readonly response: Response;
}

/** The response examples of MAP V1.1b3, each in an MBAP header, with the request they answer. */
export const responseVectors: readonly ResponseVector[] = [
  {
    name: 'Read Coils, §6.1',
    request: requestOf('Read Coils, §6.1'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      01     function code
      03     byte count
      cd     outputs 27 to 20
      6b     outputs 35 to 28
      05     outputs 38 to 36
    `),
    response: { kind: 'data', data: Uint8Array.of(0xcd, 0x6b, 0x05) },
  },
  {
    name: 'Read Discrete Inputs, §6.2',
    request: requestOf('Read Discrete Inputs, §6.2'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      02     function code
      03     byte count
      ac     inputs 204 to 197
      db     inputs 212 to 205
      35     inputs 218 to 213
    `),
    response: { kind: 'data', data: Uint8Array.of(0xac, 0xdb, 0x35) },
  },
  {
    name: 'Read Holding Registers, §6.3',
    request: requestOf('Read Holding Registers, §6.3'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 09  length
      01     unit identifier
      03     function code
      06     byte count
      02 2b  register 107
      00 00  register 108
      00 64  register 109
    `),
    response: { kind: 'data', data: Uint8Array.of(0x02, 0x2b, 0x00, 0x00, 0x00, 0x64) },
  },
  {
    name: 'Read Input Registers, §6.4',
    request: requestOf('Read Input Registers, §6.4'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 05  length
      01     unit identifier
      04     function code
      02     byte count
      00 0a  register 8
    `),
    response: { kind: 'data', data: Uint8Array.of(0x00, 0x0a) },
  },
  {
    name: 'Write Single Coil, §6.5',
    request: requestOf('Write Single Coil, §6.5'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      05     function code
      00 ac  output address
      ff 00  output value
    `),
    response: { kind: 'done' },
  },
  {
    name: 'Write Single Register, §6.6',
    request: requestOf('Write Single Register, §6.6'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      06     function code
      00 01  register address
      00 03  register value
    `),
    response: { kind: 'done' },
  },
  {
    name: 'Write Multiple Coils, §6.11',
    request: requestOf('Write Multiple Coils, §6.11'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      0f     function code
      00 13  starting address
      00 0a  quantity of outputs
    `),
    response: { kind: 'done' },
  },
  {
    name: 'Write Multiple Registers, §6.12',
    request: requestOf('Write Multiple Registers, §6.12'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      10     function code
      00 01  starting address
      00 02  quantity of registers
    `),
    response: { kind: 'done' },
  },
  {
    name: 'Mask Write Register, §6.16',
    request: requestOf('Mask Write Register, §6.16'),
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
    response: { kind: 'done' },
  },
  {
    name: 'Read/Write Multiple Registers, §6.17',
    request: requestOf('Read/Write Multiple Registers, §6.17'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 0f  length
      01     unit identifier
      17     function code
      0c     byte count
      00 fe  register 3
      0a cd  register 4
      00 01  register 5
      00 03  register 6
      00 0d  register 7
      00 ff  register 8
    `),
    response: {
      kind: 'data',
      data: Uint8Array.of(0x00, 0xfe, 0x0a, 0xcd, 0x00, 0x01, 0x00, 0x03, 0x00, 0x0d, 0x00, 0xff),
    },
  },
  {
    name: 'an exception, §7',
    request: requestOf('Read Coils, §6.1'),
    bytes: fields(`
      15 01  transaction identifier
      00 00  protocol identifier
      00 03  length
      01     unit identifier
      81     function code 1 with the exception bit
      02     exception code: illegal data address
    `),
    response: { kind: 'exception', exceptionCode: 2 },
  },
];

function requestOf(name: string): Request {
  const vector = requestVectors.find((each) => each.name === name);
  if (vector === undefined) throw new Error(`no request vector "${name}"`);
  return vector.request;
}
