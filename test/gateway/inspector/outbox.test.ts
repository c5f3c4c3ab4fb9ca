import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createOutbox,
  FloodGatherTime,
  GatherTime,
  MaxKept,
  SumKinds,
} from '../../../gateway/inspector/outbox.ts';
import { BurstOfKind, type RecordBudget, RefillOfKind } from '../../../gateway/inspector/record-budget.ts';
import { checkInspectorToEngine } from '../../../gateway/ipc/messages.ts';
import type { ClosedConnection, OpenConnection } from '../../../gateway/ipc/reports.ts';
import type { RecordMessage } from '../../../gateway/ipc/told-book.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('what is told of connections', () => {
  test('is told at once after a rest, or else gathered, and one that comes and goes meanwhile is told once', () => {
    const { told, outbox } = make();
    outbox.opened(opened('0'));
    const first = { kind: 'connections', opened: [opened('0')], closed: [], ...NoSums };
    expect(told()).toEqual([first]);
    outbox.opened(opened('1'));
    outbox.opened(opened('2'));
    outbox.closed(closed('1'));
    expect(told()).toEqual([first]);
    vi.advanceTimersByTime(GatherTime);
    const second = { kind: 'connections', opened: [opened('2')], closed: [closed('1')], ...NoSums };
    expect(told()).toEqual([first, second]);
    vi.advanceTimersByTime(2 * GatherTime);
    outbox.closed(closed('2'));
    expect(told().at(-1)).toEqual({ kind: 'connections', opened: [], closed: [closed('2')], ...NoSums });
  });

  test('waits while nobody takes it, and goes in order when somebody does', () => {
    const { ids, outbox, engine } = make();
    engine.here = false;
    for (let id = 1; id <= 5; id += 1) outbox.closed(closed(`${id}`));
    vi.advanceTimersByTime(GatherTime);
    outbox.closed(closed('6'));
    engine.here = true;
    outbox.flush();
    expect(ids()).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(outbox.waiting()).toBe(0);
  });

  test('is told anew to an engine that knows of nothing', () => {
    const { told, outbox } = make();
    outbox.opened(opened('1'));
    outbox.opened(opened('2'));
    vi.advanceTimersByTime(GatherTime);
    outbox.begin([opened('2')]);
    expect(told().at(-1)).toMatchObject({ opened: [{ id: '2' }] });
    outbox.closed(closed('2'));
    outbox.flush();
    expect(told().at(-1)).toMatchObject({ opened: [], closed: [{ id: '2' }] });
  });

  test('is counted together beyond what is kept, exactly and after what ended before', () => {
    const { told, outbox, engine } = make(20);
    engine.here = false;
    for (let id = 0; id < 20 + 500; id += 1) {
      outbox.opened(opened(`${id}`));
      outbox.closed(closed(`${id}`, { startedAt: id, endedAt: id + 1 }));
    }
    expect(outbox.waiting()).toBe(20);
    engine.here = true;
    outbox.flush();
    const sums = told().flatMap((one) => (one.kind === 'connections' ? one.sums : []));
    expect(sums).toMatchObject([
      { count: 500, startedAt: 20, endedAt: 520, transactions: 1500, client: { port: 0 } },
    ]);
    expect(told().at(-1)).toMatchObject({ sums });
    for (const message of told()) expect(checkInspectorToEngine(message).ok).toBe(true);
  });

  test('of one that was told as opened and is counted together is its id, before the sum', () => {
    const { told, outbox } = make(0);
    outbox.opened(opened('1'));
    outbox.closed(closed('1'));
    vi.advanceTimersByTime(FloodGatherTime);
    expect(told().at(-1)).toMatchObject({ closed: [], summed: ['1'], sums: [] });
    outbox.flush();
    expect(told().at(-1)).toMatchObject({ closed: [], summed: [], sums: [{ count: 1 }] });
  });

  test('is no id of what never came to its server, however long nobody takes anything', () => {
    const { told, outbox, engine } = make(20);
    engine.here = false;
    for (let id = 0; id < 3_000; id += 1) outbox.closed(closed(`${id}`), false);
    engine.here = true;
    outbox.begin([]);
    const batches = told().flatMap((one) => (one.kind === 'connections' ? [one] : []));
    expect(batches.flatMap(({ summed }) => summed)).toEqual([]);
    expect(total(batches[0]?.sums ?? [], 'count')).toBe(3_000 - 20);
    expect(batches).toHaveLength(1);
  });

  test('is no id of one that was told to an engine before this one', () => {
    const { told, outbox, engine } = make(0);
    outbox.opened(opened('1'));
    engine.here = false;
    outbox.closed(closed('1'));
    engine.here = true;
    outbox.begin([]);
    expect(told().at(-1)).toMatchObject({ opened: [], closed: [], summed: [], sums: [{ count: 1 }] });
  });

  test('is one by one as fast as plants connect, and of a flood its number each second', () => {
    const { told, ids, outbox } = make();
    const second = (connections: number): void => {
      for (let one = 0; one < connections; one += 1) {
        outbox.opened(opened(`${one}`));
        outbox.closed(closed(`${one}`));
        vi.advanceTimersByTime(1_000 / connections);
      }
      outbox.flush();
    };
    for (let seconds = 0; seconds < 10; seconds += 1) second(RefillOfKind);
    expect(ids()).toHaveLength(10 * RefillOfKind);
    const before = told().length;
    for (let seconds = 0; seconds < 10; seconds += 1) second(1_000);
    const flood = told().slice(before);
    const sums = flood.flatMap((one) => (one.kind === 'connections' ? one.sums : []));
    expect(sums).toHaveLength(10);
    expect(ids().length + total(sums, 'count')).toBe(10 * (RefillOfKind + 1_000));
    expect(ids()).toHaveLength(10 * RefillOfKind + BurstOfKind + 9 * RefillOfKind);
    expect(flood.length).toBeLessThan(200);
  });

  test('is one by one of others while one client floods', () => {
    const { ids, outbox } = make();
    for (let one = 0; one < 1_000; one += 1) outbox.closed(closed(`flood-${one}`));
    outbox.closed(closed('other', { client: { address: '10.10.0.11', port: 1 } }));
    outbox.closed(closed('cut', { reason: 'mode-cut' }));
    outbox.flush();
    expect(ids()).toHaveLength(BurstOfKind + 2);
    expect(ids()).toEqual(expect.arrayContaining(['other', 'cut']));
  });

  test('is of so many kinds at most, the last of them all others', () => {
    const { told, outbox, engine } = make(0);
    engine.here = false;
    for (let id = 0; id < 2000; id += 1) {
      const client = { address: `10.0.${id >> 8}.${id & 255}`, port: 1 };
      outbox.opened(opened(`${id}`, { client }));
      outbox.closed(closed(`${id}`, { client, clientAsset: '' }));
    }
    engine.here = true;
    outbox.flush();
    const [message] = told();
    const sums = message?.kind === 'connections' ? message.sums : [];
    expect(sums).toHaveLength(SumKinds + 1);
    expect(sums.at(-1)).toMatchObject({ count: 2000 - SumKinds, kinds: 2000 - SumKinds, flowId: 'C-1/F-1' });
    expect(checkInspectorToEngine(message).ok).toBe(true);
  });
});

test('refusals that are not taken are given back', () => {
  const { outbox, engine } = make();
  engine.here = false;
  const reports = [{ count: 1 }, { count: 2 }] as never[];
  expect(outbox.refusals(reports)).toEqual(reports);
  engine.here = true;
  expect(outbox.refusals(reports)).toEqual([]);
});

test('sum over everything told is what happened, whatever the order of slowness', () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('opened' as const) }),
    fc.record({ act: fc.constant('closed' as const), which: fc.nat(), flow: fc.nat({ max: 400 }) }),
    fc.record({ act: fc.constant('unreached' as const) }),
    fc.record({ act: fc.constantFrom('flush' as const, 'gone' as const, 'here' as const, 'anew' as const) }),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 400 }),
      fc.nat({ max: 3 }),
      fc.boolean(),
      (steps, kept, every) => {
        // Every other one is above the budget, or none.
        let taken = 0;
        const budget = { take: () => every || (taken++ & 1) === 0, refill: () => undefined };
        const { told, outbox, engine } = make(kept, budget);
        const open: OpenConnection[] = [];
        let number = 0;
        let happened = 0;
        /** What was told before is not known to the engine that came last. */
        let before = 0;
        for (const one of steps) {
          if (one.act === 'opened') {
            number += 1;
            open.push(opened(`${number}`));
            outbox.opened(opened(`${number}`));
          } else if (one.act === 'closed') {
            const [connection] = open.splice(one.which % Math.max(1, open.length), 1);
            if (connection === undefined) continue;
            happened += 1;
            outbox.closed(closed(connection.id, { flowId: `F-${one.flow}` }));
          } else if (one.act === 'unreached') {
            number += 1;
            happened += 1;
            outbox.closed(closed(`${number}`), false);
          } else if (one.act === 'anew') {
            before = told().length;
            outbox.begin(open);
          } else if (one.act === 'flush') outbox.flush();
          else engine.here = one.act === 'here';
        }
        engine.here = true;
        outbox.flush();
        const batches = told().flatMap((message) => (message.kind === 'connections' ? [message] : []));
        const alone = batches.flatMap((batch) => batch.closed);
        const sums = batches.flatMap((batch) => batch.sums);
        expect(new Set(alone.map(({ id }) => id)).size).toBe(alone.length);
        expect(alone.length + total(sums, 'count')).toBe(happened);
        expect(total(alone, 'transactions') + total(sums, 'transactions')).toBe(3 * happened);
        // Nobody over there is left with a connection that has ended.
        const stillOpen = new Set<string>();
        const ever = new Set<string>();
        for (const batch of told().slice(before)) {
          if (batch.kind !== 'connections') continue;
          for (const { id } of batch.opened) {
            stillOpen.add(id);
            ever.add(id);
          }
          for (const { id } of batch.closed) stillOpen.delete(id);
          for (const id of batch.summed) {
            expect(ever).toContain(id);
            stillOpen.delete(id);
          }
        }
        expect([...stillOpen].sort()).toEqual(open.map(({ id }) => id).sort());
      },
    ),
  );
});

function total<Field extends string>(
  all: readonly { readonly [Name in Field]: number }[],
  field: Field,
): number {
  return all.reduce((sum, one) => sum + one[field], 0);
}

function make(kept = MaxKept, budget?: RecordBudget) {
  const sent: RecordMessage[] = [];
  const engine = { here: true };
  const outbox = createOutbox(
    (message) => {
      if (engine.here) sent.push(message);
      return engine.here;
    },
    kept,
    budget,
  );
  const ids = (): string[] =>
    sent.flatMap((message) => (message.kind === 'connections' ? message.closed.map(({ id }) => id) : []));
  return { told: () => sent, ids, engine, outbox };
}

const NoSums = { summed: [], sums: [] };

function opened(id: string, change: Partial<OpenConnection> = {}): OpenConnection {
  return {
    id,
    flow: 1,
    flowId: 'C-1/F-1',
    conduit: 'C-1',
    client: { address: '10.10.0.10', port: 40000 },
    server: { address: '10.20.0.20', port: 502 },
    clientAsset: '',
    serverAsset: '',
    startedAt: 1,
    ...change,
  };
}

function closed(id: string, change: Partial<ClosedConnection> = {}): ClosedConnection {
  return {
    ...opened(id),
    bytesFromClient: 36,
    bytesFromServer: 39,
    transactions: 3,
    refused: 0,
    responses: 3,
    wouldRefuse: 0,
    endedAt: 2,
    reason: 'client-closed',
    ...change,
  };
}
