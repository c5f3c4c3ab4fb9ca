import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRefusalWindow } from '../../../gateway/inspector/refusal-window.ts';
import { checkInspectorToEngine } from '../../../gateway/ipc/messages.ts';
import type { RefusalReport } from '../../../gateway/ipc/reports.ts';

test('refusals of one kind make one report with the first one’s details and an exact count', () => {
  const window = createRefusalWindow();
  window.add(refusal({ at: 1, values: [900] }));
  window.add(refusal({ at: 2, values: [901] }));
  window.add(refusal({ at: 3, address: 11 }));
  expect(window.drain()).toEqual([
    refusal({ at: 1, values: [900], count: 2 }),
    refusal({ at: 3, address: 11 }),
  ]);
  expect(window.drain()).toEqual([]);
});

test('only the first refusal of a kind is asked what would have been permitted', () => {
  const window = createRefusalWindow();
  let asked = 0;
  const alternative = () => `Permitted: ${++asked}.`;
  for (let times = 0; times < 3; times += 1) window.add(refusal({}), alternative);
  expect(window.drain()).toEqual([refusal({ count: 3, alternative: 'Permitted: 1.' })]);
});

test('a walk through every address costs a bounded number of reports', () => {
  const window = createRefusalWindow(4);
  for (let address = 0; address < 1000; address += 1) window.add(refusal({ address }));
  const reports = window.drain();
  expect(reports).toHaveLength(5);
  expect(reports.at(-1)).toMatchObject({ summed: true, count: 996, client: { address: '', port: 0 } });
  expect(reports.at(-1)).not.toHaveProperty('address');
  for (const report of reports) {
    expect(checkInspectorToEngine({ kind: 'refusal', refusal: report }).ok).toBe(true);
  }
});

test('whatever comes, no refusal is lost or counted twice', () => {
  const some = fc.record({
    address: fc.integer({ min: 0, max: 20 }),
    flowId: fc.constantFrom('C-1/F-1', 'C-1/F-2'),
    reason: fc.constantFrom('fc-not-allowed' as const, 'value-out-of-range' as const),
  });
  fc.assert(
    fc.property(fc.array(some), (changes) => {
      const window = createRefusalWindow(5);
      for (const change of changes) window.add(refusal(change));
      const reports = window.drain();
      expect(reports.reduce((sum, { count }) => sum + count, 0)).toBe(changes.length);
      expect(reports.length).toBeLessThanOrEqual(5 + 4);
    }),
  );
});

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
