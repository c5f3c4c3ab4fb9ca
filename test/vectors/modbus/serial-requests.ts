import { diagnostics, plain } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { RequestVector } from './vector.ts';

/** Requests of the functions that are titled "Serial Line only" and that servers on TCP answer all the same. */
export const serialRequests: readonly RequestVector[] = [
  {
    name: "Read Exception Status: the specification's example",
    clause: 'MAP V1.1b3 §6.7',
    bytes: framed(`
      01  unit identifier
      07  function code: Read Exception Status
    `),
    is: plain(7),
  },
  {
    name: 'Read Exception Status: a byte behind',
    clause: 'MAP V1.1b3 §6.7',
    bytes: framed(`
      01  unit identifier
      07  function code: Read Exception Status
      00  more
    `),
    is: 'malformed',
  },
  {
    name: "Get Comm Event Counter: the specification's example",
    clause: 'MAP V1.1b3 §6.9',
    bytes: framed(`
      01  unit identifier
      0b  function code: Get Comm Event Counter
    `),
    is: plain(11),
  },
  {
    name: 'Get Comm Event Counter: a byte behind',
    clause: 'MAP V1.1b3 §6.9',
    bytes: framed(`
      01  unit identifier
      0b  function code: Get Comm Event Counter
      00  more
    `),
    is: 'malformed',
  },
  {
    name: "Get Comm Event Log: the specification's example",
    clause: 'MAP V1.1b3 §6.10',
    bytes: framed(`
      01  unit identifier
      0c  function code: Get Comm Event Log
    `),
    is: plain(12),
  },
  {
    name: 'Get Comm Event Log: a byte behind',
    clause: 'MAP V1.1b3 §6.10',
    bytes: framed(`
      01  unit identifier
      0c  function code: Get Comm Event Log
      00  more
    `),
    is: 'malformed',
  },
  {
    name: "Report Server ID: the specification's example",
    clause: 'MAP V1.1b3 §6.13',
    bytes: framed(`
      01  unit identifier
      11  function code: Report Server ID
    `),
    is: plain(17),
  },
  {
    name: 'Report Server ID: a byte behind',
    clause: 'MAP V1.1b3 §6.13',
    bytes: framed(`
      01  unit identifier
      11  function code: Report Server ID
      00  more
    `),
    is: 'malformed',
  },
  {
    name: "Return Query Data: the specification's example",
    clause: 'MAP V1.1b3 §6.8',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      a5 37  data
    `),
    is: diagnostics(0, [0xa537]),
  },
  {
    name: 'Return Query Data: four words',
    clause: 'MAP V1.1b3 §6.8',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      01 02  data
      03 04  data
      05 06  data
      07 08  data
    `),
    is: diagnostics(0, [0x0102, 0x0304, 0x0506, 0x0708]),
  },
  {
    name: 'Return Query Data: the longest loopback there is',
    clause: 'MAP V1.1b3 §6.8',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      ${'a5 37 '.repeat(125).trim()}  data
    `),
    is: diagnostics(0, new Array(125).fill(0xa537)),
  },
  {
    name: 'Restart Communications Option',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 01  sub-function
      00 00  data
    `),
    is: diagnostics(1),
  },
  {
    name: 'Restart Communications Option: clear the log (V22)',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 01  sub-function
      ff 00  data
    `),
    is: diagnostics(1, [0xff00]),
  },
  {
    name: 'Return Diagnostic Register',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 02  sub-function
      00 00  data
    `),
    is: diagnostics(2),
  },
  {
    name: 'Change ASCII Input Delimiter: a line feed',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 03  sub-function
      0a 00  data
    `),
    is: diagnostics(3, [0x0a00]),
  },
  {
    name: 'Force Listen Only Mode (V21)',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 04  sub-function
      00 00  data
    `),
    is: diagnostics(4),
  },
  {
    name: 'Clear Counters and Diagnostic Register',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0a  sub-function
      00 00  data
    `),
    is: diagnostics(10),
  },
  {
    name: 'Clear Counters and Diagnostic Register: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0a  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Return Bus Message Count',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0b  sub-function
      00 00  data
    `),
    is: diagnostics(11),
  },
  {
    name: 'Return Bus Message Count: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0b  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Return Bus Communication Error Count',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0c  sub-function
      00 00  data
    `),
    is: diagnostics(12),
  },
  {
    name: 'Return Bus Communication Error Count: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0c  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Return Bus Exception Error Count',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0d  sub-function
      00 00  data
    `),
    is: diagnostics(13),
  },
  {
    name: 'Return Bus Exception Error Count: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0d  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Return Server Message Count',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0e  sub-function
      00 00  data
    `),
    is: diagnostics(14),
  },
  {
    name: 'Return Server Message Count: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0e  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Return Server No Response Count',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0f  sub-function
      00 00  data
    `),
    is: diagnostics(15),
  },
  {
    name: 'Return Server No Response Count: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0f  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Return Server NAK Count',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 10  sub-function
      00 00  data
    `),
    is: diagnostics(16),
  },
  {
    name: 'Return Server NAK Count: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 10  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Return Server Busy Count',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 11  sub-function
      00 00  data
    `),
    is: diagnostics(17),
  },
  {
    name: 'Return Server Busy Count: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 11  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Return Bus Character Overrun Count',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 12  sub-function
      00 00  data
    `),
    is: diagnostics(18),
  },
  {
    name: 'Return Bus Character Overrun Count: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 12  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Clear Overrun Counter and Flag',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 14  sub-function
      00 00  data
    `),
    is: diagnostics(20),
  },
  {
    name: 'Clear Overrun Counter and Flag: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 14  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Restart Communications Option: neither 0000 nor FF00',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 01  sub-function
      ff 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Return Diagnostic Register: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 02  sub-function
      80 00  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Change ASCII Input Delimiter: a second byte',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 03  sub-function
      0a 0d  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Force Listen Only Mode: data that is not 0',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 04  sub-function
      00 01  data
    `),
    is: 'illegal-value',
  },
  {
    name: 'Diagnostics: the reserved sub-function 5',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 05  sub-function
      00 00  data
    `),
    is: 'illegal-function',
  },
  {
    name: 'Diagnostics: the reserved sub-function 9',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 09  sub-function
      00 00  data
    `),
    is: 'illegal-function',
  },
  {
    name: 'Diagnostics: the reserved sub-function 19',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 13  sub-function
      00 00  data
    `),
    is: 'illegal-function',
  },
  {
    name: 'Diagnostics: the reserved sub-function 21',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 15  sub-function
      00 00  data
    `),
    is: 'illegal-function',
  },
  {
    name: 'Diagnostics: the reserved sub-function 32767',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      7f ff  sub-function
      00 00  data
    `),
    is: 'illegal-function',
  },
  {
    name: 'Diagnostics: the reserved sub-function 65535',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      ff ff  sub-function
      00 00  data
    `),
    is: 'illegal-function',
  },
  {
    name: 'Diagnostics: without a sub-function',
    clause: 'MAP V1.1b3 §6.8',
    bytes: framed(`
      01  unit identifier
      08  function code: Diagnostics
    `),
    is: 'malformed',
  },
  {
    name: 'Diagnostics: half a sub-function',
    clause: 'MAP V1.1b3 §6.8',
    bytes: framed(`
      01  unit identifier
      08  function code: Diagnostics
      00  sub-function: its first byte
    `),
    is: 'malformed',
  },
  {
    name: 'Return Query Data: without data',
    clause: 'MAP V1.1b3 §6.8',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
    `),
    is: 'malformed',
  },
  {
    name: 'Return Query Data: a word and a half',
    clause: 'MAP V1.1b3 §6.8',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      a5 37  data
      00     data
    `),
    is: 'malformed',
  },
  {
    name: 'Return Query Data: a PDU of 255 bytes',
    clause: 'MAP V1.1b3 §4.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      ${'a5 37 '.repeat(126).trim()}  data
    `),
    is: 'malformed',
  },
  {
    name: 'Return Bus Message Count: a second word',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0b  sub-function
      00 00  data
      00 00  data
    `),
    is: 'malformed',
  },
  {
    name: 'Force Listen Only Mode: a second word',
    clause: 'MAP V1.1b3 §6.8.1',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 04  sub-function
      00 00  data
      00 00  data
    `),
    is: 'malformed',
  },
  {
    name: 'Diagnostics: a reserved sub-function with half a word',
    clause: 'MAP V1.1b3 §6.8',
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 13  sub-function
      00     data
    `),
    is: 'malformed',
  },
];
