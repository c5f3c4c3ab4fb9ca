import { encapsulated, opaque, readDeviceId } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { ResponseVector } from './vector.ts';

/** Responses of Encapsulated Interface Transport and of functions that are not public, one field to a line. */
export const otherResponses: readonly ResponseVector[] = [
  {
    name: 'Read Device Identification: the three basic objects',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01                       unit identifier
      2b                       function code: Encapsulated Interface Transport
      0e                       MEI type: Read Device Identification
      01                       code
      01                       conformity level
      00                       more follows
      00                       next object identifier
      03                       number of objects
      00                       object identifier
      08                       object length
      50 65 6e 73 74 6f 63 6b  object value: Penstock
      01                       object identifier
      04                       object length
      50 4e 2d 31              object value: PN-1
      02                       object identifier
      05                       object length
      56 32 2e 31 31           object value: V2.11
    `),
    is: { data: '01 01 00 00 03 00 08 50 65 6e 73 74 6f 63 6b 01 04 50 4e 2d 31 02 05 56 32 2e 31 31' },
  },
  {
    name: 'Read Device Identification: conformity level 02',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      02     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: { data: '01 02 00 00 01 00 02 43 6f' },
  },
  {
    name: 'Read Device Identification: conformity level 03',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      03     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: { data: '01 03 00 00 01 00 02 43 6f' },
  },
  {
    name: 'Read Device Identification: conformity level 81',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      81     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: { data: '01 81 00 00 01 00 02 43 6f' },
  },
  {
    name: 'Read Device Identification: conformity level 82',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      82     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: { data: '01 82 00 00 01 00 02 43 6f' },
  },
  {
    name: 'Read Device Identification: conformity level 83',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      83     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: { data: '01 83 00 00 01 00 02 43 6f' },
  },
  {
    name: 'Read Device Identification: more follows, from object 2 on',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01                                                                 unit identifier
      2b                                                                 function code: Encapsulated Interface Transport
      0e                                                                 MEI type: Read Device Identification
      01                                                                 code
      01                                                                 conformity level
      ff                                                                 more follows
      02                                                                 next object identifier
      02                                                                 number of objects
      00                                                                 object identifier
      16                                                                 object length
      43 6f 6d 70 61 6e 79 20 69 64 65 6e 74 69 66 69 63 61 74 69 6f 6e  object value: Company identification
      01                                                                 object identifier
      0f                                                                 object length
      50 72 6f 64 75 63 74 20 63 6f 64 65 20 58 58                       object value: Product code XX
    `),
    is: {
      data: '01 01 ff 02 02 00 16 43 6f 6d 70 61 6e 79 20 69 64 65 6e 74 69 66 69 63 61 74 69 6f 6e 01 0f 50 72 6f 64 75 63 74 20 63 6f 64 65 20 58 58',
    },
  },
  {
    name: 'Read Device Identification: the one object that was asked for',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(4, 1),
    bytes: framed(`
      01           unit identifier
      2b           function code: Encapsulated Interface Transport
      0e           MEI type: Read Device Identification
      04           code
      81           conformity level
      00           more follows
      00           next object identifier
      01           number of objects
      01           object identifier
      04           object length
      50 4e 2d 31  object value: PN-1
    `),
    is: { data: '04 81 00 00 01 01 04 50 4e 2d 31' },
  },
  {
    name: 'Read Device Identification: an object without a value',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      01  code
      01  conformity level
      00  more follows
      00  next object identifier
      01  number of objects
      00  object identifier
      00  object length
    `),
    is: { data: '01 01 00 00 01 00 00' },
  },
  {
    name: 'Read Device Identification: no object',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(2, 4),
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      02  code
      02  conformity level
      00  more follows
      00  next object identifier
      00  number of objects
    `),
    is: { data: '02 02 00 00 00' },
  },
  {
    name: "Read Device Identification: the specification's example, which counts three objects and lists two",
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01                                                                 unit identifier
      2b                                                                 function code: Encapsulated Interface Transport
      0e                                                                 MEI type: Read Device Identification
      01                                                                 code
      01                                                                 conformity level
      ff                                                                 more follows
      02                                                                 next object identifier
      03                                                                 number of objects
      00                                                                 object identifier
      16                                                                 object length
      43 6f 6d 70 61 6e 79 20 69 64 65 6e 74 69 66 69 63 61 74 69 6f 6e  object value: Company identification
      01                                                                 object identifier
      0f                                                                 object length
      50 72 6f 64 75 63 74 20 63 6f 64 65 20 58 58                       object value: Product code XX
    `),
    leave: 'device-id-count',
    is: {
      data: '01 01 ff 02 03 00 16 43 6f 6d 70 61 6e 79 20 69 64 65 6e 74 69 66 69 63 61 74 69 6f 6e 01 0f 50 72 6f 64 75 63 74 20 63 6f 64 65 20 58 58',
    },
    emitted: framed(`
      01                                                                 unit identifier
      2b                                                                 function code: Encapsulated Interface Transport
      0e                                                                 MEI type: Read Device Identification
      01                                                                 code
      01                                                                 conformity level
      ff                                                                 more follows
      02                                                                 next object identifier
      02                                                                 number of objects
      00                                                                 object identifier
      16                                                                 object length
      43 6f 6d 70 61 6e 79 20 69 64 65 6e 74 69 66 69 63 61 74 69 6f 6e  object value: Company identification
      01                                                                 object identifier
      0f                                                                 object length
      50 72 6f 64 75 63 74 20 63 6f 64 65 20 58 58                       object value: Product code XX
    `),
  },
  {
    name: 'Read Device Identification: fewer objects counted than listed',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01                                                                 unit identifier
      2b                                                                 function code: Encapsulated Interface Transport
      0e                                                                 MEI type: Read Device Identification
      01                                                                 code
      01                                                                 conformity level
      00                                                                 more follows
      00                                                                 next object identifier
      01                                                                 number of objects
      00                                                                 object identifier
      16                                                                 object length
      43 6f 6d 70 61 6e 79 20 69 64 65 6e 74 69 66 69 63 61 74 69 6f 6e  object value: Company identification
      01                                                                 object identifier
      0f                                                                 object length
      50 72 6f 64 75 63 74 20 63 6f 64 65 20 58 58                       object value: Product code XX
    `),
    leave: 'device-id-count',
    is: {
      data: '01 01 00 00 01 00 16 43 6f 6d 70 61 6e 79 20 69 64 65 6e 74 69 66 69 63 61 74 69 6f 6e 01 0f 50 72 6f 64 75 63 74 20 63 6f 64 65 20 58 58',
    },
    emitted: framed(`
      01                                                                 unit identifier
      2b                                                                 function code: Encapsulated Interface Transport
      0e                                                                 MEI type: Read Device Identification
      01                                                                 code
      01                                                                 conformity level
      00                                                                 more follows
      00                                                                 next object identifier
      02                                                                 number of objects
      00                                                                 object identifier
      16                                                                 object length
      43 6f 6d 70 61 6e 79 20 69 64 65 6e 74 69 66 69 63 61 74 69 6f 6e  object value: Company identification
      01                                                                 object identifier
      0f                                                                 object length
      50 72 6f 64 75 63 74 20 63 6f 64 65 20 58 58                       object value: Product code XX
    `),
  },
  {
    name: 'Read Device Identification: objects that do not tile the PDU, whatever the leave',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      01     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      05     object length
      41 42  object value: AB
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: an object identifier and no length',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      01  code
      01  conformity level
      00  more follows
      00  next object identifier
      01  number of objects
      00  object identifier
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: a byte behind the last object',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01                       unit identifier
      2b                       function code: Encapsulated Interface Transport
      0e                       MEI type: Read Device Identification
      01                       code
      01                       conformity level
      00                       more follows
      00                       next object identifier
      03                       number of objects
      00                       object identifier
      08                       object length
      50 65 6e 73 74 6f 63 6b  object value: Penstock
      01                       object identifier
      04                       object length
      50 4e 2d 31              object value: PN-1
      02                       object identifier
      05                       object length
      56 32 2e 31 31           object value: V2.11
      00                       more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: another code than asked for',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      02     code
      01     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: conformity level 00',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      00     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: conformity level 04',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      04     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: conformity level 80',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      80     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: conformity level 84',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      84     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: more follows 01, neither 00 nor FF',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      01     conformity level
      01     more follows
      02     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: nothing follows, and a next object',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      01     code
      01     conformity level
      00     more follows
      02     next object identifier
      01     number of objects
      00     object identifier
      02     object length
      43 6f  object value: Co
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: two objects where one was asked for',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(4, 1),
    bytes: framed(`
      01           unit identifier
      2b           function code: Encapsulated Interface Transport
      0e           MEI type: Read Device Identification
      04           code
      81           conformity level
      00           more follows
      00           next object identifier
      02           number of objects
      01           object identifier
      04           object length
      50 4e 2d 31  object value: PN-1
      02           object identifier
      02           object length
      56 32        object value: V2
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: no object where one was asked for',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(4, 1),
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      04  code
      81  conformity level
      00  more follows
      00  next object identifier
      00  number of objects
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: another object than asked for',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(4, 1),
    bytes: framed(`
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0e     MEI type: Read Device Identification
      04     code
      81     conformity level
      00     more follows
      00     next object identifier
      01     number of objects
      02     object identifier
      02     object length
      56 32  object value: V2
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: one object of which more follows',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(4, 1),
    bytes: framed(`
      01           unit identifier
      2b           function code: Encapsulated Interface Transport
      0e           MEI type: Read Device Identification
      04           code
      81           conformity level
      ff           more follows
      02           next object identifier
      01           number of objects
      01           object identifier
      04           object length
      50 4e 2d 31  object value: PN-1
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: without a number of objects',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
      01  code
      01  conformity level
      00  more follows
      00  next object identifier
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: with nothing behind the MEI type',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0e  MEI type: Read Device Identification
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: another MEI type',
    clause: 'MAP V1.1b3 §6.19',
    request: readDeviceId(1),
    bytes: framed(`
      01                       unit identifier
      2b                       function code: Encapsulated Interface Transport
      0d                       MEI type: CANopen General Reference
      01                       code
      01                       conformity level
      00                       more follows
      00                       next object identifier
      03                       number of objects
      00                       object identifier
      08                       object length
      50 65 6e 73 74 6f 63 6b  object value: Penstock
      01                       object identifier
      04                       object length
      50 4e 2d 31              object value: PN-1
      02                       object identifier
      05                       object length
      56 32 2e 31 31           object value: V2.11
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: without a MEI type',
    clause: 'MAP V1.1b3 §6.19',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: readDeviceId(1),
    bytes: framed(`
      02                       unit identifier
      2b                       function code: Encapsulated Interface Transport
      0e                       MEI type: Read Device Identification
      01                       code
      01                       conformity level
      00                       more follows
      00                       next object identifier
      03                       number of objects
      00                       object identifier
      08                       object length
      50 65 6e 73 74 6f 63 6b  object value: Penstock
      01                       object identifier
      04                       object length
      50 4e 2d 31              object value: PN-1
      02                       object identifier
      05                       object length
      56 32 2e 31 31           object value: V2.11
    `),
    leave: 'unit-echo',
    is: { data: '01 01 00 00 03 00 08 50 65 6e 73 74 6f 63 6b 01 04 50 4e 2d 31 02 05 56 32 2e 31 31' },
    emitted: framed(`
      01                       unit identifier
      2b                       function code: Encapsulated Interface Transport
      0e                       MEI type: Read Device Identification
      01                       code
      01                       conformity level
      00                       more follows
      00                       next object identifier
      03                       number of objects
      00                       object identifier
      08                       object length
      50 65 6e 73 74 6f 63 6b  object value: Penstock
      01                       object identifier
      04                       object length
      50 4e 2d 31              object value: PN-1
      02                       object identifier
      05                       object length
      56 32 2e 31 31           object value: V2.11
    `),
  },
  {
    name: 'Read Device Identification: exception 01',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      ab  function code: Read Device Identification, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Read Device Identification: exception 02',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      ab  function code: Read Device Identification, exception
      02  exception code
    `),
    is: { exception: 2 },
  },
  {
    name: 'Read Device Identification: exception 03',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      ab  function code: Read Device Identification, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Read Device Identification: exception 04',
    clause: 'MAP V1.1b3 §6.21',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      ab  function code: Read Device Identification, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Read Device Identification: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      ab  function code: Read Device Identification, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      ab  function code: Read Device Identification, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      ab  function code: Read Device Identification, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Device Identification: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: readDeviceId(1),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'CANopen General Reference: opaque',
    clause: 'MAP V1.1b3 §6.20',
    request: encapsulated(13, [0]),
    bytes: framed(`
      01        unit identifier
      2b        function code: Encapsulated Interface Transport
      0d        MEI type: CANopen General Reference
      de ad be  data
    `),
    is: { data: 'de ad be' },
  },
  {
    name: 'CANopen General Reference: no data',
    clause: 'MAP V1.1b3 §6.20',
    request: encapsulated(13, [0]),
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      0d  MEI type: CANopen General Reference
    `),
    is: { data: '' },
  },
  {
    name: 'CANopen General Reference: another MEI type',
    clause: 'MAP V1.1b3 §6.20',
    request: encapsulated(13, [0]),
    bytes: framed(`
      01        unit identifier
      2b        function code: Encapsulated Interface Transport
      0e        MEI type: Read Device Identification
      de ad be  data
    `),
    is: 'mismatch',
  },
  {
    name: 'CANopen General Reference: an exception',
    clause: 'MAP V1.1b3 §7',
    request: encapsulated(13, [0]),
    bytes: framed(`
      01  unit identifier
      ab  function code: Encapsulated Interface Transport, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'MEI type 200: opaque',
    clause: 'MAP V1.1b3 §6.19',
    request: encapsulated(200, [1]),
    bytes: framed(`
      01  unit identifier
      2b  function code: Encapsulated Interface Transport
      c8  MEI type
      01  data
    `),
    is: { data: '01' },
  },
  {
    name: 'function code 9: opaque',
    clause: 'MAP V1.1b3 §5',
    request: opaque(9, [1, 2]),
    bytes: framed(`
      01        unit identifier
      09        function code
      03 04 05  data
    `),
    is: { data: '03 04 05' },
  },
  {
    name: 'function code 65: opaque',
    clause: 'MAP V1.1b3 §5',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      01        unit identifier
      41        function code
      03 04 05  data
    `),
    is: { data: '03 04 05' },
  },
  {
    name: 'function code 73: opaque',
    clause: 'MAP V1.1b3 §5',
    request: opaque(73, [1, 2]),
    bytes: framed(`
      01        unit identifier
      49        function code
      03 04 05  data
    `),
    is: { data: '03 04 05' },
  },
  {
    name: 'function code 100: opaque',
    clause: 'MAP V1.1b3 §5',
    request: opaque(100, [1, 2]),
    bytes: framed(`
      01        unit identifier
      64        function code
      03 04 05  data
    `),
    is: { data: '03 04 05' },
  },
  {
    name: 'function code 127: opaque',
    clause: 'MAP V1.1b3 §5',
    request: opaque(127, [1, 2]),
    bytes: framed(`
      01        unit identifier
      7f        function code
      03 04 05  data
    `),
    is: { data: '03 04 05' },
  },
  {
    name: 'function code 65: no data',
    clause: 'MAP V1.1b3 §5',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      01  unit identifier
      41  function code
    `),
    is: { data: '' },
  },
  {
    name: 'function code 65: another function',
    clause: 'MAP V1.1b3 §5',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      01  unit identifier
      42  function code
      03  data
    `),
    is: 'mismatch',
  },
  {
    name: 'function code 65: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      02  unit identifier
      41  function code
      03  data
    `),
    leave: 'unit-echo',
    is: { data: '03' },
    emitted: framed(`
      01  unit identifier
      41  function code
      03  data
    `),
  },
  {
    name: 'function code 65: exception 01',
    clause: 'MAP V1.1b3 §7',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      01  unit identifier
      c1  function code: function code 65, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'function code 65: exception 04',
    clause: 'MAP V1.1b3 §7',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      01  unit identifier
      c1  function code: function code 65, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'function code 65: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      01  unit identifier
      c1  function code: function code 65, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'function code 65: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      01  unit identifier
      c1  function code: function code 65, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'function code 65: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      01  unit identifier
      c1  function code: function code 65, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'function code 65: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: opaque(65, [1, 2]),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'UMAS: opaque',
    clause: 'UMAS (Schneider Electric), a reserved code of MAP V1.1b3 §5',
    request: opaque(90, [0, 2]),
    bytes: framed(`
      01     unit identifier
      5a     function code 90
      00     session
      fe     UMAS status: done
      01 02  data
    `),
    is: { data: '00 fe 01 02' },
  },
  {
    name: 'UMAS: longer than any Modbus PDU',
    clause: 'UMAS (Schneider Electric), a reserved code of MAP V1.1b3 §5',
    request: opaque(90, [0, 2]),
    bytes: framed(`
      01  unit identifier
      5a  function code 90
      00  session
      fe  UMAS status: done
      ${'00 '.repeat(1000).trim()}  data
    `),
    is: { data: `00 fe ${'00 '.repeat(1000).trim()}` },
  },
  {
    name: 'UMAS: an exception',
    clause: 'MAP V1.1b3 §7',
    request: opaque(90, [0, 2]),
    bytes: framed(`
      01  unit identifier
      da  function code 90, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
];
