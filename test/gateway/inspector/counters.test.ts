import { expect, test } from 'vitest';
import {
  countClosed,
  countForwarded,
  countFromClient,
  countFromServer,
  countMoved,
  countOpened,
  countQuarantined,
  countRequest,
  countTolerated,
  createCounters,
  MaxFlows,
} from '../../../gateway/inspector/counters.ts';
import { LatencyBuckets } from '../../../gateway/ipc/bounds.ts';
import { createFlowTable, type Permit } from '../../../rules/admission/flow-table.ts';
import { sampleFlow, samplePolicy } from './sample.ts';

test('requests are counted by function code and verdict, unnamed codes together', () => {
  const counters = createCounters();
  const tally = counters.of(permit());
  countRequest(tally, 3, 'allow', 0);
  countRequest(tally, 3, 'allow', 0);
  countRequest(tally, 3, 'refuse', -1);
  for (const unnamed of [5, 8, 43, 101]) countRequest(tally, unnamed, 'refuse', -1);
  expect(counters.report()[0]?.requests).toEqual([
    { functionCode: 0, verdict: 'refuse', count: 4 },
    { functionCode: 3, verdict: 'allow', count: 2 },
    { functionCode: 3, verdict: 'refuse', count: 1 },
  ]);
});

test('counts go on when the flow comes back under another policy', () => {
  const counters = createCounters();
  counters.turnedAway(permit(), 'no-flow');
  counters.turnedAway(permit(), 'no-flow');
  expect(counters.report()).toMatchObject([
    { flowId: 'C-1/F-1', conduit: 'C-1', refusals: [{ reason: 'no-flow', count: 2 }] },
  ]);
});

test('permissions are counted by their id, over all flows and policies', () => {
  const counters = createCounters();
  for (const tally of [counters.of(permit()), counters.of(permit())]) {
    countRequest(tally, 6, 'allow', 0);
    countRequest(tally, 6, 'would-refuse', 0);
    countRequest(tally, 6, 'refuse', -1);
  }
  expect(counters.used()).toEqual({
    flows: [{ id: 'C-1/F-1', count: 4 }],
    permissions: [{ id: permit().profile.permissions[0]!.id, count: 2 }],
  });
});

test('what is put aside and what is tolerated is counted by its name', () => {
  const counters = createCounters();
  const tally = counters.of(permit());
  countQuarantined(tally, 'response-late');
  countQuarantined(tally, 'response-late');
  countTolerated(tally, 'unit-echo');
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
  countOpened(tally);
  countOpened(tally);
  countClosed(tally);
  countFromClient(tally, 12);
  countFromServer(tally, 13);
  expect(counters.report()).toMatchObject([{ open: 1, opened: 2, bytesFromClient: 12, bytesFromServer: 13 }]);
});

test('latency falls into the bucket whose bound it does not exceed, and above the last', () => {
  const counters = createCounters();
  const tally = counters.of(permit());
  countForwarded(tally, 0);
  countForwarded(tally, LatencyBuckets[0] * 1000);
  countForwarded(tally, 0.03);
  countForwarded(tally, 60_000);
  const latency = counters.report()[0]?.latency;
  expect(latency?.bucketCounts).toHaveLength(LatencyBuckets.length + 1);
  expect(latency?.bucketCounts[0]).toBe(2);
  expect(latency?.bucketCounts[2]).toBe(1);
  expect(latency?.bucketCounts.at(-1)).toBe(1);
  expect(latency?.count).toBe(4);
  expect(latency?.sum).toBeCloseTo(60.00004);
});

test('who is turned away under no flow at all is counted under no name', () => {
  const counters = createCounters();
  expect(counters.report()).toEqual([]);
  counters.turnedAway(undefined, 'no-flow');
  expect(counters.report()).toMatchObject([
    { flowId: '', conduit: '', refusals: [{ reason: 'no-flow', count: 1 }] },
  ]);
});

test('a connection that moves to another flow is open there and no longer here', () => {
  const counters = createCounters();
  const from = counters.of(permit());
  const to = counters.of(permit('C-1/F-2'));
  countOpened(from);
  countMoved(from, to);
  countClosed(to);
  expect(counters.report()).toMatchObject([
    { open: 0, opened: 1 },
    { open: 0, opened: 0 },
  ]);
});

test('flows beyond the bound are counted together', () => {
  const counters = createCounters();
  for (let flow = 0; flow <= MaxFlows; flow += 1) countFromClient(counters.of(permit(`F-${flow}`)), 1);
  const report = counters.report();
  expect(report).toHaveLength(MaxFlows);
  expect(report[0]).toMatchObject({ flowId: '', bytesFromClient: 2 });
  expect(report.reduce((sum, { bytesFromClient }) => sum + bytesFromClient, 0)).toBe(MaxFlows + 1);
});

function permit(id = 'C-1/F-1'): Permit {
  const policy = samplePolicy({ flows: [sampleFlow({ id })] });
  return createFlowTable(policy).find({ client: '10.10.0.10', server: '10.20.0.20', port: 502 })[0]!;
}
