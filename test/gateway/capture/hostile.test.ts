import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesInMemory } from '../../../gateway/capture/byte-source.ts';
import { readPackets } from '../../../gateway/capture/read-packets.ts';
import { createSparseBytes } from '../../../gateway/capture/sparse-bytes.ts';
import { listen, text } from './listen.ts';
import {
  block,
  bytesOf,
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  ipv6,
  pcap,
  sectionHeader,
  talk,
} from './write-capture.ts';

/** A capture of all that is known, to be damaged. */
const sound = samples();
const random = fc.uint8Array({ maxLength: 200 });

test('any bytes behind the magic number of any format end in findings', () => {
  const magic = fc.constantFrom(...sound.map((file) => file.subarray(0, 4)));
  fc.assert(
    fc.property(magic, fc.uint8Array({ maxLength: 400 }), (first, rest) => {
      listen(bytesOf(first, rest));
    }),
  );
});

test('a sound capture with damage anywhere ends in findings', () => {
  const damage = fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...sound), damage, (file, places) => {
      const damaged = Uint8Array.from(file);
      for (const [place, value] of places) damaged[place % damaged.length] = value;
      listen(damaged);
    }),
    { numRuns: 200 },
  );
});

test('a capture cut anywhere tells what came before', () => {
  for (const file of sound) {
    const whole = listen(file).totals.packets;
    for (let length = 0; length < file.length; length += 7) {
      expect(listen(file.subarray(0, length)).totals.packets).toBeLessThanOrEqual(whole);
    }
  }
});

test('any packet of any link type ends in data or in findings', () => {
  const linkType = fc.constantFrom(0, 1, 12, 101, 108, 113, 147, 228, 229, 276);
  fc.assert(
    fc.property(linkType, fc.array(random, { maxLength: 5 }), (type, packets) => {
      listen(
        pcap(
          packets.map((bytes) => ({ at: 0, bytes })),
          { linkType: type },
        ),
      );
    }),
  );
});

test('any segments of one connection end, and give no byte twice', () => {
  const flags = fc.constantFrom('', '', '', 'S', 'F', 'R', 'SF', 'FR');
  const piece = fc.record({
    fromServer: fc.boolean(),
    at: fc.integer({ min: -3000, max: 3000 }),
    data: fc.uint8Array({ maxLength: 40 }),
    ack: fc.integer({ min: 0, max: 8000 }),
    flags,
  });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const { client, server, shake } = talk();
      const packets = pieces.map(({ fromServer, data, ...rest }) =>
        (fromServer ? server : client).segment(data, rest),
      );
      const { lines } = listen(pcap([...shake(), ...packets]));
      const sent = pieces.reduce((sum, { data }) => sum + data.length, 0);
      const given = lines.filter((line) => /^#\d+ (client|server) (?!lost |differs |stray)/.test(line));
      expect(
        given.reduce((sum, line) => sum + line.replace(/^#\d+ (client|server) /s, '').length, 0),
      ).toBeLessThanOrEqual(sent);
    }),
    { numRuns: 200 },
  );
});

test('bytes with holes hold what came first, byte for byte', () => {
  const pieces = fc.array(fc.tuple(fc.nat(40), fc.uint8Array({ minLength: 1, maxLength: 12 })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(pieces, (all) => {
      const sparse = createSparseBytes();
      const model = new Map<number, number>();
      for (const [place, bytes] of all) {
        let differing = 0;
        bytes.forEach((byte, index) => {
          const there = model.get(place + index);
          if (there === undefined) model.set(place + index, byte);
          else if (there !== byte) differing++;
        });
        expect(sparse.add(place, bytes)).toBe(differing);
      }
      expect(sparse.size).toBe(model.size);
      while (sparse.runs > 0) {
        const { first } = sparse;
        const run = sparse.takeFrom(first)!;
        expect([...run]).toEqual([...run.keys()].map((index) => model.get(first + index)));
        expect(model.has(first + run.length)).toBe(false);
      }
      expect(sparse.size).toBe(0);
    }),
  );
});

test('a file of nothing but interfaces is no way to fill the memory', () => {
  const file = bytesOf(
    sectionHeader(),
    ...Array.from({ length: 3000 }, () => interfaceBlock()),
    enhancedPacket(text('a'), 0, 2000),
  );
  expect([...readPackets(bytesInMemory(file))]).toEqual([
    { kind: 'finding', text: 'packet 1: is of no interface' },
  ]);
});

function samples(): readonly Uint8Array[] {
  const { client, server, shake, part } = talk();
  const [from, to] = ['10.20.0.10', '10.30.0.12'];
  const one = bytesOf([0xfd, 0], new Uint8Array(13), 1);
  const talked = [...shake(), client.say(text('ask')), server.say(text('answer')), ...part()];
  const others = [
    ethernet(ipv4(text('fragment'), { from, to, more: true })),
    ethernet(ipv4(text('rest'), { from, to, offset: 8 }), 0x0800, [0x8100]),
    ethernet(ipv6(text('data'), one, one, 0, [44, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 1]), 0x86dd),
  ].map((bytes) => ({ at: talked[0]!.at, bytes }));
  const packets = [...talked, ...others];
  const blocks = packets.map(({ at, bytes }) => enhancedPacket(bytes, at * 1000));
  return [
    pcap(packets),
    pcap(packets, { littleEndian: false, nanoseconds: true }),
    bytesOf(sectionHeader(), interfaceBlock(), block(4, text('names')), ...blocks),
  ];
}
