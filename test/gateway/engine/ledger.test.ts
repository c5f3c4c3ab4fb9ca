import { describe, expect, test } from 'vitest';
import { createLedger, type LedgerReport } from '../../../gateway/engine/ledger.ts';
import { latestContext } from '../../../gateway/engine/records.ts';
import { sumOf } from '../../../gateway/inspector/connection-sums.ts';
import { readSlot, SlotNumbers } from '../../../gateway/ipc/counter-slot.ts';
import type {
  ClosedConnection,
  FlowCounters,
  OpenConnection,
  RefusalReport,
} from '../../../gateway/ipc/reports.ts';
import { createToldBook } from '../../../gateway/ipc/told-book.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { samplePolicy } from '../inspector/sample.ts';

const opened: OpenConnection = {
  id: 'a-1',
  flow: 1,
  flowId: 'C-1/F-1',
  conduit: 'C-1',
  client: { address: '10.10.0.10', port: 40_000 },
  server: { address: '10.20.0.20', port: 502 },
  clientAsset: 'hmi-1',
  serverAsset: 'plc-1',
  startedAt: 1,
};
const passed = { bytesFromClient: 36, bytesFromServer: 24, transactions: 3, refused: 1, responses: 1 };
const closed: ClosedConnection = {
  ...opened,
  ...passed,
  wouldRefuse: 0,
  endedAt: 5,
  reason: 'client-closed',
};
const refusal: RefusalReport = {
  at: 3,
  flow: 1,
  flowId: 'C-1/F-1',
  conduit: 'C-1',
  connection: 'a-1',
  client: opened.client,
  server: opened.server,
  clientAsset: 'hmi-1',
  serverAsset: 'plc-1',
  verdict: 'refuse',
  reason: 'fc-not-allowed',
  summed: false,
  exceptionCode: 1,
  rule: '',
  file: 'zones.yaml',
  line: 7,
  text: 'WRITE',
  count: 1,
};

function told(batch: Partial<Omit<Extract<LedgerReport, { kind: 'connections' }>, 'kind'>>) {
  return { kind: 'connections' as const, opened: [], closed: [], summed: [], sums: [], ...batch };
}

/** What the process counted in all. */
function counted(connections: number, refusals: number): FlowCounters {
  return {
    ...readSlot(new Float64Array(SlotNumbers), 0, opened),
    ...passed,
    opened: connections,
    requests: [
      { functionCode: 3, verdict: 'allow', count: 9 },
      { functionCode: 6, verdict: 'refuse', count: 1 },
    ],
    refusals: [{ reason: 'fc-not-allowed', count: refusals }],
  };
}

function ledger(policy: () => Policy | undefined = () => samplePolicy({ version: 42 })) {
  const records: EvidenceRecord[] = [];
  const clock = { now: 9 };
  const one = createLedger({
    record: (record) => records.push(record),
    context: latestContext(policy),
    wall: () => clock.now,
  });
  return { ...one, records, clock };
}

describe('the account of inspected traffic', () => {
  test('an ended connection is on record as its inspector counted it', () => {
    const { take, connections, records } = ledger();
    take('a', told({ opened: [opened] }));
    take('a', told({ closed: [closed] }));
    expect(connections()).toEqual([]);
    expect(records).toMatchObject([
      { requests: 3, responses: 1, refused: 1, client: { zone: 'control' }, policyVersion: 42 },
    ]);
  });

  test('connections that were counted together are on record together', () => {
    const { take, records } = ledger();
    take('a', told({ sums: [{ ...sumOf(closed), count: 7 }] }));
    expect(records).toMatchObject([
      { kind: 'connections', count: 7, requests: 3, client: { asset: 'hmi-1', zone: 'control', port: 0 } },
    ]);
  });

  test('one that was told as opened and is counted together has ended', () => {
    const { take, lose, connections, records } = ledger();
    take('a', told({ opened: [opened, { ...opened, id: 'a-2' }] }));
    take('a', told({ summed: ['a-1', 'never-told'] }));
    expect(connections().map(({ id }) => id)).toEqual(['a-2']);
    take('a', told({ sums: [{ ...sumOf(closed), count: 1 }] }));
    lose('a', 77, true, 9);
    expect(records).toMatchObject([
      { kind: 'connections', count: 1 },
      { kind: 'connection', id: 'a-2' },
    ]);
  });

  test('nothing an inspector tells is lost where no policy can be read', () => {
    const { take, records } = ledger(() => undefined);
    take('a', told({ closed: [closed] }));
    take('a', { kind: 'refusals', refusals: [refusal] });
    expect(records).toMatchObject([
      { kind: 'connection', client: { asset: 'hmi-1', zone: '' }, policyVersion: 0 },
      { kind: 'refusal', line: 7, policyVersion: 0 },
    ]);
  });

  test('a record is written under the policy of its moment', () => {
    let version = 1;
    const policies = [1, 2].map((one) => samplePolicy({ version: one }));
    const { take, records } = ledger(() => policies[version - 1]);
    take('a', told({ closed: [closed] }));
    version = 2;
    take('a', told({ closed: [closed] }));
    expect(records).toMatchObject([{ policyVersion: 1 }, { policyVersion: 2 }]);
  });

  test('a dead inspector ends its connections, with what was last known of them', () => {
    const { take, lose, deaths, records } = ledger();
    take('a', told({ opened: [opened] }));
    take('a', { kind: 'progress', connections: [{ id: 'a-1', ...passed }] });
    lose('a', 77, false, 9);
    expect(records).toMatchObject([
      { kind: 'act', at: 9, act: { kind: 'processDied', pid: 77 } },
      { kind: 'connection', endedAt: 9, reason: 'inspector-lost', requests: 3, responses: 1 },
    ]);
    expect(deaths()).toBe(1);
  });

  test('what a dead inspector had counted and not told is on record by number, also refusals', () => {
    const { meet, take, lose, records } = ledger();
    meet('a', createToldBook().totals());
    take('a', told({ closed: [closed] }));
    take('a', { kind: 'refusals', refusals: [refusal] });
    take('a', { kind: 'counters', epoch: 'a', flows: [counted(3, 5)] });
    lose('a', 77, false, 9);
    expect(records.slice(2)).toMatchObject([
      { kind: 'act', act: { kind: 'processDied' } },
      { kind: 'connections', flow: 'C-1/F-1', count: 2, requests: 7, reason: 'inspector-lost', lastAt: 9 },
      { kind: 'refusal', flow: 'C-1/F-1', count: 4, reason: 'fc-not-allowed', foldedKinds: 1 },
    ]);
  });

  test('its counts that were read only after its end tell nothing later than that', () => {
    const { meet, take, lose, totals, records, clock } = ledger();
    clock.now = 2;
    meet('a', createToldBook().totals());
    clock.now = 5;
    take('a', { kind: 'counters', epoch: 'a', flows: [counted(1, 1)] });
    clock.now = 11;
    lose('a', 77, false, 9, [counted(3, 5)]);
    expect(totals()).toMatchObject([{ opened: 3 }]);
    expect(records.slice(1)).toMatchObject([
      { kind: 'connections', count: 3, firstAt: 5, lastAt: 9 },
      { kind: 'refusal', count: 5, firstAt: 5, lastAt: 9 },
    ]);
  });

  test('nothing untold begins after it ends, though the clock was set back meanwhile', () => {
    const { meet, take, lose, records, clock } = ledger();
    meet('a', createToldBook().totals());
    clock.now = 3_600;
    take('a', { kind: 'counters', epoch: 'a', flows: [counted(3, 0)] });
    lose('a', 77, false, 9);
    expect(records.slice(1)).toMatchObject([{ kind: 'connections', firstAt: 9, lastAt: 9 }]);
  });

  test('one that comes again over another connection is not taken for another process', () => {
    const { meet, take, lose, connections, records } = ledger();
    meet('a', createToldBook().totals());
    take('a', told({ opened: [opened, { ...opened, id: 'a-2' }, { ...opened, id: 'a-3' }] }));
    take('a', { kind: 'progress', connections: [{ id: 'a-1', ...passed }] });
    take('a', told({ closed: [{ ...closed, id: 'a-2' }] }));
    take('a', { kind: 'refusals', refusals: [refusal] });
    // It has told that a-3 ended as well, and of a second refusal; neither was read before the connection broke.
    const lost = createToldBook();
    for (const id of ['a-2', 'a-3']) lost.take(told({ closed: [{ ...closed, id }] }));
    lost.take({ kind: 'refusals', refusals: [{ ...refusal, count: 2 }] });
    meet('a', lost.totals());
    take('a', told({ opened: [opened] }));
    expect(connections()).toMatchObject([{ id: 'a-1', transactions: 3 }]);
    take('a', { kind: 'counters', epoch: 'a', flows: [counted(3, 2)] });
    lose('a', 77, false, 9);
    expect(records.filter(({ kind }) => kind !== 'act')).toMatchObject([
      { kind: 'connection', reason: 'client-closed' },
      { kind: 'refusal', count: 1, line: 7 },
      { kind: 'connection', reason: 'inspector-lost', requests: 3 },
      { kind: 'connections', count: 1, reason: 'inspector-lost' },
      { kind: 'refusal', count: 1, line: 0 },
    ]);
  });

  test('one that ended in order is no death', () => {
    const { lose, deaths, records } = ledger();
    lose('a', 77, true, 9);
    expect(records).toEqual([]);
    expect(deaths()).toBe(0);
  });

  test('one that was given up, came again and went before it counted keeps what it had counted', () => {
    const { meet, take, lose, totals } = ledger();
    take('a', { kind: 'counters', epoch: 'a', flows: [counted(3, 0)] });
    lose('a', 77, false, 9);
    meet('a', createToldBook().totals());
    lose('a', 77, false, 9);
    expect(totals()).toMatchObject([{ opened: 3 }]);
  });

  test('counters belong to the process they came from, whatever epoch they name', () => {
    const { take, totals } = ledger();
    const sent = (bytes: number): FlowCounters => ({ ...counted(0, 0), bytesFromClient: bytes });
    take('a', { kind: 'counters', epoch: 'b', flows: [sent(2)] });
    take('b', { kind: 'counters', epoch: 'b', flows: [sent(3)] });
    expect(totals()).toMatchObject([{ flowId: 'C-1/F-1', bytesFromClient: 5 }]);
  });

  test('the last two hundred refusals are shown, the newest first', () => {
    const { take, refusals } = ledger();
    for (let at = 0; at < 250; at += 1) take('a', { kind: 'refusals', refusals: [{ ...refusal, at }] });
    expect(refusals()).toHaveLength(200);
    expect(refusals()[0]?.at).toBe(249);
  });
});
