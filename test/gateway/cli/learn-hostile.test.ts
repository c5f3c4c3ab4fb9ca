import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesInMemory } from '../../../gateway/capture/byte-source.ts';
import { gatherCapture } from '../../../gateway/cli/learn/gather-capture.ts';
import { readModelText } from '../../../policy/learn/model-text.ts';
import { createSightings } from '../../../policy/learn/sightings.ts';
import { talk } from '../capture/write-capture.ts';
import { samplePolicy } from '../inspector/sample.ts';
import { adu } from './captures.ts';
import { captureOf, modbusTimes, plainTimes, read } from './learn-captures.ts';

const policy = samplePolicy();
const ends = { client: '10.10.0.10', server: '10.20.0.21' };

test('a capture of any bytes is read to its end', () => {
  const whole = captureOf(modbusTimes(3, ends, () => [read(3, 0, 10)]));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 40 }),
      fc.nat(whole.length),
      (changes, length) => {
        const bytes = Uint8Array.from(whole.subarray(0, length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const { sightings } = gatherCapture(policy, bytesInMemory(bytes));
        expect(sightings.requests.length).toBeLessThanOrEqual(60);
      },
    ),
    { numRuns: 200 },
  );
});

test('bytes that are no Modbus on its port are no request', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 6 }),
      (chunks) => {
        const { shake, client, server } = talk({ ...ends, serverPort: 502 });
        const packets = [shake(), chunks.flatMap((chunk) => [client.say(chunk), server.say(chunk)])].flat();
        const { sightings } = gatherCapture(policy, bytesInMemory(captureOf(packets)));
        for (const one of sightings.requests) expect(one.answers?.data ?? 0).toBeLessThanOrEqual(one.count);
      },
    ),
    { numRuns: 100 },
  );
});

test('a scan of everything fills no memory, and is told', () => {
  const collector = createSightings(100);
  for (let port = 1; port <= 1000; port++) {
    const way = { client: '10.10.0.10', server: '10.20.0.21', protocol: 'tcp', port } as const;
    collector.way({ ...way, reason: 'no-flow', answered: 'no' }, { count: 1, firstAt: port, lastAt: port });
    collector.pace({ ...way, flow: '' }, port);
  }
  const { ways, paces, uncounted } = collector.sightings();
  expect([ways.length, paces.length, uncounted]).toEqual([100, 100, 900]);
});

test('a client that asks and never waits for an answer fills no memory', () => {
  const { shake, client } = talk({ ...ends, serverPort: 502 });
  const packets = [...shake()];
  for (let id = 0; id < 6000; id++) packets.push(client.say(adu(id & 0xffff, '03 0000 0001')));
  const { sightings } = gatherCapture(policy, bytesInMemory(captureOf(packets)));
  const [one] = sightings.requests;
  expect(one).toMatchObject({ functionCode: 3, answers: { data: 0, exceptions: 0 } });
  expect(one?.count).toBeGreaterThan(500);
});

test('what nobody answered, or comes from outside the model, is told apart from what is used', () => {
  const capture = captureOf(
    plainTimes(3, { ...ends, serverPort: 9000 }, false),
    plainTimes(3, { client: '192.0.2.1', server: '10.20.0.21', serverPort: 80 }),
  );
  const { sightings } = gatherCapture(policy, bytesInMemory(capture));
  expect(sightings.ways.toSorted((one, other) => other.port - one.port)).toMatchObject([
    { port: 9000, answered: 'no', count: 3 },
    { client: '192.0.2.1', port: 80, answered: 'yes', count: 3 },
  ]);
});

test('any text that YAML reads gives a place to add to or a sentence, and keeps its lines', () => {
  const part = fc.constantFrom(
    'a:',
    '  b: 1',
    '  - c',
    '- {d: e}',
    '    f: |',
    '      text',
    '# note',
    '',
    'g: {h: [i]}',
    '---',
    '\t',
    'k: &x',
    'l: *x',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join('\n');
      const source = readModelText(text);
      for (const path of [[], ['a'], ['a', 'b'], ['g', 'h']]) {
        const spot = source.endOf(path);
        if (typeof spot === 'string') continue;
        expect(spot.after).toBeLessThanOrEqual(source.lines.length);
        const lines = source.withLines([{ after: spot.after, lines: ['added'] }]).split('\n');
        expect(lines.filter((line) => line !== 'added').slice(0, source.lines.length)).toEqual(source.lines);
      }
    }),
  );
});
