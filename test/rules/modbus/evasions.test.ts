import { describe, expect, test } from 'vitest';
import { createFlowTraffic } from '../../../rules/modbus/connection/flow-traffic.ts';
import { createDeviceState } from '../../../rules/modbus/device/device-state.ts';
import type { ModbusProfile, ValueRule } from '../../../rules/modbus/profile.ts';
import type { Reason } from '../../../rules/reason.ts';
import { join, permit, profileOf } from './builders.ts';
import { inPieces } from './pieces.ts';
import { closeOf, connect, idOf, reasonsOf, refusals, toClient, toServer } from './recording-sink.ts';
import {
  adu,
  aduOf,
  diagnostics,
  encapsulated,
  hexOf,
  maskWrite,
  opaque,
  plain,
  read,
  readDeviceId,
  readFile,
  readWrite,
  writeCoil,
  writeCoils,
  writeFile,
  writeRegister,
  writeRegisters,
} from './request-builders.ts';

/**
 * What clients have got past other gateways with, E1 to E27, each against this inspection alone; what servers,
 * floods and changes of policy do, E28 to E35, is in `evasions-server.test.ts`. The same is tried with segments
 * against the running gateway in `test/system/evasions/`.
 */
const word: ValueRule = {
  type: 'u16',
  words: 'big',
  bytes: 'big',
  bits: undefined,
  min: undefined,
  max: undefined,
  allowed: [],
};

/** Reads below 100 and writes at 100 to 119. */
const ordinary = profileOf([
  permit([1, 2, 3, 4]),
  permit([5, 6, 15, 16], { addresses: [{ first: 100, last: 119 }] }),
]);
const permitted = read(3, 0);
const forbidden = writeRegister(5, 0xdead);

describe('framing', () => {
  test('E1 an ADU split at every byte boundary is read as the whole one', () => {
    const whole = join(aduOf(permitted, 1), aduOf(forbidden, 2), aduOf(permitted, 3));
    const expected = connect(ordinary).client(whole);
    expect(toServer(expected)).toHaveLength(2);
    for (let cut = 1; cut < whole.length; cut++) {
      const connection = connect(ordinary);
      const effects = [...connection.client(whole.slice(0, cut)), ...connection.client(whole.slice(cut))];
      expect(effects.map(comparable)).toEqual(expected.map(comparable));
    }
    const connection = connect(ordinary);
    const single = inPieces(whole, [1]).flatMap((piece) => [...connection.client(piece)]);
    expect(single.map(comparable)).toEqual(expected.map(comparable));
  });

  test('E2 a forbidden ADU behind, between and after permitted ones in one segment is found', () => {
    for (const at of [1, 2, 3]) {
      const requests = [permitted, permitted, permitted].toSpliced(at, 0, forbidden);
      const effects = connect(ordinary).ask(...requests);
      expect(toServer(effects).map((one) => one[7])).toEqual([3, 3, 3]);
      expect(reasonsOf(effects)).toEqual(['address-out-of-range']);
    }
  });

  const hidden = hexOf(aduOf(writeRegisters(5, [0xdead]), 2));
  test.for([
    { name: 'E3 a length over the next request', hex: `00 01 00 00 00 15 01 03 00 00 00 01 ${hidden}` },
    { name: 'E4 a length that ends before the values', hex: '00 01 00 00 00 06 01 10 00 64 00 01 02 12 34' },
    {
      name: 'E4 a length that leaves half for the next',
      hex: `00 01 00 00 00 04 01 03 00 00 00 01 ${hidden}`,
    },
    ...[0, 1, 255, 256, 0x1d00, 65_535].map((length) => ({
      name: `E5 length ${length}`,
      hex: `00 01 00 00 ${word16(length)} 01 03 00 00 00 01 ${hidden}`,
    })),
    { name: 'E6 protocol identifier 1', hex: '00 01 00 01 00 06 01 03 00 00 00 01' },
    { name: 'E6 protocol identifier 65280', hex: '00 01 ff 00 00 06 01 03 00 00 00 01' },
    { name: 'E7 bytes behind a complete PDU', hex: '00 01 00 00 00 08 01 03 00 00 00 01 00 00' },
    { name: 'E7 one byte too few', hex: '00 01 00 00 00 05 01 03 00 00 00' },
    { name: 'E11 RTU over TCP', hex: '01 06 00 64 00 01 09 d5' },
    { name: 'E11 another protocol', hex: hexOf(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')) },
  ])('$name ends the connection and nothing came of it', ({ hex }) => {
    const connection = connect(ordinary);
    const effects = connection.client(join(bytesOf(hex), aduOf(permitted, 9)));
    expect(toServer(effects)).toEqual([]);
    expect(closeOf(effects)).toMatch(/^malformed-[ap]du$/);
    expect(refusals(effects)).toHaveLength(1);
    expect(connection.client(aduOf(permitted, 10))).toEqual([]);
  });

  test('E8 a request begun and not finished is given up, whatever else trickles in', () => {
    const connection = connect(ordinary);
    for (const byte of inPieces(aduOf(permitted, 1).slice(0, 11), [1])) {
      expect(connection.client(byte)).toEqual([]);
      connection.wait(400);
      expect(closeOf(connection.tick())).toBe(undefined);
    }
    connection.wait(1_000);
    expect(closeOf(connection.tick())).toBe('partial-timeout');
  });

  test('E9 whatever TCP made of its segments, what goes on is one canonical ADU per write', () => {
    const stray = aduOf(writeCoils(100, [true, true, true]), 7);
    stray[13] = 0xff;
    const [sent] = toServer(connect(ordinary).client(stray));
    expect(hexOf(sent!.slice(2))).toBe('00 00 00 08 01 0f 00 64 00 03 01 07');
  });

  test('E10 the middle of a stream is never taken for its beginning', () => {
    const tail = aduOf(writeRegister(100, 1), 1).slice(5);
    const effects = connect(ordinary).client(join(tail, aduOf(writeRegister(100, 1), 2)));
    expect(toServer(effects)).toEqual([]);
    expect(closeOf(effects)).toBe('malformed-adu');
  });
});

describe('semantics', () => {
  test.for(['00', '80', '83', '90', 'ff'])('E12 function code %s in a request', (code) => {
    const effects = connect(ordinary).client(adu(1, `01 ${code} 0000 0001`));
    expect(toServer(effects)).toEqual([]);
    expect(closeOf(effects)).toBe('malformed-pdu');
  });

  test.for([
    { name: 'E13 quantity 0', hex: '01 03 0000 0000', exception: 3 },
    { name: 'E13 quantity over the limit', hex: '01 03 0000 007e', exception: 3 },
    { name: 'E13 coils over the limit', hex: '01 01 0000 07d1', exception: 3 },
    { name: 'E13 a range that runs over address 65535', hex: '01 03 ffff 0002', exception: 2 },
    { name: 'E13 a write that runs over address 65535', hex: '01 10 ffff 0002 04 0001 0002', exception: 2 },
    { name: 'E14 more bytes than the quantity', hex: '01 10 0064 0001 04 0001 0002', exception: 3 },
    { name: 'E14 fewer bytes than the quantity', hex: '01 10 0064 0003 04 0001 0002', exception: 3 },
    { name: 'E14 1969 coils', hex: `01 0f 0000 07b1 f7 ${'ff'.repeat(247)}`, exception: 3 },
    { name: 'E14 1976 coils', hex: `01 0f 0000 07b8 f7 ${'ff'.repeat(247)}`, exception: 3 },
    { name: 'E14 a coil neither on nor off', hex: '01 05 0064 0001', exception: 3 },
    {
      name: 'E17 a record length that wraps in 16 bits',
      hex: '01 15 09 06 0001 0000 7ffd 0000',
      exception: 3,
    },
  ])('$name is answered with exception $exception', ({ hex, exception }) => {
    const everything = profileOf([
      permit([1, 2, 3, 4, 5, 6, 15, 16, 21], {
        addresses: [{ first: 0, last: 65_535 }],
        files: [{ firstFile: 1, lastFile: 65_535, firstRecord: 0, lastRecord: 9_999 }],
      }),
    ]);
    const effects = connect(everything).client(adu(1, hex));
    expect(toServer(effects)).toEqual([]);
    expect(toClient(effects).map((one) => one[8])).toEqual([exception]);
    expect(reasonsOf(effects)).toEqual(['malformed-pdu']);
  });

  const twoFiles = [
    { file: 1, record: 0, values: [0x1111] },
    { file: 3, record: 0, values: [0x2222] },
  ];
  const firstFile = { files: [{ firstFile: 1, lastFile: 1, firstRecord: 0, lastRecord: 99 }] };
  refuses('E15 a read that begins inside the range and ends outside', read(3, 99, 2), 'address-out-of-range');
  refuses('E15 a write that begins before the range', writeRegisters(99, [1, 2]), 'address-out-of-range');
  refuses(
    'E16 a write hidden behind a permitted read',
    readWrite(0, 1, 500, [0xffff]),
    'address-out-of-range',
    profileOf([permit([3, 23], { readAddresses: [{ first: 0, last: 99 }] })]),
  );
  refuses(
    'E16 a write that begins inside the range, behind a permitted read',
    readWrite(0, 1, 99, [1, 2]),
    'address-out-of-range',
    profileOf([permit([3, 23], { readAddresses: [{ first: 0, last: 99 }] })]),
  );
  refuses(
    'E16 a read hidden before a permitted write',
    readWrite(500, 1, 0, [1]),
    'address-out-of-range',
    profileOf([permit([23], { readAddresses: [{ first: 0, last: 99 }] })]),
  );
  refuses(
    'E17 a second group in a forbidden file, written',
    writeFile(twoFiles),
    'file-out-of-range',
    profileOf([permit([21], firstFile)]),
  );
  refuses(
    'E17 a second group in a forbidden file, read',
    readFile(twoFiles.map((group) => ({ ...group, length: 1 }))),
    'file-out-of-range',
    profileOf([permit([20], firstFile)]),
  );
  refuses(
    'E17 a file above ten',
    readFile([{ file: 11, record: 0, length: 1 }]),
    'file-out-of-range',
    profileOf([permit([20], firstFile)]),
  );
  refuses(
    'E18 V27 a mask write that may leave more than is permitted',
    maskWrite(4, 0x00f2, 0x0025),
    'value-out-of-range',
    profileOf([permit([22], { values: [{ ...word, max: 0xf6 }] })]),
  );
  refuses(
    'E19 a coil that is a bit of a guarded register',
    writeCoil(64, true),
    'alias-guarded',
    profileOf(
      [
        permit([5], {}),
        permit([6], { addresses: [{ first: 140, last: 140 }], values: [{ ...word, max: 35 }] }),
      ],
      {},
      [{ coil: 64, register: 140, bit: 15, name: '' }],
    ),
  );
  refuses(
    'E19 the same coil in the middle of many',
    writeCoils(60, Array(8).fill(true)),
    'alias-guarded',
    profileOf([permit([15], {})], {}, [{ coil: 64, register: 140, bit: 15, name: '' }]),
  );
  for (const sub of [4, 1, 10, 3])
    refuses(
      `E20 diagnostics sub-function ${sub} where only the loopback is permitted`,
      diagnostics(sub),
      'sub-function-not-allowed',
      profileOf([permit([8], { subFunctions: [0] })]),
    );
  for (const [name, request] of [
    ['a CANopen tunnel', encapsulated(13, [0])],
    ['MEI type 0', encapsulated(0, [0])],
    ['MEI type 255', encapsulated(255, [0])],
  ] as const)
    refuses(
      `E21 ${name} where only the identification is permitted`,
      request,
      'sub-function-not-allowed',
      profileOf([permit([43], { mei: [14], maxBytes: 260 })]),
    );
  for (const request of [readDeviceId(1), plain(7), plain(11), plain(12), plain(17)])
    refuses(`E21 function code ${request.functionCode} unnamed`, request, 'fc-not-allowed');
  for (const code of [9, 10, 13, 14, 18, 19, 40, 41, 42, 65, 72, 90, 91, 100, 110, 125, 126, 127])
    refuses(`E22 function code ${code} unnamed`, opaque(code, [0, 2]), 'fc-not-allowed');
  refuses(
    'E22 UMAS with another function than the named one',
    opaque(90, [0, 0x41]),
    'sub-function-not-allowed',
    profileOf([permit([90], { subFunctions: [2], maxBytes: 300 })]),
  );
  refuses(
    'E22 a named function longer than its limit',
    opaque(100, Array(60).fill(0)),
    'size-out-of-range',
    profileOf([permit([100], { maxBytes: 60 })]),
  );
  refuses('E23 a broadcast write to a direct device', writeRegister(100, 1, 0), 'unit-not-allowed');
  refuses('E23 a write to unit 255', writeRegister(100, 1, 255), 'unit-not-allowed');
  refuses('E24 half of a value of two registers', writeRegister(100, 1), 'torn-write', twoWords());
  refuses('E24 two halves of two values', writeRegisters(101, [1, 2]), 'torn-write', twoWords());

  test('E23 a broadcast behind a gateway may only write, is never answered, and waits for no answer', () => {
    const profile = profileOf([permit([3, 6], { units: [0, 1] })], { outstanding: 1 });
    const connection = connect(profile, { kind: 'serial-gateway' });
    const reading = connection.ask(read(3, 0, 1, 0));
    expect(toServer(reading)).toEqual([]);
    expect(toClient(reading)).toEqual([]);
    expect(toServer(connection.ask(writeRegister(1, 1, 0)))).toHaveLength(1);
    connection.wait(2_000);
    expect(toClient(connection.tick())).toEqual([]);
    expect(toServer(connection.ask(read(3, 0)))).toHaveLength(1);
  });

  test('E23 a sweep over all units finds the one that is permitted', () => {
    const connection = connect(profileOf([permit([3], { units: [17] })], { outstanding: 512 }));
    const effects = connection.ask(...Array.from({ length: 256 }, (_, unit) => read(3, 0, 1, unit)));
    expect(toServer(effects).map((one) => one[6])).toEqual([17]);
    expect(reasonsOf(effects)).toEqual(Array(255).fill('unit-not-allowed'));
  });

  test('E25 steps each of which is small do not add up to a large one', () => {
    const step = { max: 5, maxPerMinute: 20, noOlderThan: 0 };
    const profile = profileOf([permit([3]), permit([6], { values: [word], step })]);
    const connection = connect(profile, { now: 100_000 });
    connection.wait(0);
    connection.exchange(read(3, 1), '01 03 02 0064');
    connection.wait(60_001);
    const reasons: (Reason | undefined)[] = [];
    for (let value = 105; value <= 130; value += 5) {
      const effects = connection.exchange(writeRegister(1, value), `01 06 0001 ${word16(value)}`);
      reasons.push(reasonsOf(effects)[0]);
    }
    expect(reasons).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'drift-too-large',
      'step-too-large',
    ]);
  });

  test('E26 a tunnel in the addresses of permitted reads runs dry', () => {
    const connection = connect(profileOf([permit([3])], { readAddressesPerMinute: 10, outstanding: 512 }));
    const effects = connection.ask(...Array.from({ length: 50 }, (_, address) => read(3, address)));
    expect(toServer(effects)).toHaveLength(10);
    expect(new Set(reasonsOf(effects))).toEqual(new Set(['read-budget-spent']));
    expect(toServer(connection.ask(read(3, 3)))).toHaveLength(1);
  });

  test('E26 a tunnel in the volume of permitted reads runs dry', () => {
    const connection = connect(profileOf([permit([3])], { readWordsPerMinute: 100, outstanding: 512 }));
    const effects = connection.ask(...Array.from({ length: 10 }, () => read(3, 0, 30)));
    expect(toServer(effects)).toHaveLength(3);
  });

  test('E27 plain writes from a permitted host stay within value, pace and rate', () => {
    const limits = { minInterval: 1_000, unknown: 'allow' as const, values: [{ ...word, max: 35 }] };
    const profile = profileOf([permit([6], limits)], { aduPerSecond: 20 });
    const connection = connect(profile, {
      traffic: createFlowTraffic(),
      device: createDeviceState('direct'),
    });
    const ask = (value: number): readonly Reason[] => {
      const [sent] = toServer(connection.ask(writeRegister(1, value)));
      return sent === undefined
        ? ['value-out-of-range']
        : reasonsOf(connection.server(adu(idOf(sent), `01 06 0001 ${word16(value)}`)));
    };
    expect(ask(200)).toEqual(['value-out-of-range']);
    expect(ask(20)).toEqual([]);
    expect(reasonsOf(connection.ask(writeRegister(1, 21)))).toEqual(['too-soon']);
    connection.wait(1_000);
    expect(ask(21)).toEqual([]);
    const flood = connection.ask(...Array.from({ length: 40 }, () => writeRegister(1, 22)));
    expect(toServer(flood)).toEqual([]);
    expect(reasonsOf(flood)).toContain('rate-exceeded');
  });
});

/** One request refused for this reason, and the connection goes on with a permitted one. */
function refuses(
  name: string,
  request: Parameters<typeof aduOf>[0],
  reason: Reason,
  profile: ModbusProfile = ordinary,
): void {
  test(name, () => {
    const withRead = { ...profile, permissions: [...profile.permissions, permit([2])] };
    const connection = connect(withRead);
    const effects = connection.client(aduOf(request, 0xbeef));
    expect(toServer(effects)).toEqual([]);
    expect(reasonsOf(effects)).toEqual([reason]);
    const [answer] = toClient(effects);
    expect(hexOf(answer!.slice(0, 8))).toBe(
      hexOf(Uint8Array.of(0xbe, 0xef, 0, 0, 0, 3, request.unit, request.functionCode | 0x80)),
    );
    expect(toServer(connection.ask(read(2, 0)))).toHaveLength(1);
  });
}

function twoWords(): ModbusProfile {
  const addresses = [{ first: 100, last: 109 }];
  return profileOf([permit([6, 16, 22], { addresses, values: [{ ...word, type: 'u32' }] })]);
}

/** An effect without what only says where in the stream it was. */
function comparable(effect: unknown): unknown {
  return JSON.parse(JSON.stringify(effect));
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

function word16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
