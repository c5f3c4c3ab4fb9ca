import type { ModbusDevice, Tolerance } from '../../../rules/modbus/profile.ts';

/**
 * What products and parsers have wrongly refused, mistaken for an attack or stumbled over, and the
 * specification's own examples: one request and its answer, from the unit identifier on.
 */
export interface LegalExchange {
  readonly what: string;
  /** Where it was refused wrongly, or the clause that has it. */
  readonly source: string;
  readonly ask: string;
  /** What the server sees, where that is not what was asked. */
  readonly forwarded?: string;
  /** Empty where none is due. */
  readonly answer: string;
  /** What the client sees, where that is not what was answered. */
  readonly delivered?: string;
  readonly kind?: ModbusDevice['kind'];
  readonly tolerances?: readonly Tolerance[];
  /** What is counted, so that nobody relies on it unseen. */
  readonly counted?: readonly string[];
}

/** MODBUS Application Protocol V1.1b3: the examples of chapter 6, with shorter texts in the last one. */
export const SpecificationExamples: readonly LegalExchange[] = [
  example('6.1', 'Read Coils 20-38', '01 01 0013 0013', '01 01 03 cd 6b 05'),
  example('6.2', 'Read Discrete Inputs 197-218', '01 02 00c4 0016', '01 02 03 ac db 35'),
  example('6.3', 'Read Holding Registers 108-110', '01 03 006b 0003', '01 03 06 022b 0000 0064'),
  example('6.4', 'Read Input Register 9', '01 04 0008 0001', '01 04 02 000a'),
  example('6.5', 'Write Coil 173', '01 05 00ac ff00', '01 05 00ac ff00'),
  example('6.6', 'Write Register 2', '01 06 0001 0003', '01 06 0001 0003'),
  example('6.7', 'Read Exception Status', '01 07', '01 07 6d'),
  example('6.8', 'Return Query Data', '01 08 0000 a537', '01 08 0000 a537'),
  example('6.9', 'Get Comm Event Counter', '01 0b', '01 0b ffff 0108'),
  example('6.10', 'Get Comm Event Log', '01 0c', '01 0c 08 0000 0108 0121 20 00'),
  example('6.11', 'Write Coils 20-29', '01 0f 0013 000a 02 cd 01', '01 0f 0013 000a'),
  example('6.12', 'Write Registers 2-3', '01 10 0001 0002 04 000a 0102', '01 10 0001 0002'),
  example(
    '6.14',
    'Read File Records: the length 5 of each answer is below the 7 that the table of the same clause asks for',
    '01 14 0e 06 0004 0001 0002 06 0003 0009 0002',
    '01 14 0c 05 06 0dfe 0020 05 06 33cd 0040',
  ),
  example(
    '6.15',
    'Write File Record',
    '01 15 0d 06 0004 0007 0003 06af 04be 100d',
    '01 15 0d 06 0004 0007 0003 06af 04be 100d',
  ),
  example('6.16', 'Mask Write Register 5', '01 16 0004 00f2 0025', '01 16 0004 00f2 0025'),
  example(
    '6.17',
    'Read 4-9 and write 15-17',
    '01 17 0003 0006 000e 0003 06 00ff 00ff 00ff',
    '01 17 0c 00fe 0acd 0001 0003 000d 00ff',
  ),
  example('6.18', 'Read FIFO Queue 1246', '01 18 04de', '01 18 0006 0002 01b8 1284'),
  {
    ...example(
      '6.21',
      'Read Device Identification that counts three objects and lists two',
      '01 2b 0e 01 00',
      '01 2b 0e 01 01 00 00 03 00 04 41434d45 01 03 504c43',
    ),
    delivered: '01 2b 0e 01 01 00 00 02 00 04 41434d45 01 03 504c43',
    tolerances: ['device-id-count'],
    counted: ['device-id-count'],
  },
];

/** Legal, or tolerated by name, and stopped by somebody. */
export const WronglyStopped: readonly LegalExchange[] = [
  {
    what: 'one record of one register, whose answer is shorter than the table of the clause says',
    source: 'MAP V1.1b3 §6.14; Zeek modbus-protocol.pac wants a length of 7 at least',
    ask: '01 14 07 06 0004 0001 0001',
    answer: '01 14 04 03 06 0dfe',
  },
  {
    what: 'a loopback of more than one word',
    source: 'MAP V1.1b3 §6.8, data is N × 2 bytes; Snort and sawp want four bytes',
    ask: '01 08 0000 0102 0304 0506 0708',
    answer: '01 08 0000 0102 0304 0506 0708',
  },
  {
    what: 'a diagnostic counter, which is no echo of what was asked',
    source: 'MAP V1.1b3 §6.8, sub-function 11',
    ask: '01 08 000b 0000',
    answer: '01 08 000b 1234',
  },
  {
    what: 'the exception of Get Comm Event Log, whose code V1.1b3 prints as 0x0C',
    source: 'MAP V1.1b3 §6.10',
    ask: '01 0c',
    answer: '01 8c 01',
  },
  {
    what: 'padding behind the last coil that is not zero',
    source: 'MAP V1.1b3 §6.11 only says it is zero-filled',
    ask: '01 0f 0000 000a 02 cd ff',
    forwarded: '01 0f 0000 000a 02 cd 03',
    answer: '01 0f 0000 000a',
    counted: ['coil-padding'],
  },
  {
    what: 'padding behind the last coil that was read',
    source: 'MAP V1.1b3 §6.1',
    ask: '01 01 0000 0003',
    answer: '01 01 01 fd',
    delivered: '01 01 01 05',
    counted: ['coil-padding'],
  },
  {
    what: 'a coil switched on and confirmed with 0x0001',
    source: 'zeek/zeek#3211, cisagov/icsnpp-modbus#7: the rest of the connection went unlogged',
    ask: '01 05 0001 ff00',
    answer: '01 05 0001 0001',
    delivered: '01 05 0001 ff00',
    tolerances: ['coil-echo-0001'],
    counted: ['coil-echo-0001'],
  },
  {
    what: 'the last address there is',
    source: 'MAP V1.1b3 §4.4: addresses 0 to 65535',
    ask: '01 03 ffff 0001',
    answer: '01 03 02 0000',
  },
  {
    what: 'as many coils as fit, up to the last one',
    source: 'MAP V1.1b3 §6.1, quantity 2000',
    ask: '01 01 f830 07d0',
    answer: `01 01 fa ${'00'.repeat(250)}`,
  },
  {
    what: '1968 coils written at once',
    source: 'MAP V1.1b3 §6.11, quantity 0x7B0; sawp compares with 2000 and 125',
    ask: `01 0f 0000 07b0 f6 ${'a5'.repeat(246)}`,
    answer: '01 0f 0000 07b0',
  },
  {
    what: '125 registers read while 121 are written',
    source: 'MAP V1.1b3 §6.17',
    ask: `01 17 0000 007d 0000 0079 f2 ${'1234'.repeat(121)}`,
    answer: `01 17 fa ${'1234'.repeat(125)}`,
  },
  {
    what: 'a queue with nothing in it',
    source: 'MAP V1.1b3 §6.18',
    ask: '01 18 0000',
    answer: '01 18 0002 0000',
  },
  {
    what: 'a full queue, whose byte count has two bytes',
    source: 'MAP V1.1b3 §6.18, 31 registers',
    ask: '01 18 0000',
    answer: `01 18 0040 001f ${'0001'.repeat(31)}`,
  },
  {
    what: 'an identification that goes on in another answer',
    source: 'MAP V1.1b3 §6.21, more follows',
    ask: '01 2b 0e 02 00',
    answer: '01 2b 0e 02 82 ff 02 02 00 01 41 01 01 42',
  },
  {
    what: 'an identification without any object, as pymodbus gives it unless told more',
    source: 'pymodbus 3.0',
    ask: '01 2b 0e 01 00',
    answer: '01 2b 0e 01 83 00 00 00',
  },
  {
    what: 'a server identifier of no fixed form',
    source: 'MAP V1.1b3 §6.13; libmodbus says 180, running and its version',
    ask: 'ff 11',
    answer: 'ff 11 0a b4 ff 4c4d42 332e312e36',
  },
  {
    what: 'an answer under unit 0 to a request for unit 255',
    source: 'devices that do not look at the unit; MODBUS Messaging V1.0b §4.4.2.1.2',
    ask: 'ff 03 0000 0001',
    answer: '00 03 02 002a',
    delivered: 'ff 03 02 002a',
    tolerances: ['unit-echo'],
    counted: ['unit-echo'],
  },
  {
    what: 'a request for unit 0 of a device reached directly',
    source: 'MODBUS Messaging V1.0b §4.4.2.1.2: 0 is also accepted',
    ask: '00 03 0000 0001',
    answer: '00 03 02 002a',
  },
  {
    what: 'a broadcast, which nobody answers',
    source: 'MODBUS over Serial Line V1.02 §2.2',
    kind: 'serial-gateway',
    ask: '00 06 0001 0003',
    answer: '',
  },
  {
    what: 'Force Listen Only Mode, which nobody answers',
    source: 'MAP V1.1b3 §6.8, sub-function 4',
    ask: '01 08 0004 0000',
    answer: '',
  },
  {
    what: 'a UMAS message above 260 bytes',
    source: 'Schneider devices; Quickdraw calls every message above 300 bytes illegal',
    ask: `01 5a 00 20 ${'ab'.repeat(1000)}`,
    answer: `01 5a 00 fe ${'cd'.repeat(1000)}`,
    tolerances: ['long-adu'],
    counted: ['long-adu', 'long-adu'],
  },
  {
    what: 'a function of the user-defined range',
    source: 'MAP V1.1b3 §5.1, 65 to 72',
    ask: '01 42 010203',
    answer: '01 42',
  },
  ...[1, 2, 3, 4, 5, 6, 0x0a, 0x0b].map((code) => ({
    what: `exception ${code} of the server`,
    source: 'MAP V1.1b3 §7',
    ask: '01 03 0000 0001',
    answer: `01 83 ${code.toString(16).padStart(2, '0')}`,
  })),
];

function example(clause: string, what: string, ask: string, answer: string): LegalExchange {
  return { what, source: `MAP V1.1b3 §${clause}`, ask, answer };
}
