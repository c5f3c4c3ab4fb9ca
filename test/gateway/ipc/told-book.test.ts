import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sumOf } from '../../../gateway/inspector/connection-sums.ts';
import { readSlot, SlotNumbers } from '../../../gateway/ipc/counter-slot.ts';
import type { ClosedConnection, FlowCounters, RefusalReport } from '../../../gateway/ipc/reports.ts';
import { createToldBook } from '../../../gateway/ipc/told-book.ts';

describe('what was counted and never told', () => {
  test('is said by flow, to the last one', () => {
    const book = createToldBook();
    book.take({ kind: 'connections', opened: [], closed: [closed('F-1')], summed: [], sums: [] });
    book.take({ kind: 'refusals', refusals: [refusal('F-1', 4)] });
    expect(
      book.untold([counted('F-1', { opened: 3, refused: 9 }), counted('F-2', { opened: 1 })]),
    ).toMatchObject([
      {
        flowId: 'F-1',
        connections: 2,
        transactions: 6 + 9,
        refusals: [{ reason: 'fc-not-allowed', count: 5 }],
      },
      { flowId: 'F-2', connections: 1, refusals: [] },
    ]);
  });

  test('is nothing where all was told', () => {
    const book = createToldBook();
    book.take({ kind: 'connections', opened: [], closed: [closed('F-1')], summed: [], sums: [] });
    expect(book.untold([counted('F-1', { opened: 1 })])).toEqual([]);
  });

  test('is said of all flows together where some was told so, or told of another flow than it was counted on', () => {
    const mixed = createToldBook();
    mixed.take({
      kind: 'connections',
      opened: [],
      closed: [],
      summed: [],
      sums: [{ ...sumOf(closed('F-1')), flowId: '', count: 2, kinds: 2 }],
    });
    const flows = [counted('F-1', { opened: 2 }), counted('F-2', { opened: 2 })];
    expect(mixed.untold(flows)).toMatchObject([{ flowId: '', connections: 2 }]);
    const moved = createToldBook();
    for (let times = 0; times < 3; times += 1) {
      moved.take({ kind: 'connections', opened: [], closed: [closed('F-1')], summed: [], sums: [] });
    }
    expect(moved.untold(flows)).toMatchObject([{ flowId: '', connections: 1 }]);
  });

  test('leaves out what was told on connections before', () => {
    const before = createToldBook();
    before.ended(closed('F-1'));
    const book = createToldBook(before.totals());
    expect(book.untold([counted('F-1', { opened: 3 })])).toMatchObject([{ flowId: '', connections: 2 }]);
  });
});

test('of more flows than there can be, all is kept together: whoever makes up names fills no memory', () => {
  const book = createToldBook();
  for (let flow = 0; flow < 20_010; flow += 1) book.ended(closed(`F-${flow}`));
  expect(book.totals().connections).toBe(20_010);
  expect(book.untold([counted('F-1', { opened: 20_011 })])).toMatchObject([{ flowId: '', connections: 1 }]);
});

test('told and untold together are what was counted, whatever was told', () => {
  const act = fc.record({
    flow: fc.constantFrom('F-1', 'F-2', 'F-3'),
    refused: fc.nat({ max: 5 }),
    told: fc.constantFrom('alone', 'together', 'never'),
  });
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const book = createToldBook();
      const opened = new Map<string, number>();
      const refused = new Map<string, number>();
      for (const one of acts) {
        opened.set(one.flow, (opened.get(one.flow) ?? 0) + 1);
        refused.set(one.flow, (refused.get(one.flow) ?? 0) + one.refused);
        if (one.told === 'never') continue;
        const ended = { ...closed(one.flow), transactions: 3 + one.refused, refused: one.refused };
        const batch =
          one.told === 'alone'
            ? { closed: [ended], summed: [], sums: [] }
            : { closed: [], summed: [], sums: [sumOf(ended)] };
        book.take({ kind: 'connections', opened: [], ...batch });
        book.take({ kind: 'refusals', refusals: [refusal(one.flow, one.refused)] });
      }
      const flows = [...opened].map(([flow, count]) =>
        counted(flow, { opened: count, refused: refused.get(flow) ?? 0 }),
      );
      const all = [book.totals(), ...book.untold(flows)];
      const sum = (number: (one: (typeof all)[number]) => number) =>
        all.reduce((total, one) => total + number(one), 0);
      const refusals = acts.reduce((total, one) => total + one.refused, 0);
      expect(sum(({ connections }) => connections)).toBe(acts.length);
      expect(sum(({ transactions }) => transactions)).toBe(3 * acts.length + refusals);
      expect(sum((one) => one.refusals.reduce((total, { count }) => total + count, 0))).toBe(refusals);
    }),
  );
});

function counted(
  flowId: string,
  { opened, refused = 0 }: { opened: number; refused?: number },
): FlowCounters {
  return {
    ...readSlot(new Float64Array(SlotNumbers), 0, { flowId, conduit: 'C-1' }),
    opened,
    requests: [
      { functionCode: 3, verdict: 'allow', count: 3 * opened },
      { functionCode: 6, verdict: 'refuse', count: refused },
    ],
    refusals: [{ reason: 'fc-not-allowed', count: refused }],
  };
}

function closed(flowId: string): ClosedConnection {
  return {
    id: 'a-1',
    flow: 1,
    flowId,
    conduit: 'C-1',
    client: { address: '10.10.0.10', port: 40_000 },
    server: { address: '10.20.0.20', port: 502 },
    clientAsset: '',
    serverAsset: '',
    startedAt: 1,
    bytesFromClient: 0,
    bytesFromServer: 0,
    transactions: 3,
    refused: 0,
    responses: 0,
    wouldRefuse: 0,
    endedAt: 2,
    reason: 'client-closed',
  };
}

function refusal(flowId: string, count: number): RefusalReport {
  return { flowId, count, verdict: 'refuse', reason: 'fc-not-allowed' } as RefusalReport;
}
