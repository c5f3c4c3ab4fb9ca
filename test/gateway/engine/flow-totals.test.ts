import { describe, expect, test } from 'vitest';
import { createFlowTotals } from '../../../gateway/engine/flow-totals.ts';
import type { FlowCounters } from '../../../gateway/ipc/reports.ts';

const flow = (allowed: number, open: number): FlowCounters => ({
  flowId: 'C-05/F-01',
  conduit: 'C-05',
  requests: [{ functionCode: 3, verdict: 'allow', count: allowed }],
  refusals: [],
  exceptions: 0,
  quarantined: [{ reason: 'response-late', count: allowed }],
  tolerated: [{ what: 'unit-echo', count: allowed }],
  bytesFromClient: allowed * 12,
  bytesFromServer: allowed * 13,
  open,
  opened: open,
  unreached: 0,
  responses: allowed,
  latency: { bucketCounts: [allowed, 0], sum: allowed / 1000, count: allowed },
});

describe('summing what inspecting processes counted', () => {
  test('a later report of a process replaces its earlier one', () => {
    const totals = createFlowTotals();
    totals.report('a', [flow(10, 1)]);
    totals.report('a', [flow(25, 1)]);
    expect(totals.totals()[0]?.requests).toEqual([{ functionCode: 3, verdict: 'allow', count: 25 }]);
  });

  test('two processes on one flow are added', () => {
    const totals = createFlowTotals();
    totals.report('a', [flow(10, 1)]);
    totals.report('b', [flow(5, 3)]);
    expect(totals.totals()[0]).toMatchObject({
      open: 4,
      bytesFromClient: 180,
      latency: { count: 15 },
      exceptions: 0,
      quarantined: [{ reason: 'response-late', count: 15 }],
      tolerated: [{ what: 'unit-echo', count: 15 }],
    });
  });

  test('a lost process keeps its counts but has no open connections any more', () => {
    const totals = createFlowTotals();
    totals.report('a', [flow(10, 4)]);
    totals.retire('a');
    totals.report('b', [flow(1, 1)]);
    expect(totals.totals()[0]).toMatchObject({ open: 1, opened: 5 });
    expect(totals.totals()[0]?.requests[0]?.count).toBe(11);
  });

  test('a process that was given up and comes back is not counted twice', () => {
    const totals = createFlowTotals();
    totals.report('a', [flow(10, 4)]);
    totals.retire('a');
    totals.report('a', [flow(12, 4)]);
    expect(totals.totals()[0]).toMatchObject({ open: 4, bytesFromClient: 144 });
  });

  test('any number of lost processes leaves their sum', () => {
    const totals = createFlowTotals();
    for (let process = 0; process < 100; process += 1) {
      totals.report(`p${process}`, [flow(1, 1)]);
      totals.retire(`p${process}`);
    }
    expect(totals.totals()[0]).toMatchObject({ open: 0, opened: 100, bytesFromClient: 1_200 });
  });
});
