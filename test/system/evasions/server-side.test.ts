/** @module-tag deep: rules/modbus/connection shows each; framing.test.ts that the gateway goes by them. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adu } from '../bench.ts';
import { type Arena, openArena } from './arena.ts';
import type { RawEnd } from './raw-end.ts';

/** E28 to E30: a server that answers what was not asked, asks itself, or answers with nothing but exceptions. */
const read = '0300000001';
const honest = '03020000';

let arena: Arena;

beforeAll(async () => {
  arena = await openArena();
});

afterAll(() => arena?.close());

describe('E28 a response that does not fit its request cuts both ends, and the client gets nothing of it', () => {
  test.for<{ name: string; request?: string; parts: readonly string[] }>([
    { name: 'V28 another unit', parts: [under('02 03 02 bad0')] },
    { name: 'V29 more registers than its count', parts: [under('01 03 04 bad0 bad0 bad0')] },
    { name: 'more registers than were asked for', parts: [under('01 03 04 bad0 bad0')] },
    { name: 'V30 another function', parts: [under('01 04 02 bad0')] },
    { name: 'V31 an exception for another function', parts: [under('01 84 01')] },
    { name: 'an exception with data behind it', parts: [under('01 83 02 bad0')] },
    { name: 'exception 0', parts: [under('01 83 00')] },
    { name: 'its own request back', parts: [under(`01 ${read}`)] },
    { name: 'an oversized response', parts: [under(`01 03 fa ${'bad0'.repeat(125)}`)] },
    { name: 'another address echoed', request: '0600640001', parts: [under('01 06 0065 0001')] },
    { name: 'another value echoed', request: '0600640001', parts: [under('01 06 0064 0002')] },
    { name: 'another coil value echoed', request: '050001ff00', parts: [under('01 05 0001 0000')] },
    { name: 'a coil echoed as 0x0001', request: '050001ff00', parts: [under('01 05 0001 0001')] },
    { name: 'another quantity', request: '1000640002040001 0002', parts: [under('01 10 0064 0001')] },
    { name: 'another mask', request: '16006400 000025', parts: [under('01 16 0064 0001 0025')] },
    { name: 'split at every byte', parts: under('01 04 02 bad0').match(/iiii|../g)! },
  ])('E28 $name', async ({ request = read, parts }) => {
    const end = await arena.attacker();
    await next(...parts);
    end.send(adu(0x0b0b, 1, request.replaceAll(' ', '')));
    await isCutFor(end, 'response-mismatch');
  });

  test.for([
    { name: 'a length over all that follows', parts: ['iiii0000ffff010302bad0'] },
    { name: 'a length of 0', parts: ['iiii00000000010302bad0'] },
    { name: 'a length of 1', parts: ['iiii0000000101'] },
    { name: 'another protocol', parts: ['iiii00020005010302bad0'] },
    { name: 'SSH', parts: [Buffer.from('SSH-2.0-OpenSSH_9.6\r\n').toString('hex')] },
  ])('E28 $name', async ({ parts }) => {
    const end = await arena.attacker();
    await next(...parts);
    end.send(adu(0x0b0b, 1, read));
    await isCutFor(end, 'malformed-adu');
  });

  test('E28 a response begun and not finished', async () => {
    const end = await arena.attacker();
    await next('iiii00000005010302');
    end.send(adu(0x0b0b, 1, read));
    await end.gets(new RegExp(`^${adu(0x0b0b, 1, '830b')}$`));
    await end.cut();
    arena.willRecordEnd(end.port, { reason: 'partial-timeout' });
    await end.stop();
  });

  test('E28 a response begun, and finished with the bytes of another one', async () => {
    const end = await arena.attacker();
    const other = 'jjjj00000005010302bad0';
    await next('iiii0000000b0103080001', other + other);
    end.send(adu(0x0b0b, 1, '0300000004'));
    await end.cut();
    expect(end.received()).toMatch(/^(0b0b0000000b0103080001[0-9a-f]{4}00000005)?$/);
    await arena.neighbourLives();
    arena.willRecordEnd(end.port, { reason: 'malformed-adu' });
    await end.stop();
  });

  async function isCutFor(end: RawEnd, reason: string): Promise<void> {
    await end.cut();
    expect(end.received()).toBe('');
    await arena.neighbourLives();
    arena.willRecordEnd(end.port, { reason });
    await end.stop();
  }
});

describe('E28 a response that nobody waits for is put aside, and the connection goes on', () => {
  test('E28 before the first request, and under identifiers near those in use', async () => {
    const end = await arena.attacker();
    await works(end, 1);
    for (const id of [0, 1, 2, 3, 100, 65_535]) await say(end, adu(id, 1, '0302bad0'));
    await works(end, 2);
    await isRecorded(end, 'response-unsolicited');
  });

  test('E28 a second one to the same request', async () => {
    const end = await arena.attacker();
    await next(under('01 03 02 0001'), under('01 03 02 bad0'), under('01 03 02 bad0'));
    end.send(adu(1, 1, read));
    await end.gets(new RegExp(`^${adu(1, 1, '03020001')}$`));
    await works(end, 2);
    await isRecorded(end, 'response-unsolicited');
  });

  test('E28 one after the time-out, while the client asks again under its identifier', async () => {
    const end = await arena.attacker();
    await tell('keep');
    end.send(adu(7, 1, '0300000002'));
    await end.gets(new RegExp(`^${adu(7, 1, '830b')}$`));
    end.send(adu(7, 1, read));
    await end.delivered();
    await arena.server.says(
      new RegExp(`got 10.62.20.10:${end.port} [0-9a-f]{24}\\n[^]*got 10.62.20.10:${end.port} `),
    );
    await tell('release');
    await end.gets(new RegExp(`^${adu(7, 1, '830b')}${adu(7, 1, honest)}$`));
    await works(end, 8);
    await isRecorded(end, 'response-late');
  });

  test('E28 an identifier used again while it is pending brings each request its own answer', async () => {
    const end = await arena.attacker();
    await tell('keep');
    end.send(adu(7, 1, '0300000001') + adu(7, 1, '0300000002') + adu(7, 1, '0300000003'));
    await end.delivered();
    await arena.server.says(new RegExp(`got 10.62.20.10:${end.port} `));
    await tell('release');
    await end.gets(
      new RegExp(`^${adu(7, 1, '03020000')}${adu(7, 1, '030400000000')}${adu(7, 1, '0306000000000000')}$`),
    );
    await end.stop();
  });
});

describe('E29 a server that asks', () => {
  test.for([
    { name: 'a write', hex: adu(900, 1, '0600640001') },
    { name: 'a read', hex: adu(900, 1, read) },
    { name: 'a write of several', hex: adu(900, 1, '10006400020400010002') },
  ])('E29 $name is cut, and the client sees nothing of it', async ({ hex }) => {
    const end = await arena.attacker();
    await works(end, 1);
    await say(end, hex);
    await end.cut();
    expect(end.received()).toBe(adu(1, 1, honest));
    await arena.neighbourLives();
    arena.willRecordEnd(end.port, { reason: 'server-asks' });
    await end.stop();
  });
});

describe('E30 a storm of exceptions', () => {
  test.for(['05', '06'])('E30 of the server, code %s, ends the connection at its limit', async (code) => {
    arena.narrowServer.tell(`always ${under(`01 83 ${code}`)}`);
    await arena.narrowServer.says(/did always/);
    const end = await arena.attacker({ target: 'plc-3' });
    for (let id = 1; id <= 21; id++) {
      end.send(adu(id, 1, read));
      await (id <= 20 ? end.gets(new RegExp(`${adu(id, 1, `83${code}`)}$`)) : end.cut());
    }
    expect(end.received()).toMatch(/^([0-9a-f]{18}){20}$/);
    arena.narrowServer.tell('honest');
    arena.willRecordEnd(end.port, { reason: 'too-many-exceptions' });
    await arena.neighbourLives();
    await end.stop();
  });

  test('E30 that a client draws by knocking ends the connection at the same limit', async () => {
    const end = await arena.attacker({ target: 'plc-3' });
    for (let id = 1; id <= 21; id++) {
      end.send(adu(id, 1, '0600640001'));
      await (id <= 20 ? end.gets(new RegExp(`${adu(id, 1, '8601')}$`)) : end.cut());
    }
    expect(arena.arrived(end.port, 'plc-3')).toEqual([]);
    arena.willRecordEnd(end.port, { reason: 'too-many-exceptions' });
    await arena.neighbourLives();
    await end.stop();
  });
});

test('E28 to E30: every one of these is in the record', async () => {
  expect(await arena.missingRecords()).toEqual([]);
});

/** An answer under the identifier that came: unit and PDU. */
function under(text: string): string {
  const hex = text.replaceAll(' ', '');
  return `iiii0000${(hex.length / 2).toString(16).padStart(4, '0')}${hex}`;
}

/** How the next request is answered. */
function next(...parts: readonly string[]): Promise<void> {
  return tell(`next ${parts.join(' ')}`);
}

async function tell(line: string): Promise<void> {
  const heard = arena.server.output().length;
  arena.server.tell(line);
  await arena.server.says(new RegExp(`^[^]{${heard},}did ${line.replaceAll('+', '\\+')}\\n`));
}

async function say(end: RawEnd, hex: string): Promise<void> {
  await tell(`say ${end.port} ${hex}`);
}

/** One transaction as it should be. */
async function works(end: RawEnd, id: number): Promise<void> {
  end.send(adu(id, 1, read));
  await end.gets(new RegExp(`${adu(id, 1, honest)}$`));
}

/** The rest of every case in which a response was put aside: the client never saw it, and the record has it. */
async function isRecorded(end: RawEnd, reason: string): Promise<void> {
  await arena.neighbourLives();
  expect(end.isCut()).toBe(false);
  expect(end.received()).not.toContain('bad0');
  arena.willRecord(reason, (one) => one['reason'] === reason);
  await end.stop();
}
