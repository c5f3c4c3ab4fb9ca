import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { replay } from '../../../gateway/cli/replay.ts';
import { bytesOf, ethernet, ipv4, pcap, talk, type WrittenPacket, word } from '../capture/write-capture.ts';
import { adu, frame, modbusTalk, readDose, writeDose } from './captures.ts';
import { command } from './command.ts';

const home = mkdtempSync(join(tmpdir(), 'penstock-replay-'));
const golden = (name: string) => new URL(`../../golden/replay/${name}`, import.meta.url).pathname;
const model = golden('plant.zones.yaml');
const start = 1_700_000_000_000;

afterAll(() => rmSync(home, { recursive: true }));

describe('penstock replay', () => {
  test('has nothing to say against what is permitted, and says which permissions that used', async () => {
    const { shake, exchange, part } = modbusTalk();
    const float = '10 00c8 0002';
    const said = await run(
      [
        shake(),
        exchange(...readDose(18)),
        exchange(...writeDose(20)),
        exchange(`${float} 04 41480000`, float),
        part(),
      ],
      { coverage: true },
    );
    expect(said.status).toBe(0);
    await expect(said.out).toMatchFileSnapshot(golden('ordinary.txt'));
  });

  test('groups what would be refused, with the rule and what would have been permitted', async () => {
    const one = modbusTalk();
    const packets = [
      one.shake(),
      one.exchange(...readDose(18)),
      one.exchange(...writeDose(200)),
      one.exchange(...writeDose(220)),
      // What was refused went on in the capture, so what it left is what is known.
      one.exchange(...readDose(30)),
      one.exchange(...writeDose(20)),
      one.exchange('06 0190 0001', '86 02'),
      one.exchange('16 008c ffff 0000', '96 01'),
      one.exchange('08 0004 0000', '88 01'),
      one.exchange('5a 00 41', 'da 01'),
    ];
    const hmi = modbusTalk({ client: '10.20.0.11', from: start + 500 });
    const other = [
      hmi.shake(),
      hmi.exchange(...writeDose(20)),
      hmi.exchange('10 0064 0002 04 00000000', '10 0064 0002'),
    ];
    const said = await run([...packets, ...other]);
    expect(said.status).toBe(1);
    await expect(said.out).toMatchFileSnapshot(golden('refused.txt'));
  });

  test('judges pipelined requests in one segment one by one, and answers in any order', async () => {
    const { client, server, shake } = modbusTalk();
    const requests = bytesOf(adu(7, '03 008c 0001'), adu(8, '06 01f4 0001'), adu(9, '03 0000 0001'));
    const answers = bytesOf(adu(9, '03 02 0001'), adu(8, '86 02'), adu(7, '03 02 0012'));
    const said = json(await run([shake(), client.say(requests), server.say(answers)], { json: true }));
    expect(said).toMatchObject({ requests: 3, refused: [{ count: 1, reason: 'address-out-of-range' }] });
  });

  test('tells apart the answers of a client that has one identifier for everything', async () => {
    const { client, server, shake } = modbusTalk();
    const packets = [
      shake(),
      client.say(bytesOf(adu(1, '03 0000 0001'), adu(1, '01 0000 0008'))),
      server.say(adu(1, '03 02 0001')),
      server.say(adu(1, '01 01 ff')),
    ];
    const unanswered = client.say(adu(1, '03 0000 0001'));
    const later = 5_000;
    const after = [client.say(adu(1, '02 0000 0008')), server.say(adu(1, '02 01 ff'))].map((packet) => ({
      ...packet,
      at: packet.at + later,
    }));
    const said = json(await run([...packets, unanswered, ...after], { json: true }));
    expect(said).toMatchObject({ requests: 4, refused: [{ reason: 'request-timeout', count: 1 }] });
  });

  test('knows of no write before the capture', async () => {
    const { shake, exchange } = modbusTalk();
    const write = '06 0096 0001';
    const said = json(await run([shake(), exchange(write, write), exchange(write, write)], { json: true }));
    expect(said).toMatchObject({ requests: 2, refused: [{ reason: 'too-soon', count: 1 }] });
  });

  test('takes an answer from before a cut for what it is, and no half of a message for a whole one', async () => {
    const { client, server, shake } = modbusTalk();
    const asked = bytesOf(adu(1, '03 0000 0001'), adu(2, '03 0001 0001'));
    const write = adu(3, '06 008c 0014');
    const said = json(
      await run(
        [
          shake(),
          client.say(bytesOf(asked, write.subarray(0, 9))),
          server.say(adu(1, '04 02 0001')),
          server.say(adu(2, '03 02 0001')),
          client.say(write.subarray(9)),
          [client.say(adu(4, '03 0000 0001')), server.say(adu(4, '03 02 0001'))],
        ],
        { json: true },
      ),
    );
    expect(said).toMatchObject({
      requests: 3,
      refused: [{ reason: 'response-mismatch' }],
      missing: [
        { what: 'scada-1 port 49152 → plc-dosing: answers to requests that were not seen, or before a cut' },
        { what: 'scada-1 port 49152 → plc-dosing: in step with the client again, 3 bytes passed over' },
      ],
    });
  });

  test('knows a second answer to a request for one', async () => {
    const { server, shake, exchange } = modbusTalk();
    const twice = [exchange('03 0000 0001', '03 02 0001'), server.say(adu(1, '03 02 0001'))];
    const said = json(await run([shake(), ...twice], { json: true }));
    expect(said).toMatchObject({
      refused: [
        {
          reason: 'response-unsolicited',
          text: 'response to READ holding register 0 (40001), unit 1',
        },
      ],
    });
  });

  test('says what is missing, and goes on in step', async () => {
    const { client, server, shake, exchange } = modbusTalk();
    const packets = [shake(), exchange(...readDose(18))];
    client.say(adu(50, '06 008c 0014'));
    const gap = [server.say(adu(50, '06 008c 0014')), exchange(...readDose(20))];
    const twice = client.segment(adu(2, '06 008c 00ff'), { at: 24 });
    const mid = modbusTalk({ client: '10.20.0.11', from: start + 300 });
    const half = mid.client.say(adu(9, '03 0000 0001').subarray(5));
    const rest = [half, mid.server.say(adu(9, '03 02 0001')), mid.exchange('03 0000 0001', '03 02 0001')];
    const said = await run([...packets, ...gap, twice, ...rest]);
    expect(said.status).toBe(0);
    await expect(said.out).toMatchFileSnapshot(golden('missing.txt'));
  });

  test('loses no sight of a connection after what would have ended it', async () => {
    const { client, server, shake, exchange } = modbusTalk();
    const packets = [
      shake(),
      // E3: a second ADU hidden inside the declared length of the first.
      client.say(
        Uint8Array.from(
          Buffer.from('000100000015010300000001000200000009011000050001 02dead'.replace(' ', ''), 'hex'),
        ),
      ),
      exchange(...readDose(18)),
      // A wrong header, and the next segment in order.
      client.say(Uint8Array.from(Buffer.from('00030001000601030000000100', 'hex'))),
      exchange(...writeDose(99)),
      // An answer to something else, one to nothing, and a request from the server.
      exchange('03 0000 0001', '04 02 0001'),
      exchange(...writeDose(98)),
      server.say(adu(77, '03 02 0001')),
      server.say(adu(78, '06 0001 0001')),
      exchange(...writeDose(97)),
    ];
    const said = await run(packets);
    expect(said.status).toBe(1);
    await expect(said.out).toMatchFileSnapshot(golden('hostile.txt'));
  });

  test('counts connections and packets that no flow permits, and leaves alone what does not cross the box', async () => {
    const between = (client: string, server: string, serverPort: number, clientPort = 49_152) =>
      talk({ client, server, serverPort, clientPort, from: start }).shake();
    const datagram = (from: string, to: string, protocol: number, ports: readonly [number, number]) => ({
      at: start,
      bytes: ethernet(ipv4(bytesOf(word(ports[0]), word(ports[1]), [0, 0, 0, 0]), { from, to, protocol })),
    });
    const said = await run(
      [
        between('10.20.0.50', '10.30.0.12', 443),
        between('10.20.0.50', '10.30.0.12', 22),
        between('10.20.0.50', '10.30.0.12', 22, 50_000).map((packet) => ({
          ...packet,
          at: packet.at + 1000,
        })),
        between('10.30.0.12', '10.20.0.10', 502),
        between('192.168.1.1', '10.30.0.12', 502),
        between('10.20.0.10', '10.20.0.11', 3389),
        between('10.20.0.10', '10.20.0.1', 22),
        [datagram('10.20.0.10', '10.30.0.12', 1, [0, 0]), datagram('10.30.0.12', '10.20.0.10', 1, [0, 0])],
        [
          datagram('10.30.0.12', '10.20.0.10', 17, [1000, 53]),
          datagram('10.20.0.10', '239.1.1.1', 17, [1000, 53]),
        ],
      ],
      { coverage: true },
    );
    expect(said.status).toBe(1);
    await expect(said.out).toMatchFileSnapshot(golden('unpermitted.txt'));
  });

  test('follows RTU over TCP by the order of its frames', async () => {
    const { client, server, shake } = talk({ server: '10.30.0.20' });
    const said = json(
      await run(
        [
          shake(),
          [client.say(frame('03 0000 0001')), server.say(frame('03 02 0001'))],
          [client.say(frame('06 0000 0001')), server.say(frame('06 0000 0001'))],
          [client.say(frame('03 0000 0001')), server.say(frame('03 02 0001'))],
        ],
        { json: true },
      ),
    );
    expect(said).toMatchObject({
      requests: 3,
      refused: [{ count: 1, reason: 'fc-not-allowed', alternative: ReadsOnly }],
    });
  });

  test('counts what a named tolerance lets pass, and what would have to wait', async () => {
    const { client, server, shake, exchange } = modbusTalk();
    const many = Array.from({ length: 6 }, (_, index) => adu(100 + index, '03 0000 0001'));
    const said = json(
      await run(
        [
          shake(),
          exchange('05 0001 ff00', '05 0001 0001'),
          client.say(bytesOf(...many)),
          server.say(adu(100, '03 02 0001')),
        ],
        { json: true },
      ),
    );
    expect(said).toMatchObject({
      heldBack: { 'C-01/F-01': 2 },
      tolerated: [{ what: 'C-01: coil-echo-0001', count: 1 }],
    });
  });

  test.for<[string, string]>([
    ['no file', join(home, 'none.pcap')],
    ['no capture', model],
    ['a folder', home],
  ])('does not take %s for a capture', async ([, path]) => {
    const said = await command(() => replay(model, path, {}));
    expect(said.status).toBe(2);
    expect(said.err).toContain('Name a pcap or pcapng file');
  });

  test('says what is wrong with a model before it looks at a capture', async () => {
    const broken = join(home, 'broken.zones.yaml');
    writeFileSync(broken, 'apiVersion: penstock/v1\n');
    const said = await command(() => replay(broken, join(home, 'none.pcap'), {}));
    expect(said.status).toBe(1);
    expect(said.err).toMatch(/broken\.zones\.yaml:1:1 S-\d+/);
  });
});

const ReadsOnly = 'Permitted for this unit: 1 Read Coils, 2 Read Discrete Inputs, 3 Read Holding Registers.';

async function run(packets: readonly (WrittenPacket | readonly WrittenPacket[])[], options = {}) {
  const capture = join(home, 'a.pcap');
  writeFileSync(capture, pcap(packets.flat()));
  return command(() => replay(model, capture, options));
}

function json({ out }: { readonly out: string }): unknown {
  return JSON.parse(out);
}
