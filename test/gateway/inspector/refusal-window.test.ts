import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createRefusalWindow,
  endsOf,
  MostKinds,
  type RefusalKind,
  type RefusalWindow,
} from '../../../gateway/inspector/refusal-window.ts';
import { checkInspectorToEngine } from '../../../gateway/ipc/messages.ts';
import type { RefusalReport } from '../../../gateway/ipc/reports.ts';

test('refusals of one kind make one report with the first one’s details and an exact count', () => {
  const window = createRefusalWindow();
  add(window, { at: 1, values: [900] });
  add(window, { at: 2, values: [901] });
  add(window, { at: 3, address: 11 });
  expect(window.drain(4)).toEqual([
    refusal({ at: 1, values: [900], count: 2, lastAt: 4 }),
    refusal({ at: 3, address: 11 }),
  ]);
  expect(window.drain(5)).toEqual([]);
});

test('only the first refusal of a kind is asked for its details', () => {
  const window = createRefusalWindow();
  let asked = 0;
  for (let times = 0; times < 3; times += 1) {
    window.add(kindOf(refusal({})), () => {
      asked += 1;
      return refusal({});
    });
  }
  expect(asked).toBe(1);
  expect(window.drain(1)).toMatchObject([{ count: 3 }]);
});

test('whatever differs in one part of its kind is told apart', () => {
  const window = createRefusalWindow();
  const changes: Partial<RefusalReport>[] = [
    {},
    { address: 65_535 },
    { address: 0 },
    { unit: 255 },
    { functionCode: 255 },
    { reason: 'fc-not-allowed' },
    { verdict: 'would-refuse' },
    { flowId: 'C-1/F-2' },
    { client: { address: '10.10.0.11', port: 1 } },
    { server: { address: '10.20.0.21', port: 502 } },
  ];
  for (const change of [...changes, ...changes]) add(window, change);
  const { address: _, ...none } = refusal({});
  window.add(kindOf(none), () => none);
  const counts = window.drain(1).map(({ count }) => count);
  expect(counts).toEqual([...changes.map(() => 2), 1]);
});

test('a walk through every address costs a bounded number of reports', () => {
  const window = createRefusalWindow(4);
  for (let address = 0; address < 10_000; address += 1) add(window, { address });
  const reports = window.drain(1);
  expect(reports).toHaveLength(5);
  expect(reports.at(-1)).toMatchObject({ summed: true, count: 9_996, client: { address: '', port: 0 } });
  expect(reports.at(-1)).not.toHaveProperty('address');
  for (const report of reports) {
    expect(checkInspectorToEngine({ kind: 'refusals', refusals: [report] }).ok).toBe(true);
  }
});

test('whatever comes and whoever takes it, no refusal is lost or counted twice', () => {
  const some = fc.record({
    address: fc.integer({ min: 0, max: 20 }),
    flowId: fc.constantFrom('C-1/F-1', 'C-1/F-2'),
    reason: fc.constantFrom('fc-not-allowed' as const, 'value-out-of-range' as const),
  });
  const step = fc.oneof(some, fc.constant('taken' as const), fc.constant('not taken' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const window = createRefusalWindow(5);
      let happened = 0;
      let told = 0;
      let untaken = 0;
      for (const change of steps) {
        if (change === 'taken') told += sum(window.drain(1));
        else if (change === 'not taken') {
          for (const report of window.drain(1)) window.putBack(report);
          untaken += 1;
        } else {
          add(window, change);
          happened += 1;
        }
      }
      const last = window.drain(1);
      expect(told + sum(last)).toBe(happened);
      if (untaken === 0) expect(last.length).toBeLessThanOrEqual(5 + 4);
      expect(last.length).toBeLessThanOrEqual(MostKinds + 4);
    }),
  );
});

function sum(reports: readonly RefusalReport[]): number {
  return reports.reduce((total, { count }) => total + count, 0);
}

function add(window: RefusalWindow, change: Partial<RefusalReport>): void {
  const one = refusal(change);
  window.add(kindOf(one), () => one);
}

function kindOf(report: RefusalReport): RefusalKind {
  const { flowId, client, server, unit = 0, functionCode = 0, address, reason, verdict } = report;
  const ends = endsOf(flowId, client.address, server.address);
  return { ends, flowId, unit, functionCode, address, reason, audit: verdict === 'would-refuse' };
}

function refusal(change: Partial<RefusalReport>): RefusalReport {
  return {
    at: 1,
    flow: 1,
    flowId: 'C-1/F-1',
    conduit: 'C-1',
    connection: 'c-1',
    client: { address: '10.10.0.10', port: 40000 },
    server: { address: '10.20.0.20', port: 502 },
    clientAsset: 'hmi-1',
    serverAsset: 'plc-1',
    verdict: 'refuse',
    reason: 'value-out-of-range',
    summed: false,
    unit: 1,
    functionCode: 6,
    address: 10,
    exceptionCode: 3,
    rule: 'operate/1',
    file: 'zones.yaml',
    line: 7,
    text: 'request unit 1 function 6 address 10 values 900',
    count: 1,
    ...change,
  };
}
