import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { bytesInMemory } from '../../../gateway/capture/byte-source.ts';
import { readPolicy } from '../../../gateway/cli/policy-source.ts';
import { replayCapture } from '../../../gateway/cli/replay/replay-capture.ts';
import { createFlowTable } from '../../../rules/admission/flow-table.ts';
import { createFlowMatch } from '../../../rules/flow-match.ts';
import type { InspectionSink } from '../../../rules/modbus/connection/effect.ts';
import { createFlowTraffic } from '../../../rules/modbus/connection/flow-traffic.ts';
import { createInspection } from '../../../rules/modbus/connection/inspection.ts';
import { createDeviceState } from '../../../rules/modbus/device/device-state.ts';
import type { Policy } from '../../../rules/policy.ts';
import { bytesOf, pcap, talk, type WrittenPacket, word } from '../capture/write-capture.ts';
import { adu } from './captures.ts';

const model = new URL('../../golden/replay/plant.zones.yaml', import.meta.url).pathname;
const start = 1_700_000_000_000;
let policy: Policy;

beforeAll(() => {
  const read = readPolicy(model, undefined, Date.UTC(2026, 10, 20));
  if (!read.ok) throw new Error('the example has errors');
  policy = read.policy;
});

/** A request and what the server says to it. */
const value = fc.integer({ min: 0, max: 60 });
const exchange = fc.oneof(
  value.map((now): [string, string] => ['03 008c 0001', `03 02 ${hex(now)}`]),
  value.map((now): [string, string] => [`06 008c ${hex(now)}`, `06 008c ${hex(now)}`]),
  fc.nat(450).map((at): [string, string] => [`03 ${hex(at)} 0001`, '03 02 0001']),
  fc.constantFrom<[string, string]>(
    ['05 0001 ff00', '05 0001 ff00'],
    ['06 008c 0014', '86 06'],
    ['10 00c8 0002 04 41480000', '10 00c8 0002'],
    ['08 0000 1234', '08 0000 1234'],
    ['03 0000 0000', '83 03'],
    ['64 01', 'e4 01'],
  ),
);
const gaps = fc.integer({ min: 0, max: 900 });

test('a replay counts what a connection under audit is told, however its bytes lie in packets', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(exchange, gaps), { minLength: 1, maxLength: 25 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      (all, sizes, oneIdentifier) => {
        const { client, server, shake } = talk({ from: start });
        const packets: WrittenPacket[] = [...shake()];
        const live = createLive();
        let size = 0;
        let now = packets[2]!.at;
        all.forEach(([[request, answer], gap], index) => {
          now += gap;
          const id = oneIdentifier ? 7 : index;
          const asked = adu(id, request);
          for (let from = 0; from < asked.length; ) {
            const end = Math.min(asked.length, from + (sizes[size++ % sizes.length] ?? 1));
            packets.push({ ...client.say(asked.subarray(from, end)), at: now });
            from = end;
          }
          packets.push({ ...server.say(adu(id, answer)), at: now });
          live.exchange(asked, adu(id, answer), now);
        });
        const report = replayCapture(policy, bytesInMemory(pcap(packets)));
        const use = report.flows.find(({ flow }) => flow.id === 'C-01/F-01')!;
        expect({ requests: use.requests, refused: use.refused }).toEqual(live.counted);
        const reasons = report.refusals.list().flatMap(({ reason, count }) => Array(count).fill(reason));
        expect(reasons.sort()).toEqual([...live.reasons].sort());
      },
    ),
    { numRuns: 120 },
  );
});

test('a flow is found as the gateway finds it', () => {
  const table = createFlowTable(policy);
  const match = createFlowMatch(policy);
  const ends = ['10.20.0.10', '10.20.0.11', '10.20.0.50', '10.30.0.12', '10.30.0.20', '10.9.9.9'];
  for (const client of ends) {
    for (const server of ends) {
      for (const port of [443, 502, 503]) {
        const found = match.matching({ protocol: 'tcp', client, server, port });
        const inspected = found.filter(({ profile }) => profile !== '').map(({ id }) => id);
        expect(table.find({ client, server, port }).map(({ flow }) => flow.id)).toEqual(inspected);
      }
    }
  }
});

/** The connection as an inspector would carry it, in an audit stage without end. */
function createLive() {
  const profile = policy.profiles.find(({ name }) => name === 'dose')!;
  const device = createDeviceState('direct');
  device.watch(profile, Number.NEGATIVE_INFINITY);
  const counted = { requests: 0, refused: 0 };
  const reasons: string[] = [];
  let upstream = 0;
  const sink: InspectionSink = {
    toServer: (bytes) => {
      upstream = bytes[0]! * 256 + bytes[1]!;
    },
    toClient: () => {},
    decided: (_code, _unit, outcome) => {
      counted.requests++;
      if (outcome !== 'allow') counted.refused++;
    },
    refused: ({ reason }) => void reasons.push(reason),
    quarantined: ({ reason }) => void reasons.push(reason),
    tolerated: () => {},
    close: () => {},
  };
  const terms = { profile, tolerances: [], auditUntil: Number.POSITIVE_INFINITY, auditMalformed: true };
  const inspection = createInspection({ terms, device, traffic: createFlowTraffic(), sink, wake: () => {} });
  return {
    counted,
    reasons,
    exchange(request: Uint8Array, answer: Uint8Array, now: number) {
      inspection.fromClient(request, now);
      inspection.fromServer(bytesOf(word(upstream), answer.subarray(2)), now);
    },
  };
}

function hex(number: number): string {
  return number.toString(16).padStart(4, '0');
}
