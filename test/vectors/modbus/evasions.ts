import { fields } from './fields.ts';

/** What must become of a hostile request: the connection cut, or kept with this exception. */
export type Fate = { readonly close: 'malformed-adu' | 'malformed-pdu' } | { readonly exception: number };

/**
 * Requests that have got past other gateways, with what each tries. Nothing of any may be forwarded by a
 * profile that permits unit 1 every public function, addresses 0 to 99, file 1 and no value above 0x00f6 to a
 * mask write, so that each fails for what it is.
 */
export const evasions: readonly { name: string; bytes: Uint8Array; fate: Fate }[] = [
  {
    name: 'V01 a write hidden inside the length of a read',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 15  length: reaches over the next ADU
      01     unit identifier
      03     function code: Read Holding Registers
      00 00  starting address
      00 01  quantity
      00 02  hidden: transaction identifier
      00 00  hidden: protocol identifier
      00 09  hidden: length
      01     hidden: unit identifier
      10     hidden: function code: Write Multiple Registers
      00 05  hidden: starting address
      00 01  hidden: quantity
      02     hidden: byte count
      de ad  hidden: register
    `),
    fate: { close: 'malformed-pdu' },
  },
  {
    name: 'V02 a length that waits for bytes for ever',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      1d 00  length
      ff     unit identifier
      03     function code
      00 00  starting address
      00 0a  quantity
    `),
    fate: { close: 'malformed-adu' },
  },
  {
    name: 'V03 a write whose values lie behind its length',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length: ends before the byte count
      01     unit identifier
      10     function code
      00 05  starting address
      00 01  quantity
      02     byte count
      12 34  register
    `),
    fate: { close: 'malformed-pdu' },
  },
  {
    name: 'V04 length 0',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 00  length
      01     unit identifier
      03     function code
      00 00  starting address
      00 01  quantity
    `),
    fate: { close: 'malformed-adu' },
  },
  {
    name: 'V05 length 1: a unit identifier and no function code',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 01  length
      01     unit identifier
    `),
    fate: { close: 'malformed-adu' },
  },
  {
    name: 'V06 length 255: one above the largest PDU',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 ff  length
      01     unit identifier
      03     function code
    `),
    fate: { close: 'malformed-adu' },
  },
  {
    name: 'V07 protocol identifier 1',
    bytes: fields(`
      00 01  transaction identifier
      00 01  protocol identifier
      00 06  length
      01     unit identifier
      03     function code
      00 00  starting address
      00 01  quantity
    `),
    fate: { close: 'malformed-adu' },
  },
  {
    name: 'V08 function code 0',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 02  length
      01     unit identifier
      00     function code
    `),
    fate: { close: 'malformed-pdu' },
  },
  {
    name: 'V09 an exception response sent as a request',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      90     function code
      00 00  data
      00 01  data
    `),
    fate: { close: 'malformed-pdu' },
  },
  {
    name: 'V10 quantity 0',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      03     function code
      00 00  starting address
      00 00  quantity
    `),
    fate: { exception: 0x03 },
  },
  {
    name: 'V11 quantity 126',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      03     function code
      00 00  starting address
      00 7e  quantity
    `),
    fate: { exception: 0x03 },
  },
  {
    name: 'V12 a range that runs over address 65535',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      03     function code
      ff ff  starting address
      00 02  quantity
    `),
    fate: { exception: 0x02 },
  },
  {
    name: 'V13 ten coils in three bytes',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 0a  length
      01     unit identifier
      0f     function code
      00 00  starting address
      00 0a  quantity
      03     byte count
      cd     coils
      01     coils
      00     one byte too many
    `),
    fate: { exception: 0x03 },
  },
  {
    name: 'V14 1976 coils: they fit the PDU and are 8 above the limit',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 fe  length
      01     unit identifier
      0f     function code
      00 00  starting address
      07 b8  quantity
      f7     byte count
      ${'ff '.repeat(247).trim()}  coils
    `),
    fate: { exception: 0x03 },
  },
  {
    name: 'V16 a coil value that is neither on nor off',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      05     function code
      00 00  output address
      00 01  output value
    `),
    fate: { exception: 0x03 },
  },
  {
    name: 'V17 one register in three bytes',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 0a  length
      01     unit identifier
      10     function code
      00 00  starting address
      00 01  quantity
      03     byte count
      12 34  register
      56     one byte too many
    `),
    fate: { exception: 0x03 },
  },
  {
    name: 'V18 a file record length that wraps in 16 bits',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 0c  length
      01     unit identifier
      15     function code: Write File Record
      09     byte count
      06     reference type
      00 01  file number
      00 00  record number
      7f fd  record length
      00 00  data
    `),
    fate: { exception: 0x03 },
  },
  {
    name: 'V19 a second file record behind the first',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 15  length
      01     unit identifier
      15     function code: Write File Record
      12     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      11 11  data
      06     reference type
      00 03  file number
      00 00  record number
      00 01  record length
      22 22  data
    `),
    fate: { exception: 0x02 },
  },
  {
    name: 'V20 a forbidden write behind a permitted read',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 0d  length
      01     unit identifier
      17     function code: Read/Write Multiple Registers
      00 00  read starting address
      00 01  quantity to read
      01 f4  write starting address
      00 01  quantity to write
      02     write byte count
      ff ff  register
    `),
    fate: { exception: 0x02 },
  },
  {
    name: 'V21 force listen only: silences the device',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      08     function code: Diagnostics
      00 04  sub-function
      00 00  data
    `),
    fate: { exception: 0x01 },
  },
  {
    name: 'V22 restart communications and clear the log',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      08     function code: Diagnostics
      00 01  sub-function
      ff 00  data
    `),
    fate: { exception: 0x01 },
  },
  {
    name: 'V23 a CANopen tunnel',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 04  length
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
      0d     MEI type
      00     data
    `),
    fate: { exception: 0x01 },
  },
  {
    name: 'V24 a vendor function (UMAS)',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 04  length
      00     unit identifier
      5a     function code 90
      00     session
      02     UMAS function
    `),
    fate: { exception: 0x01 },
  },
  {
    name: 'V25 a broadcast write',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      00     unit identifier
      06     function code
      00 01  register address
      00 01  register value
    `),
    fate: { exception: 0x01 },
  },
  {
    name: 'V26 a write to unit 255',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      ff     unit identifier
      06     function code
      00 01  register address
      00 01  register value
    `),
    fate: { exception: 0x01 },
  },
  {
    name: 'V27 a mask write that can reach 0x00f7 where 0x00f6 is the largest value',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 08  length
      01     unit identifier
      16     function code: Mask Write Register
      00 04  reference address
      00 f2  and mask
      00 25  or mask
    `),
    fate: { exception: 0x03 },
  },
  {
    name: 'a read that starts inside the permitted range and ends outside',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      03     function code
      00 63  starting address
      00 02  quantity
    `),
    fate: { exception: 0x02 },
  },
  {
    name: 'bytes behind a complete request, inside its length',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 08  length
      01     unit identifier
      06     function code
      00 01  register address
      00 01  register value
      00 00  more
    `),
    fate: { close: 'malformed-pdu' },
  },
  {
    name: 'a quantity whose byte count is right in sixteen bits alone',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 09  length
      01     unit identifier
      10     function code: Write Multiple Registers
      00 00  starting address
      80 01  quantity: twice this is 2 in sixteen bits
      02     byte count
      ff ff  register
    `),
    fate: { exception: 0x03 },
  },
  {
    name: 'a file to read whose second group lies outside',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 11  length
      01     unit identifier
      14     function code: Read File Record
      0e     byte count
      06     reference type
      00 01  file number
      00 00  record number
      00 01  record length
      06     second: reference type
      00 03  second: file number
      00 00  second: record number
      00 01  second: record length
    `),
    fate: { exception: 0x02 },
  },
  {
    name: 'a diagnostics sub-function without its data',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 04  length
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
    `),
    fate: { close: 'malformed-pdu' },
  },
  {
    name: 'an encapsulated transport of no type',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      00 02  length
      01     unit identifier
      2b     function code: Encapsulated Interface Transport
    `),
    fate: { close: 'malformed-pdu' },
  },
  {
    name: 'a vendor function longer than an ADU, without leave',
    bytes: fields(`
      00 01  transaction identifier
      00 00  protocol identifier
      03 ec  length: 1004
      00     unit identifier
      5a     function code 90
    `),
    fate: { close: 'malformed-adu' },
  },
  {
    name: 'another protocol on the port',
    bytes: new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'),
    fate: { close: 'malformed-adu' },
  },
];

/** Answers of a hostile server to transaction 7 (as it sees it): unit 1, Read Holding Registers, quantity 1. */
export const wrongResponses: readonly { name: string; bytes: Uint8Array; reason: string }[] = [
  {
    name: 'V28 from another unit',
    bytes: fields(`
      00 07  transaction identifier
      00 00  protocol identifier
      00 05  length
      02     unit identifier
      03     function code
      02     byte count
      00 01  register
    `),
    reason: 'response-mismatch',
  },
  {
    name: 'V29 with more registers than were asked for, and than its byte count says',
    bytes: fields(`
      00 07  transaction identifier
      00 00  protocol identifier
      00 09  length
      01     unit identifier
      03     function code
      04     byte count
      00 01  register
      00 02  register
      00 03  register
    `),
    reason: 'response-mismatch',
  },
  {
    name: 'V30 to another function',
    bytes: fields(`
      00 07  transaction identifier
      00 00  protocol identifier
      00 05  length
      01     unit identifier
      04     function code
      02     byte count
      00 01  register
    `),
    reason: 'response-mismatch',
  },
  {
    name: 'V31 with an exception to another function',
    bytes: fields(`
      00 07  transaction identifier
      00 00  protocol identifier
      00 03  length
      01     unit identifier
      84     function code
      01     exception code
    `),
    reason: 'response-mismatch',
  },
  {
    name: 'to a transaction never asked for',
    bytes: fields(`
      00 08  transaction identifier
      00 00  protocol identifier
      00 05  length
      01     unit identifier
      03     function code
      02     byte count
      00 01  register
    `),
    reason: 'response-unsolicited',
  },
  {
    name: 'with a request of its own',
    bytes: fields(`
      00 07  transaction identifier
      00 00  protocol identifier
      00 06  length
      01     unit identifier
      03     function code
      00 00  starting address
      00 01  quantity
    `),
    reason: 'response-mismatch',
  },
  {
    name: 'with exception code 0',
    bytes: fields(`
      00 07  transaction identifier
      00 00  protocol identifier
      00 03  length
      01     unit identifier
      83     function code
      00     exception code
    `),
    reason: 'response-mismatch',
  },
  {
    name: 'with another protocol',
    bytes: fields(`
      00 07  transaction identifier
      00 02  protocol identifier
      00 03  length
      01     unit identifier
      83     function code
      02     exception code
    `),
    reason: 'malformed-adu',
  },
];
