/** @module-tag deep: rules/modbus shows each; framing.test.ts that the gateway goes by them. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adu, hex16 } from '../bench.ts';
import { type Arena, openArena } from './arena.ts';

/** E12 to E27: requests that are framed well and mean something else than they seem to. */
let arena: Arena;

beforeAll(async () => {
  arena = await openArena();
});

afterAll(() => arena?.close());

const read = '0300000001';
const readAnswer = '03020000';

describe('what no request may be', () => {
  test.for([
    { name: 'E12 function code 0', pdu: '00' },
    { name: 'E12 V09 an exception response as a request', pdu: '9000000001' },
    { name: 'E12 function code 255', pdu: 'ff00000001' },
  ])('$name ends the connection', async ({ pdu }) => {
    const end = await arena.attacker();
    end.send(adu(1, 1, pdu) + adu(2, 1, read));
    await end.cut();
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual([]);
    expect(end.received()).toBe('');
    arena.willRecordEnd(end.port, { reason: 'malformed-pdu' });
    await end.stop();
  });
});

describe('what is answered with an exception and goes no further', () => {
  test.for<{ name: string; pdu: string; unit?: number; exception: number; reason: string }>([
    { name: 'E13 V10 quantity 0', pdu: '0300000000', exception: 3, reason: 'malformed-pdu' },
    { name: 'E13 V11 quantity 126', pdu: '030000007e', exception: 3, reason: 'malformed-pdu' },
    { name: 'E13 V12 over address 65535', pdu: '03ffff0002', exception: 2, reason: 'malformed-pdu' },
    {
      name: 'E14 V13 a byte count that lies',
      pdu: '0f0000000a03cd0100',
      exception: 3,
      reason: 'malformed-pdu',
    },
    {
      name: 'E14 V14 1976 coils',
      pdu: `0f000007b8f7${'ff'.repeat(247)}`,
      exception: 3,
      reason: 'malformed-pdu',
    },
    { name: 'E14 V16 a coil neither on nor off', pdu: '0500000001', exception: 3, reason: 'malformed-pdu' },
    {
      name: 'E14 V17 one register in three bytes',
      pdu: '100064000103123456',
      exception: 3,
      reason: 'malformed-pdu',
    },
    {
      name: 'E15 a read over the end of its range',
      pdu: '0300630002',
      exception: 2,
      reason: 'address-out-of-range',
    },
    {
      name: 'E15 a write from before its range',
      pdu: '100063000204 00010001',
      exception: 2,
      reason: 'address-out-of-range',
    },
    {
      name: 'E16 V20 a write behind a permitted read',
      pdu: '170000000101f4000102ffff',
      exception: 2,
      reason: 'address-out-of-range',
    },
    {
      name: 'E17 V18 a record length that wraps',
      pdu: '1509060001000 07ffd0000',
      exception: 3,
      reason: 'malformed-pdu',
    },
    {
      name: 'E17 V19 a second group in a forbidden file',
      pdu: '15120600010000000111110600030000000 12222',
      exception: 2,
      reason: 'file-out-of-range',
    },
    {
      name: 'E17 a second group read from a forbidden file',
      pdu: '140e060001000000010600030000 0001',
      exception: 2,
      reason: 'file-out-of-range',
    },
    {
      name: 'E18 V27 a mask that can reach too much',
      pdu: '16006400f20025',
      exception: 3,
      reason: 'value-out-of-range',
    },
    {
      name: 'E19 a coil that is a bit of a guarded register',
      pdu: '050028ff00',
      exception: 2,
      reason: 'alias-guarded',
    },
    {
      name: 'E19 the same coil among others',
      pdu: '0f0020001002ffff',
      exception: 2,
      reason: 'alias-guarded',
    },
    {
      name: 'E20 V21 force listen only',
      pdu: '0800040000',
      exception: 1,
      reason: 'sub-function-not-allowed',
    },
    {
      name: 'E20 V22 restart and clear the log',
      pdu: '080001ff00',
      exception: 1,
      reason: 'sub-function-not-allowed',
    },
    { name: 'E20 clear counters', pdu: '08000a0000', exception: 1, reason: 'sub-function-not-allowed' },
    {
      name: 'E20 change the ASCII delimiter',
      pdu: '0800030a00',
      exception: 1,
      reason: 'sub-function-not-allowed',
    },
    { name: 'E21 V23 a CANopen tunnel', pdu: '2b0d00', exception: 1, reason: 'sub-function-not-allowed' },
    { name: 'E21 MEI type 255', pdu: '2bff00', exception: 1, reason: 'sub-function-not-allowed' },
    { name: 'E21 report server id', pdu: '11', exception: 1, reason: 'fc-not-allowed' },
    { name: 'E21 exception status', pdu: '07', exception: 1, reason: 'fc-not-allowed' },
    { name: 'E21 communication events', pdu: '0b', exception: 1, reason: 'fc-not-allowed' },
    { name: 'E21 communication log', pdu: '0c', exception: 1, reason: 'fc-not-allowed' },
    {
      name: 'E22 V24 another UMAS function',
      pdu: '5a0041',
      exception: 1,
      reason: 'sub-function-not-allowed',
    },
    {
      name: 'E22 a UMAS function longer than its limit',
      pdu: `5a0002${'00'.repeat(60)}`,
      exception: 3,
      reason: 'size-out-of-range',
    },
    {
      name: 'E22 a vendor function longer than its limit',
      pdu: `64${'00'.repeat(60)}`,
      exception: 3,
      reason: 'size-out-of-range',
    },
    ...[9, 13, 18, 40, 42, 65, 91, 110, 125, 127].map((code) => ({
      name: `E22 function code ${code}`,
      pdu: `${code.toString(16).padStart(2, '0')}0002`,
      exception: 1,
      reason: 'fc-not-allowed',
    })),
    {
      name: 'E23 V25 a write to unit 0',
      unit: 0,
      pdu: '0600640001',
      exception: 1,
      reason: 'unit-not-allowed',
    },
    {
      name: 'E23 V26 a write to unit 255',
      unit: 255,
      pdu: '0600640001',
      exception: 1,
      reason: 'unit-not-allowed',
    },
    { name: 'E24 half of a value', pdu: '1000c90001020001', exception: 3, reason: 'torn-write' },
    {
      name: 'E24 two halves of two values',
      pdu: '1000c90002040001 0001',
      exception: 3,
      reason: 'torn-write',
    },
    { name: 'E27 a value out of range', pdu: '0600640065', exception: 3, reason: 'value-out-of-range' },
  ])('$name', async ({ pdu: spaced, unit = 1, exception, reason }) => {
    const pdu = spaced.replaceAll(' ', '');
    const code = Number.parseInt(pdu.slice(0, 2), 16) | 0x80;
    const end = await arena.attacker();
    end.send(adu(0xbeef, unit, pdu) + adu(2, 1, read));
    await end.gets(new RegExp(`${adu(2, 1, readAnswer)}$`));
    expect(end.received()).toBe(
      adu(0xbeef, unit, `${code.toString(16)}0${exception}`) + adu(2, 1, readAnswer),
    );
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual([`01${read}`]);
    const functionCode = code & 0x7f;
    arena.willRecord(`${reason} of function code ${functionCode}`, (one) => {
      return one['reason'] === reason && one.request?.['functionCode'] === functionCode;
    });
    end.finish();
    await end.cut();
    arena.willRecordEnd(end.port, { refused: 1, reason: 'client-closed' });
    await end.stop();
  });
});

describe('what is permitted, that none of the above fails for want of it', () => {
  test.for([
    { name: 'a mask write within reach', pdu: '1600640000 0025' },
    { name: 'a coil that no register has', pdu: '050001ff00' },
    { name: 'a loopback', pdu: '08000012345678' },
    { name: 'a whole value', pdu: '1000c800020400010001' },
    { name: 'a record of the permitted file', pdu: '15090600010000 00011111' },
  ])('$name', async ({ pdu: spaced }) => {
    const pdu = spaced.replaceAll(' ', '');
    const end = await arena.attacker();
    end.send(adu(1, 1, pdu));
    await end.gets(/^00010000....01(05|08|0f|10|15|16)/);
    expect(arena.arrived(end.port)).toEqual([`01${pdu}`]);
    await end.stop();
  });
});

describe('what only the whole of it shows', () => {
  test('E25 small steps that add up', async () => {
    const end = await arena.attacker();
    const values = [100, 104, 108, 112, 116, 120];
    for (const [id, value] of values.entries()) {
      const pdu = `06012c${hex16(value)}`;
      end.send(adu(id, 1, pdu));
      await end.gets(new RegExp(`${hex16(id)}0000000[36]01.*$`));
    }
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual(values.slice(0, 4).map((value) => `0106012c${hex16(value)}`));
    arena.willRecord('drift-too-large', (one) => one['reason'] === 'drift-too-large');
    await end.stop();
  });

  test('E26 a tunnel in the addresses of permitted reads runs dry', async () => {
    const end = await arena.attacker({ target: 'plc-3' });
    const message = Array.from({ length: 60 }, (_, at) => (at * 37) % 90);
    for (const [id, address] of message.entries()) end.send(adu(id, 1, `03${hex16(address)}0002`));
    await end.gets(/003b0000000[0-9a-f]01[0-9a-f]*$/);
    const told = arena.arrived(end.port, 'plc-3');
    const addresses = new Set(
      told.flatMap((pdu) => [0, 1].map((at) => Number.parseInt(pdu.slice(4, 8), 16) + at)),
    );
    expect(addresses.size).toBeLessThanOrEqual(100);
    expect(addresses.size).toBeGreaterThan(90 / 2);
    await arena.neighbourLives();
    await end.stop();
  });

  test('E27 a permitted write repeated at once, on this connection and on another one', async () => {
    const [first, second] = [await arena.attacker(), await arena.attacker()];
    const write = '0601360014';
    first.send(adu(1, 1, write));
    await first.gets(new RegExp(`^${adu(1, 1, write)}$`));
    first.send(adu(2, 1, write));
    second.send(adu(3, 1, write));
    await first.gets(new RegExp(`${adu(2, 1, '8606')}$`));
    await second.gets(new RegExp(`^${adu(3, 1, '8606')}$`));
    await arena.neighbourLives();
    expect([...arena.arrived(first.port), ...arena.arrived(second.port)]).toEqual([`01${write}`]);
    arena.willRecord('too-soon', (one) => one['reason'] === 'too-soon');
    await first.stop();
    await second.stop();
  });

  test('E12 to E27: every one of these is in the record', async () => {
    expect(await arena.missingRecords()).toEqual([]);
  });

  // Behind that, because so many kinds of refusals are summed up for the rest of the minute.
  test('E23 a sweep over all units finds the one that is permitted', async () => {
    const end = await arena.attacker();
    for (let unit = 0; unit < 256; unit += 16) {
      end.send(Array.from({ length: 16 }, (_, at) => adu(unit + at, unit + at, read)).join(''));
      await end.delivered();
    }
    await end.gets(new RegExp(`${adu(255, 255, '8301')}`));
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual([`01${read}`]);
    await end.stop();
  });
});
