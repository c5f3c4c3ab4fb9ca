import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adu, hex16 } from '../bench.ts';
import { type Arena, openArena } from './arena.ts';
import type { RawEnd } from './raw-end.ts';

/** E1 to E8 and E11: where one request ends and the next begins. */
const permitted = '0300000001';
const permittedAnswer = '03020000';
const forbidden = '060005dead';
const refusal = '8602';

let arena: Arena;

beforeAll(async () => {
  arena = await openArena();
});

afterAll(() => arena?.close());

describe('E1 an ADU in pieces', () => {
  test('E1 split at every byte boundary, a forbidden one behind a permitted one', async () => {
    const end = await arena.attacker();
    let id = 0;
    const length = (adu(0, 1, permitted) + adu(0, 1, forbidden)).length / 2;
    for (let cut = 1; cut < length; cut++) {
      const bytes = adu(++id, 1, permitted) + adu(++id, 1, forbidden);
      end.send(bytes.slice(0, 2 * cut), bytes.slice(2 * cut));
      await end.gets(new RegExp(`${adu(id - 1, 1, permittedAnswer)}${adu(id, 1, refusal)}$`));
    }
    expect(arena.arrived(end.port)).toEqual(Array(length - 1).fill(`01${permitted}`));
    await refusedAndOthersLive(end, length - 1);
  });

  test('E1 in segments of one byte', async () => {
    const end = await arena.attacker();
    const bytes = adu(1, 1, permitted) + adu(2, 1, forbidden) + adu(3, 1, permitted);
    end.send(...bytes.match(/../g)!);
    await end.gets(new RegExp(`${adu(3, 1, permittedAnswer)}$`));
    expect(end.received()).toContain(adu(2, 1, refusal));
    expect(arena.arrived(end.port)).toEqual([`01${permitted}`, `01${permitted}`]);
    await refusedAndOthersLive(end, 1);
  });
});

describe('E2 several ADUs in one segment', () => {
  test.for([
    { name: 'the forbidden one behind a permitted one', pdus: [permitted, forbidden] },
    { name: 'the forbidden one between permitted ones', pdus: [permitted, forbidden, permitted] },
    { name: 'the forbidden one the last of sixteen', pdus: [...Array(15).fill(permitted), forbidden] },
  ])('E2 $name', async ({ pdus }) => {
    const end = await arena.attacker();
    end.send(pdus.map((pdu, id) => adu(id, 1, pdu)).join(''));
    const refused = pdus.indexOf(forbidden);
    await end.gets(new RegExp(`${adu(refused, 1, refusal)}`));
    await end.gets(new RegExp(`^([0-9a-f]{22}|[0-9a-f]{18}){${pdus.length}}$`));
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual(pdus.filter((pdu) => pdu === permitted).map((pdu) => `01${pdu}`));
    await refusedAndOthersLive(end, 1);
  });
});

describe('bytes on which two readers could disagree', () => {
  const hidden = adu(2, 1, '100005000102dead');
  test.for([
    {
      name: 'E3 V01 a length over the next request',
      reason: 'malformed-pdu',
      bytes: `${header(0x15)}01${permitted}${hidden}`,
    },
    {
      name: 'E3 V02 a length of 7424',
      reason: 'malformed-adu',
      bytes: `${header(0x1d00)}ff030000000a${hidden}`,
    },
    {
      name: 'E4 V03 a length that ends before the values',
      reason: 'malformed-pdu',
      bytes: `${header(6)}011000050001021234`,
    },
    {
      name: 'E4 a length that leaves half a request for the next',
      reason: 'malformed-pdu',
      bytes: `${header(4)}01${permitted}${hidden}`,
    },
    { name: 'E5 V04 length 0', reason: 'malformed-adu', bytes: `${header(0)}01${permitted}` },
    { name: 'E5 V05 length 1', reason: 'malformed-adu', bytes: `${header(1)}01${hidden}` },
    { name: 'E5 V06 length 255', reason: 'malformed-adu', bytes: `${header(0xff)}01${permitted}${hidden}` },
    { name: 'E5 length 65535', reason: 'malformed-adu', bytes: `${header(0xffff)}01${permitted}${hidden}` },
    { name: 'E6 V07 protocol identifier 1', reason: 'malformed-adu', bytes: `00010001000601${permitted}` },
    {
      name: 'E6 protocol identifier 256 before a forbidden one',
      reason: 'malformed-adu',
      bytes: `00010100000601${permitted}${hidden}`,
    },
    {
      name: 'E7 bytes behind a read, within its length',
      reason: 'malformed-pdu',
      bytes: `${header(8)}01${permitted}0000`,
    },
    {
      name: 'E7 bytes behind a permitted write, within its length',
      reason: 'malformed-pdu',
      bytes: `${header(7)}010600640001aa`,
    },
    { name: 'E7 one byte too few', reason: 'malformed-pdu', bytes: `${header(5)}0103000000${hidden}` },
    {
      name: 'E11 HTTP',
      reason: 'malformed-adu',
      bytes: Buffer.from('GET / HTTP/1.1\r\nHost: plc\r\n\r\n').toString('hex'),
    },
    { name: 'E11 TLS', reason: 'malformed-adu', bytes: '16030100c8010000c40303' },
    {
      name: 'E11 RTU over TCP: a write with its checksum',
      reason: 'malformed-adu',
      bytes: '0106000500019dcb',
    },
    {
      name: 'E11 RTU over TCP: a write that reads as a header',
      reason: 'malformed-pdu',
      bytes: '00100000000604deadbeef',
    },
    { name: 'E11 ASCII', reason: 'malformed-adu', bytes: Buffer.from(':010600050001F3\r\n').toString('hex') },
  ])('$name', async ({ bytes, reason }) => {
    const end = await arena.attacker();
    end.send(adu(1, 1, permitted));
    await end.gets(new RegExp(adu(1, 1, permittedAnswer)));
    end.send(bytes + adu(3, 1, permitted));
    await end.cut();
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual([`01${permitted}`]);
    expect(end.received()).toBe(adu(1, 1, permittedAnswer));
    arena.willRecordEnd(end.port, { reason });
    await end.stop();
  });

  test.for([0, 1, 8, 12])('E3 a length over the next request, %i bytes at a time', async (size) => {
    const bytes = `${header(0x15)}01${permitted}${hidden}`;
    const end = await arena.attacker();
    end.send(...(size === 0 ? [bytes] : bytes.match(new RegExp(`.{1,${2 * size}}`, 'g'))!));
    await end.cut();
    await arena.neighbourLives();
    expect(arena.arrived(end.port)).toEqual([]);
    await end.stop();
  });
});

describe('E8 what is begun and not finished', () => {
  test('E8 1, 6, 7 or 11 bytes of a request and then nothing', async () => {
    const ends: RawEnd[] = [];
    for (const count of [1, 6, 7, 11]) {
      const end = await arena.attacker();
      end.send(adu(1, 1, permitted), adu(2, 1, permitted).slice(0, 2 * count));
      ends.push(end);
    }
    await arena.neighbourLives();
    // All of them wait for their time-out at once.
    for (const end of ends) {
      await end.cut();
      expect(arena.arrived(end.port)).toEqual([`01${permitted}`]);
      arena.willRecordEnd(end.port, { reason: 'partial-timeout' });
      await end.stop();
    }
  });

  test('E8 a forbidden request, one byte now and then, is never begun towards the server', async () => {
    const end = await arena.attacker();
    for (const [index, byte] of adu(1, 1, forbidden).match(/../g)!.entries()) {
      end.send(byte);
      await end.delivered();
      // Not after each: on a busy machine the whole would take longer than a request may.
      if (index % 4 === 2) await arena.neighbourLives();
      expect(arena.arrived(end.port)).toEqual([]);
    }
    await end.gets(new RegExp(`^${adu(1, 1, refusal)}$`));
    await refusedAndOthersLive(end, 1);
  });
});

test('E1 to E8 and E11: every one of these is in the record', async () => {
  expect(await arena.missingRecords()).toEqual([]);
});

function header(length: number): string {
  return `00010000${hex16(length)}`;
}

/** The rest of every case in which the connection lives: it still works, others do, and the record says so. */
async function refusedAndOthersLive(end: Awaited<ReturnType<Arena['attacker']>>, refused: number) {
  await arena.neighbourLives();
  expect(end.isCut()).toBe(false);
  end.finish();
  await end.cut();
  arena.willRecordEnd(end.port, { refused, reason: 'client-closed' });
  await end.stop();
}
