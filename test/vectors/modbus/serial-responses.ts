import { diagnostics, plain } from '../../rules/modbus/request-builders.ts';
import { framed } from './fields.ts';
import type { ResponseVector } from './vector.ts';

/** Responses of the functions that are titled "Serial Line only", one field to a line. */
export const serialResponses: readonly ResponseVector[] = [
  {
    name: "Read Exception Status: the specification's example",
    clause: 'MAP V1.1b3 §6.7',
    request: plain(7),
    bytes: framed(`
      01  unit identifier
      07  function code: Read Exception Status
      6d  output data
    `),
    is: { data: '6d' },
  },
  {
    name: 'Read Exception Status: without its byte',
    clause: 'MAP V1.1b3 §6.7',
    request: plain(7),
    bytes: framed(`
      01  unit identifier
      07  function code: Read Exception Status
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Exception Status: a byte behind',
    clause: 'MAP V1.1b3 §6.7',
    request: plain(7),
    bytes: framed(`
      01  unit identifier
      07  function code: Read Exception Status
      6d  output data
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Exception Status: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: plain(7),
    bytes: framed(`
      02  unit identifier
      07  function code: Read Exception Status
      6d  output data
    `),
    leave: 'unit-echo',
    is: { data: '6d' },
    emitted: framed(`
      01  unit identifier
      07  function code: Read Exception Status
      6d  output data
    `),
  },
  {
    name: 'Read Exception Status: exception 01',
    clause: 'MAP V1.1b3 §6.7',
    request: plain(7),
    bytes: framed(`
      01  unit identifier
      87  function code: Read Exception Status, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Read Exception Status: exception 04',
    clause: 'MAP V1.1b3 §6.7',
    request: plain(7),
    bytes: framed(`
      01  unit identifier
      87  function code: Read Exception Status, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Read Exception Status: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: plain(7),
    bytes: framed(`
      01  unit identifier
      87  function code: Read Exception Status, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Exception Status: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: plain(7),
    bytes: framed(`
      01  unit identifier
      87  function code: Read Exception Status, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Exception Status: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: plain(7),
    bytes: framed(`
      01  unit identifier
      87  function code: Read Exception Status, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Read Exception Status: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: plain(7),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Get Comm Event Counter: the specification's example, busy",
    clause: 'MAP V1.1b3 §6.9',
    request: plain(11),
    bytes: framed(`
      01     unit identifier
      0b     function code: Get Comm Event Counter
      ff ff  status
      01 08  event count
    `),
    is: { data: 'ff ff 01 08' },
  },
  {
    name: 'Get Comm Event Counter: ready',
    clause: 'MAP V1.1b3 §6.9',
    request: plain(11),
    bytes: framed(`
      01     unit identifier
      0b     function code: Get Comm Event Counter
      00 00  status
      01 08  event count
    `),
    is: { data: '00 00 01 08' },
  },
  {
    name: 'Get Comm Event Counter: a status that is neither',
    clause: 'MAP V1.1b3 §6.9',
    request: plain(11),
    bytes: framed(`
      01     unit identifier
      0b     function code: Get Comm Event Counter
      00 01  status
      01 08  event count
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Counter: without an event count',
    clause: 'MAP V1.1b3 §6.9',
    request: plain(11),
    bytes: framed(`
      01     unit identifier
      0b     function code: Get Comm Event Counter
      00 00  status
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Counter: a byte behind',
    clause: 'MAP V1.1b3 §6.9',
    request: plain(11),
    bytes: framed(`
      01     unit identifier
      0b     function code: Get Comm Event Counter
      00 00  status
      00 00  event count
      00     more
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Counter: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: plain(11),
    bytes: framed(`
      02     unit identifier
      0b     function code: Get Comm Event Counter
      00 00  status
      00 00  event count
    `),
    leave: 'unit-echo',
    is: { data: '00 00 00 00' },
    emitted: framed(`
      01     unit identifier
      0b     function code: Get Comm Event Counter
      00 00  status
      00 00  event count
    `),
  },
  {
    name: 'Get Comm Event Counter: exception 01',
    clause: 'MAP V1.1b3 §6.9',
    request: plain(11),
    bytes: framed(`
      01  unit identifier
      8b  function code: Get Comm Event Counter, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Get Comm Event Counter: exception 04',
    clause: 'MAP V1.1b3 §6.9',
    request: plain(11),
    bytes: framed(`
      01  unit identifier
      8b  function code: Get Comm Event Counter, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Get Comm Event Counter: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: plain(11),
    bytes: framed(`
      01  unit identifier
      8b  function code: Get Comm Event Counter, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Counter: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: plain(11),
    bytes: framed(`
      01  unit identifier
      8b  function code: Get Comm Event Counter, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Counter: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: plain(11),
    bytes: framed(`
      01  unit identifier
      8b  function code: Get Comm Event Counter, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Counter: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: plain(11),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Get Comm Event Log: the specification's example",
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01     unit identifier
      0c     function code: Get Comm Event Log
      08     byte count
      00 00  status
      01 08  event count
      01 21  message count
      20     event 0
      00     event 1
    `),
    is: { data: '00 00 01 08 01 21 20 00' },
  },
  {
    name: 'Get Comm Event Log: no event',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01     unit identifier
      0c     function code: Get Comm Event Log
      06     byte count
      ff ff  status
      01 08  event count
      01 21  message count
    `),
    is: { data: 'ff ff 01 08 01 21' },
  },
  {
    name: 'Get Comm Event Log: 64 events',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01     unit identifier
      0c     function code: Get Comm Event Log
      46     byte count
      00 00  status
      01 08  event count
      01 21  message count
      ${'40 '.repeat(64).trim()}  events
    `),
    is: { data: `00 00 01 08 01 21 ${'40 '.repeat(64).trim()}` },
  },
  {
    name: 'Get Comm Event Log: 65 events',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01     unit identifier
      0c     function code: Get Comm Event Log
      47     byte count
      00 00  status
      01 08  event count
      01 21  message count
      ${'40 '.repeat(65).trim()}  events
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: a status that is neither',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01     unit identifier
      0c     function code: Get Comm Event Log
      06     byte count
      00 ff  status
      01 08  event count
      01 21  message count
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: without a message count, in step with its count',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01     unit identifier
      0c     function code: Get Comm Event Log
      04     byte count
      00 00  status
      01 08  event count
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: more events than counted',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01     unit identifier
      0c     function code: Get Comm Event Log
      06     byte count
      00 00  status
      01 08  event count
      01 21  message count
      20     event 0
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: fewer events than counted',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01     unit identifier
      0c     function code: Get Comm Event Log
      08     byte count
      00 00  status
      01 08  event count
      01 21  message count
      20     event 0
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: without a byte count',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01  unit identifier
      0c  function code: Get Comm Event Log
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: the exception code as printed, 0C: no exception by the general rule',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01  unit identifier
      0c  function code: as §6.10 prints its error code
      01  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: plain(12),
    bytes: framed(`
      02     unit identifier
      0c     function code: Get Comm Event Log
      06     byte count
      00 00  status
      01 08  event count
      01 21  message count
    `),
    leave: 'unit-echo',
    is: { data: '00 00 01 08 01 21' },
    emitted: framed(`
      01     unit identifier
      0c     function code: Get Comm Event Log
      06     byte count
      00 00  status
      01 08  event count
      01 21  message count
    `),
  },
  {
    name: 'Get Comm Event Log: exception 01',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01  unit identifier
      8c  function code: Get Comm Event Log, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Get Comm Event Log: exception 04',
    clause: 'MAP V1.1b3 §6.10',
    request: plain(12),
    bytes: framed(`
      01  unit identifier
      8c  function code: Get Comm Event Log, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Get Comm Event Log: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: plain(12),
    bytes: framed(`
      01  unit identifier
      8c  function code: Get Comm Event Log, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: plain(12),
    bytes: framed(`
      01  unit identifier
      8c  function code: Get Comm Event Log, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: plain(12),
    bytes: framed(`
      01  unit identifier
      8c  function code: Get Comm Event Log, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Get Comm Event Log: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: plain(12),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Report Server ID: an identifier, running',
    clause: 'MAP V1.1b3 §6.13',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      11  function code: Report Server ID
      02  byte count
      b4  server ID
      ff  run indicator: on
    `),
    is: { data: 'b4 ff' },
  },
  {
    name: "Report Server ID: with a text behind, as libmodbus's servers answer",
    clause: 'MAP V1.1b3 §6.13',
    request: plain(17),
    bytes: framed(`
      01                                unit identifier
      11                                function code: Report Server ID
      0d                                byte count
      b4                                server ID
      ff                                run indicator: on
      4c 4d 42 33 2e 31 2e 31 30 00 00  additional data
    `),
    is: { data: 'b4 ff 4c 4d 42 33 2e 31 2e 31 30 00 00' },
  },
  {
    name: 'Report Server ID: as long as a PDU allows',
    clause: 'MAP V1.1b3 §6.13',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      11  function code: Report Server ID
      fb  byte count
      ${'41 '.repeat(250).trim()}  server ID
      00  run indicator: off
    `),
    is: { data: `${'41 '.repeat(250)}00` },
  },
  {
    name: 'Report Server ID: nothing, not even a run indicator',
    clause: 'MAP V1.1b3 §6.13',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      11  function code: Report Server ID
      00  byte count
    `),
    is: 'mismatch',
  },
  {
    name: 'Report Server ID: a byte count that is too large',
    clause: 'MAP V1.1b3 §6.13',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      11  function code: Report Server ID
      03  byte count
      b4  server ID
      ff  run indicator: on
    `),
    is: 'mismatch',
  },
  {
    name: 'Report Server ID: a byte behind what is counted',
    clause: 'MAP V1.1b3 §6.13',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      11  function code: Report Server ID
      02  byte count
      b4  server ID
      ff  run indicator: on
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Report Server ID: without a byte count',
    clause: 'MAP V1.1b3 §6.13',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      11  function code: Report Server ID
    `),
    is: 'mismatch',
  },
  {
    name: 'Report Server ID: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: plain(17),
    bytes: framed(`
      02  unit identifier
      11  function code: Report Server ID
      02  byte count
      b4  server ID
      ff  run indicator: on
    `),
    leave: 'unit-echo',
    is: { data: 'b4 ff' },
    emitted: framed(`
      01  unit identifier
      11  function code: Report Server ID
      02  byte count
      b4  server ID
      ff  run indicator: on
    `),
  },
  {
    name: 'Report Server ID: exception 01',
    clause: 'MAP V1.1b3 §6.13',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      91  function code: Report Server ID, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Report Server ID: exception 04',
    clause: 'MAP V1.1b3 §6.13',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      91  function code: Report Server ID, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Report Server ID: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      91  function code: Report Server ID, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Report Server ID: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      91  function code: Report Server ID, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Report Server ID: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      91  function code: Report Server ID, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Report Server ID: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: plain(17),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
  {
    name: "Return Query Data: the specification's example",
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(0, [0xa537]),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      a5 37  data
    `),
    is: 'done',
  },
  {
    name: 'Return Query Data: the longest loopback there is',
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(0, new Array(125).fill(0xa537)),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      ${'a5 37 '.repeat(125).trim()}  data
    `),
    is: 'done',
  },
  {
    name: 'Return Query Data: other data',
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(0, [0xa537]),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      a5 38  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Return Query Data: less data',
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(0, [0xa537, 0x0102]),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      a5 37  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Return Query Data: more data',
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(0, [0xa537]),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 00  sub-function
      a5 37  data
      00 00  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Return Query Data: another sub-function',
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(0, [0xa537]),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 02  sub-function
      a5 37  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Return Query Data: without a sub-function',
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(0, [0xa537]),
    bytes: framed(`
      01  unit identifier
      08  function code: Diagnostics
    `),
    is: 'mismatch',
  },
  {
    name: 'Restart Communications Option: the echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(1, [0xff00]),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 01  sub-function
      ff 00  data
    `),
    is: 'done',
  },
  {
    name: 'Restart Communications Option: the other option',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(1, [0xff00]),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 01  sub-function
      00 00  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Change ASCII Input Delimiter: the echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(3, [0x0a00]),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 03  sub-function
      0a 00  data
    `),
    is: 'done',
  },
  {
    name: 'Change ASCII Input Delimiter: another character',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(3, [0x0a00]),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 03  sub-function
      0d 00  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Force Listen Only Mode: an answer, of which there is none',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(4),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 04  sub-function
      00 00  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Force Listen Only Mode: the exception of a server that does not know it',
    clause: 'MAP V1.1b3 §7',
    request: diagnostics(4),
    bytes: framed(`
      01  unit identifier
      88  function code: Diagnostics, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Clear Counters and Diagnostic Register: the echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(10),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0a  sub-function
      00 00  data
    `),
    is: 'done',
  },
  {
    name: 'Clear Counters and Diagnostic Register: a counter instead of the echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(10),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0a  sub-function
      00 01  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Clear Overrun Counter and Flag: the echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(20),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 14  sub-function
      00 00  data
    `),
    is: 'done',
  },
  {
    name: 'Clear Overrun Counter and Flag: a counter instead of the echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(20),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 14  sub-function
      00 01  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Return Diagnostic Register: a number, which is no echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(2),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 02  sub-function
      12 34  data
    `),
    is: { data: '12 34' },
  },
  {
    name: 'Return Bus Message Count: a number, which is no echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(11),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0b  sub-function
      12 34  data
    `),
    is: { data: '12 34' },
  },
  {
    name: 'Return Bus Communication Error Count: a number, which is no echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(12),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0c  sub-function
      12 34  data
    `),
    is: { data: '12 34' },
  },
  {
    name: 'Return Bus Exception Error Count: a number, which is no echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(13),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0d  sub-function
      12 34  data
    `),
    is: { data: '12 34' },
  },
  {
    name: 'Return Server Message Count: a number, which is no echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(14),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0e  sub-function
      12 34  data
    `),
    is: { data: '12 34' },
  },
  {
    name: 'Return Server No Response Count: a number, which is no echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(15),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0f  sub-function
      12 34  data
    `),
    is: { data: '12 34' },
  },
  {
    name: 'Return Server NAK Count: a number, which is no echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(16),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 10  sub-function
      12 34  data
    `),
    is: { data: '12 34' },
  },
  {
    name: 'Return Server Busy Count: a number, which is no echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(17),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 11  sub-function
      12 34  data
    `),
    is: { data: '12 34' },
  },
  {
    name: 'Return Bus Character Overrun Count: a number, which is no echo',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(18),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 12  sub-function
      12 34  data
    `),
    is: { data: '12 34' },
  },
  {
    name: 'Return Bus Message Count: another sub-function',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(11),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0c  sub-function
      12 34  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Return Bus Message Count: a second word',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(11),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0b  sub-function
      12 34  data
      00 00  data
    `),
    is: 'mismatch',
  },
  {
    name: 'Return Bus Message Count: half a word',
    clause: 'MAP V1.1b3 §6.8.1',
    request: diagnostics(11),
    bytes: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0b  sub-function
      12     data
    `),
    is: 'mismatch',
  },
  {
    name: 'Return Bus Message Count: from another unit',
    clause: 'MODBUS Messaging on TCP/IP V1.0b §3.1.3',
    request: diagnostics(11),
    bytes: framed(`
      02     unit identifier
      08     function code: Diagnostics
      00 0b  sub-function
      00 00  data
    `),
    leave: 'unit-echo',
    is: { data: '00 00' },
    emitted: framed(`
      01     unit identifier
      08     function code: Diagnostics
      00 0b  sub-function
      00 00  data
    `),
  },
  {
    name: 'Diagnostics: exception 01',
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(2),
    bytes: framed(`
      01  unit identifier
      88  function code: Diagnostics, exception
      01  exception code
    `),
    is: { exception: 1 },
  },
  {
    name: 'Diagnostics: exception 03',
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(2),
    bytes: framed(`
      01  unit identifier
      88  function code: Diagnostics, exception
      03  exception code
    `),
    is: { exception: 3 },
  },
  {
    name: 'Diagnostics: exception 04',
    clause: 'MAP V1.1b3 §6.8',
    request: diagnostics(2),
    bytes: framed(`
      01  unit identifier
      88  function code: Diagnostics, exception
      04  exception code
    `),
    is: { exception: 4 },
  },
  {
    name: 'Diagnostics: exception code 0',
    clause: 'MAP V1.1b3 §7',
    request: diagnostics(2),
    bytes: framed(`
      01  unit identifier
      88  function code: Diagnostics, exception
      00  exception code
    `),
    is: 'mismatch',
  },
  {
    name: 'Diagnostics: an exception without a code',
    clause: 'MAP V1.1b3 §7',
    request: diagnostics(2),
    bytes: framed(`
      01  unit identifier
      88  function code: Diagnostics, exception
    `),
    is: 'mismatch',
  },
  {
    name: 'Diagnostics: an exception with a byte behind',
    clause: 'MAP V1.1b3 §7',
    request: diagnostics(2),
    bytes: framed(`
      01  unit identifier
      88  function code: Diagnostics, exception
      02  exception code
      00  more
    `),
    is: 'mismatch',
  },
  {
    name: 'Diagnostics: an exception for another function',
    clause: 'MAP V1.1b3 §7',
    request: diagnostics(2),
    bytes: framed(`
      01  unit identifier
      83  function code: exception of another function
      02  exception code
    `),
    is: 'mismatch',
  },
];
