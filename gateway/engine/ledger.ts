import type { EvidenceRecord } from '../../rules/record/record.ts';
import type { FlowCounters, RefusalReport } from '../ipc/reports.ts';
import type { ConnectionBody } from '../ipc/snapshot.ts';
import { createFlowTotals } from './flow-totals.ts';
import type { InspectorReport } from './inspector-crew.ts';
import { createOpenConnections } from './open-connections.ts';
import { connectionRecord, connectionsRecord, type RecordContext, refusalRecord } from './records.ts';

/** Keeps account of inspected traffic: what is open, what was counted, what goes on record. */
export interface Ledger {
  readonly take: (epoch: string, report: LedgerReport) => void;
  /** The inspecting process is gone: its connections end on record, its counts stay; a death is one as well. */
  readonly lose: (epoch: string, pid: number, inOrder: boolean) => void;
  readonly connections: () => readonly ConnectionBody[];
  /** Most recent first. */
  readonly refusals: () => readonly RefusalReport[];
  readonly totals: () => readonly FlowCounters[];
  /** Inspecting processes that died since the start. */
  readonly deaths: () => number;
}

/** What is told of connections; how often permissions were used is the observer's. */
export type LedgerReport = Exclude<InspectorReport, { kind: 'used' }>;

export interface LedgerOptions {
  /** Never awaited: plant traffic does not wait for the disk. */
  readonly record: (record: EvidenceRecord) => void;
  readonly context: () => RecordContext;
  readonly wall: () => number;
}

export function createLedger({ record, context, wall }: LedgerOptions): Ledger {
  const open = createOpenConnections();
  const totals = createFlowTotals();
  const recent: RefusalReport[] = [];
  let deaths = 0;

  return {
    take: (epoch, report) => {
      switch (report.kind) {
        case 'counters':
          totals.report(epoch, report.flows);
          return;
        case 'refusals':
          recent.unshift(...report.refusals.toReversed());
          recent.length = Math.min(recent.length, RecentRefusals);
          for (const refusal of report.refusals) record(refusalRecord(refusal, context()));
          return;
        case 'connections':
          for (const closed of report.closed) record(connectionRecord(closed, context()));
          for (const sum of report.sums) record(connectionsRecord(sum, context()));
          open.take(epoch, report);
          return;
        default:
          open.take(epoch, report);
      }
    },
    lose: (epoch, pid, inOrder) => {
      const now = wall();
      totals.retire(epoch);
      if (!inOrder) {
        deaths += 1;
        const act = { kind: 'processDied', process: 'inspector', pid, how: 'connection lost' } as const;
        record({ kind: 'act', at: now, act });
      }
      for (const closed of open.lose(epoch, now)) record(connectionRecord(closed, context()));
    },
    connections: open.all,
    refusals: () => recent,
    totals: totals.totals,
    deaths: () => deaths,
  };
}

/** What the page and the API show. */
const RecentRefusals = 200;
