import { encapsulated, opaque, readDeviceId } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { RequestVector } from './vector.ts';

/** Requests of Encapsulated Interface Transport and of functions that are not public, one field to a line. */
export const otherRequests: readonly RequestVector[] = [
  {
    name: "Read Device Identification: the specification's example, basic",
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      01  code
      00  object identifier
    `),
    is: readDeviceId(1),
  },
  {
    name: 'Read Device Identification: regular, from object 4 on',
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      02  code
      04  object identifier
    `),
    is: readDeviceId(2, 4),
  },
  {
    name: 'Read Device Identification: extended, from the first private object on',
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      03  code
      80  object identifier
    `),
    is: readDeviceId(3, 0x80),
  },
  {
    name: 'Read Device Identification: one object',
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      04  code
      02  object identifier
    `),
    is: readDeviceId(4, 2),
  },
  {
    name: 'Read Device Identification: the last object',
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      04  code
      ff  object identifier
    `),
    is: readDeviceId(4, 255),
  },
  {
    name: 'Read Device Identification: code 0',
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      00  code
      00  object identifier
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Device Identification: code 5',
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      05  code
      00  object identifier
    `),
    is: 'illegal-value',
  },
  {
    name: 'Read Device Identification: without a code',
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
    `),
    is: 'malformed',
  },
  {
    name: 'Read Device Identification: without an object',
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      01  code
    `),
    is: 'malformed',
  },
  {
    name: 'Read Device Identification: a second object',
    clause: 'MAP V1.1b3 §6.21',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      04  code
      00  object identifier
      01  more
    `),
    is: 'malformed',
  },
  {
    name: 'CANopen General Reference (V23), opaque',
    clause: 'MAP V1.1b3 §6.20',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0d  MEI type: CANopen General Reference
      00  data
    `),
    is: encapsulated(13, [0]),
  },
  {
    name: 'CANopen General Reference: without data',
    clause: 'MAP V1.1b3 §6.20',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0d  MEI type: CANopen General Reference
    `),
    is: encapsulated(13, []),
  },
  {
    name: 'Encapsulated Interface Transport: the reserved MEI type 0, opaque',
    clause: 'MAP V1.1b3 §6.19',
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      00     MEI type
      de ad  data
    `),
    is: encapsulated(0, [0xde, 0xad]),
  },
  {
    name: 'Encapsulated Interface Transport: the reserved MEI type 12, opaque',
    clause: 'MAP V1.1b3 §6.19',
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0c     MEI type
      de ad  data
    `),
    is: encapsulated(12, [0xde, 0xad]),
  },
  {
    name: 'Encapsulated Interface Transport: the reserved MEI type 15, opaque',
    clause: 'MAP V1.1b3 §6.19',
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0f     MEI type
      de ad  data
    `),
    is: encapsulated(15, [0xde, 0xad]),
  },
  {
    name: 'Encapsulated Interface Transport: the reserved MEI type 255, opaque',
    clause: 'MAP V1.1b3 §6.19',
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      ff     MEI type
      de ad  data
    `),
    is: encapsulated(255, [0xde, 0xad]),
  },
  {
    name: 'Encapsulated Interface Transport: without a MEI type',
    clause: 'MAP V1.1b3 §6.19',
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
    `),
    is: 'malformed',
  },
  {
    name: 'function code 9, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      09     function code
      01 02  data
    `),
    is: opaque(9, [1, 2]),
  },
  {
    name: 'function code 10, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      0a     function code
      01 02  data
    `),
    is: opaque(10, [1, 2]),
  },
  {
    name: 'function code 13, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      0d     function code
      01 02  data
    `),
    is: opaque(13, [1, 2]),
  },
  {
    name: 'function code 14, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      0e     function code
      01 02  data
    `),
    is: opaque(14, [1, 2]),
  },
  {
    name: 'function code 18, not assigned: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      12     function code
      01 02  data
    `),
    is: opaque(18, [1, 2]),
  },
  {
    name: 'function code 25, not assigned: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      19     function code
      01 02  data
    `),
    is: opaque(25, [1, 2]),
  },
  {
    name: 'function code 41, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      29     function code
      01 02  data
    `),
    is: opaque(41, [1, 2]),
  },
  {
    name: 'function code 42, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      2a     function code
      01 02  data
    `),
    is: opaque(42, [1, 2]),
  },
  {
    name: 'function code 65, the first user-defined: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      41     function code
      01 02  data
    `),
    is: opaque(65, [1, 2]),
  },
  {
    name: 'function code 72, the last user-defined of the first range: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      48     function code
      01 02  data
    `),
    is: opaque(72, [1, 2]),
  },
  {
    name: "function code 73, a vendor's outside the user-defined ranges: opaque",
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      49     function code
      01 02  data
    `),
    is: opaque(73, [1, 2]),
  },
  {
    name: 'function code 91, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      5b     function code
      01 02  data
    `),
    is: opaque(91, [1, 2]),
  },
  {
    name: 'function code 100, the first user-defined of the second range: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      64     function code
      01 02  data
    `),
    is: opaque(100, [1, 2]),
  },
  {
    name: 'function code 110, the last user-defined: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      6e     function code
      01 02  data
    `),
    is: opaque(110, [1, 2]),
  },
  {
    name: 'function code 125, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      7d     function code
      01 02  data
    `),
    is: opaque(125, [1, 2]),
  },
  {
    name: 'function code 126, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      7e     function code
      01 02  data
    `),
    is: opaque(126, [1, 2]),
  },
  {
    name: 'function code 127, reserved: opaque',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01     unit identifier
      7f     function code
      01 02  data
    `),
    is: opaque(127, [1, 2]),
  },
  {
    name: 'function code 65 without data',
    clause: 'MAP V1.1b3 §5',
    bytes: framed(`
      01  unit identifier
      41  function code
    `),
    is: opaque(65, []),
  },
  {
    name: 'UMAS (V24): its function is told apart',
    clause: 'UMAS (Schneider Electric), a reserved code of MAP V1.1b3 §5',
    bytes: framed(`
      00  unit identifier
      5a  function code 90
      00  session
      02  UMAS function
    `),
    is: opaque(90, [0, 2], 0),
  },
  {
    name: 'UMAS: a session and no function',
    clause: 'UMAS (Schneider Electric), a reserved code of MAP V1.1b3 §5',
    bytes: framed(`
      01  unit identifier
      5a  function code 90
      00  session
    `),
    is: opaque(90, [0]),
  },
  {
    name: 'UMAS: nothing at all',
    clause: 'UMAS (Schneider Electric), a reserved code of MAP V1.1b3 §5',
    bytes: framed(`
      01  unit identifier
      5a  function code 90
    `),
    is: opaque(90, []),
  },
  {
    name: 'UMAS: longer than any Modbus PDU',
    clause: 'UMAS (Schneider Electric), a reserved code of MAP V1.1b3 §5',
    bytes: framed(`
      01  unit identifier
      5a  function code 90
      01  session
      22  UMAS function
      ${'00 '.repeat(1000).trim()}  data
    `),
    is: opaque(90, [0x01, 0x22, ...new Array(1000).fill(0)]),
  },
  {
    name: 'function code 0 (V08)',
    clause: 'MAP V1.1b3 §4.1',
    bytes: framed(`
      01  unit identifier
      00  function code
    `),
    is: 'malformed',
  },
  {
    name: 'function code 0 with the data of a read',
    clause: 'MAP V1.1b3 §4.1',
    bytes: framed(`
      01     unit identifier
      00     function code
      00 00  data
      00 01  data
    `),
    is: 'malformed',
  },
  {
    name: 'function code 128: an exception as a request',
    clause: 'MAP V1.1b3 §4.1',
    bytes: framed(`
      01  unit identifier
      80  function code
      01  data
    `),
    is: 'malformed',
  },
  {
    name: 'function code 129: an exception as a request',
    clause: 'MAP V1.1b3 §4.1',
    bytes: framed(`
      01  unit identifier
      81  function code
      01  data
    `),
    is: 'malformed',
  },
  {
    name: 'function code 131: an exception as a request',
    clause: 'MAP V1.1b3 §4.1',
    bytes: framed(`
      01  unit identifier
      83  function code
      01  data
    `),
    is: 'malformed',
  },
  {
    name: 'function code 171: an exception as a request',
    clause: 'MAP V1.1b3 §4.1',
    bytes: framed(`
      01  unit identifier
      ab  function code
      01  data
    `),
    is: 'malformed',
  },
  {
    name: 'function code 255: an exception as a request',
    clause: 'MAP V1.1b3 §4.1',
    bytes: framed(`
      01  unit identifier
      ff  function code
      01  data
    `),
    is: 'malformed',
  },
  {
    name: 'function code 144 with the data of a read (V09)',
    clause: 'MAP V1.1b3 §4.1',
    bytes: framed(`
      01     unit identifier
      90     function code
      00 00  data
      00 01  data
    `),
    is: 'malformed',
  },
];
