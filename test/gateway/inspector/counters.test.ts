import { expect, test } from 'vitest';
import { createCounters } from '../../../gateway/inspector/counters.ts';
import { LatencyBuckets } from '../../../gateway/ipc/reports.ts';
import { createFlowTable, type Permit } from '../../../rules/admission/flow-table.ts';
import { samplePolicy } from './sample.ts';

test('requests are counted by function code and verdict, unnamed codes together', () => {
  const counters = createCounters();
  const tally = counters.of(permit());
  tally.request(3, 'allow');
  tally.request(3, 'allow');
  tally.request(3, 'refuse');
  for (const unnamed of [5, 8, 43, 101]) tally.request(unnamed, 'refuse');
  expect(counters.report()[0]?.requests).toEqual([
    { functionCode: 3, verdict: 'allow', count: 2 },
    { functionCode: 3, verdict: 'refuse', count: 1 },
    { functionCode: 0, verdict: 'refuse', count: 4 },
  ]);
});

test('counts go on when the flow comes back under another policy', () => {
  const counters = createCounters();
  counters.of(permit()).refusal('no-flow');
  counters.of(permit()).refusal('no-flow');
  expect(counters.report()).toMatchObject([
    { flowId: 'C-1/F-1', conduit: 'C-1', refusals: [{ reason: 'no-flow', count: 2 }] },
  ]);
});

test('permissions are counted by their id, over all flows and policies', () => {
  const counters = createCounters();
  for (const tally of [counters.of(permit()), counters.of(permit())]) {
    tally.request(6, 'allow');
    tally.used(0);
    tally.request(6, 'would-refuse');
    tally.request(6, 'refuse');
    tally.used(-1);
  }
  expect(counters.used()).toEqual({
    flows: [{ id: 'C-1/F-1', count: 4 }],
    permissions: [{ id: permit().profile.permissions[0]!.id, count: 2 }],
  });
});

test('what is put aside and what is tolerated is counted by its name', () => {
  const counters = createCounters();
  const tally = counters.of(permit());
  tally.quarantined('response-late');
  tally.quarantined('response-late');
  tally.tolerated('unit-echo');
  expect(counters.report()).toMatchObject([
    {
      exceptions: 0,
      quarantined: [{ reason: 'response-late', count: 2 }],
      tolerated: [{ what: 'unit-echo', count: 1 }],
    },
  ]);
});

test('connections and bytes are counted, open ones go down again', () => {
  const counters = createCounters();
  const tally = counters.of(permit());
  tally.opened();
  tally.opened();
  tally.closed();
  tally.fromClient(12);
  tally.fromServer(13);
  expect(counters.report()).toMatchObject([{ open: 1, opened: 2, bytesFromClient: 12, bytesFromServer: 13 }]);
});

test('latency falls into the bucket whose bound it does not exceed, and above the last', () => {
  const counters = createCounters();
  const tally = counters.of(permit());
  tally.forwarded(0);
  tally.forwarded(LatencyBuckets[0] * 1000);
  tally.forwarded(0.03);
  tally.forwarded(60_000);
  const latency = counters.report()[0]?.latency;
  expect(latency?.bucketCounts).toHaveLength(LatencyBuckets.length + 1);
  expect(latency?.bucketCounts[0]).toBe(2);
  expect(latency?.bucketCounts[2]).toBe(1);
  expect(latency?.bucketCounts.at(-1)).toBe(1);
  expect(latency?.count).toBe(4);
  expect(latency?.sum).toBeCloseTo(60.00004);
});

function permit(): Permit {
  return createFlowTable(samplePolicy()).find({ client: '10.10.0.10', server: '10.20.0.20', port: 502 })[0]!;
}
