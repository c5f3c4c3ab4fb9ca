import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesInMemory } from '../../../gateway/capture/byte-source.ts';
import { readPolicy } from '../../../gateway/cli/policy-source.ts';
import { replayCapture } from '../../../gateway/cli/replay/replay-capture.ts';
import { replayJson, replayText } from '../../../gateway/cli/replay/report-text.ts';
import { bytesOf, pcap, talk, type WrittenPacket } from '../capture/write-capture.ts';
import { adu, frame } from './captures.ts';

const model = new URL('../../golden/replay/plant.zones.yaml', import.meta.url).pathname;
const read = readPolicy(model, undefined, Date.UTC(2026, 10, 20));
if (!read.ok) throw new Error('the example has errors');
const { policy } = read;

/** Messages that are right, bytes that are none, and pieces of both, from either side, in any order. */
const pdu = fc.constantFrom(
  '03 0000 0001',
  '03 02 0001',
  '06 008c 0014',
  '86 03',
  '10 00c8 0002 04 41480000',
  '03 00',
);
const good = fc.tuple(fc.nat(3), pdu).map(([id, text]) => adu(id, text));
const noise = fc.uint8Array({ minLength: 1, maxLength: 40 });
const piece = fc.oneof(
  { weight: 4, arbitrary: good },
  { weight: 1, arbitrary: noise },
  { weight: 1, arbitrary: pdu.map((text) => frame(text)) },
  {
    weight: 1,
    arbitrary: fc.tuple(good, fc.nat(11)).map(([bytes, length]) => bytes.subarray(0, length + 1)),
  },
  { weight: 1, arbitrary: fc.tuple(good, good).map(([one, other]) => bytesOf(one, other)) },
);
const step = fc.record({
  fromServer: fc.boolean(),
  bytes: piece,
  isLost: fc.nat(9).map((roll) => roll === 0),
  gap: fc.constantFrom(0, 1, 900, 6_000, 90_000),
});

test.for(['10.30.0.12', '10.30.0.20'])(
  'whatever two ends say to one another at %s, the replay of it ends',
  (address) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, isMidstream) => {
        const { client, server, shake } = talk({ server: address });
        const packets: WrittenPacket[] = isMidstream ? [] : [...shake()];
        let late = 0;
        for (const { fromServer, bytes, isLost, gap } of steps) {
          late += gap;
          const packet = (fromServer ? server : client).say(bytes);
          if (!isLost) packets.push({ ...packet, at: packet.at + late });
        }
        fc.pre(packets.length > 0);
        const report = replayCapture(policy, bytesInMemory(pcap(packets)));
        expect(replayText(report, true)).toContain('packets');
        expect(JSON.parse(replayJson(report, true))).toMatchObject({ packets: packets.length });
      }),
      { numRuns: 120 },
    );
  },
);

test('a scan of every address fills neither the memory nor the page', () => {
  const { client, server, shake } = talk();
  const requests = Array.from({ length: 3000 }, (_, index) => {
    const address = (500 + index).toString(16).padStart(4, '0');
    return [client.say(adu(index, `06 ${address} 0001`)), server.say(adu(index, '86 02'))];
  });
  const report = replayCapture(policy, bytesInMemory(pcap([...shake(), ...requests.flat()])));
  expect(report.refusals).toMatchObject({ total: 3000, uncounted: 2000 });
  expect(replayText(report, false)).toContain('2000 ×  of other kinds');
});
