import type { EvidenceRecord } from '../../rules/record/record.ts';
import type { FlowCounters, RefusalReport } from '../ipc/messages.ts';
import type { ConnectionBody } from '../ipc/snapshot.ts';
import { createFlowTotals } from './flow-totals.ts';
import type { InspectorReport } from './inspector-pool.ts';
import { createOpenConnections } from './open-connections.ts';
import { connectionRecord, type RecordContext, refusalRecord } from './records.ts';

/** Keeps account of inspected traffic: what is open, what was counted, what goes on record. */
export interface Ledger {
  readonly take: (epoch: string, report: InspectorReport) => void;
  /** The inspecting process is gone: its connections end on record, its counts stay. */
  readonly lose: (epoch: string, pid: number) => void;
  readonly connections: () => readonly ConnectionBody[];
  /** Most recent first. */
  readonly refusals: () => readonly RefusalReport[];
  readonly totals: () => readonly FlowCounters[];
  readonly lost: () => number;
}

export interface LedgerOptions {
  /** Never awaited: plant traffic does not wait for the disk. */
  readonly record: (record: EvidenceRecord) => void;
  readonly context: () => RecordContext | undefined;
  readonly wall: () => number;
}

export function createLedger({ record, context, wall }: LedgerOptions): Ledger {
  const open = createOpenConnections();
  const totals = createFlowTotals();
  const recent: RefusalReport[] = [];

  return {
    take: (epoch, report) => {
      const now = context();
      switch (report.kind) {
        case 'counters':
          totals.report(report.epoch, report.flows, report.lost);
          return;
        case 'refusal':
          recent.unshift(report.refusal);
          recent.length = Math.min(recent.length, RecentRefusals);
          if (now !== undefined) record(refusalRecord(report.refusal, now));
          return;
        case 'closed':
          if (now !== undefined) record(connectionRecord(report.connection, now));
          open.take(epoch, report);
          return;
        default:
          open.take(epoch, report);
      }
    },
    lose: (epoch, pid) => {
      const now = wall();
      const recordable = context();
      totals.retire(epoch);
      record({
        kind: 'act',
        at: now,
        act: { kind: 'processDied', process: 'inspector', pid, how: 'connection lost' },
      });
      for (const closed of open.lose(epoch, now)) {
        if (recordable !== undefined) record(connectionRecord(closed, recordable));
      }
    },
    connections: open.all,
    refusals: () => recent,
    totals: totals.totals,
    lost: totals.lost,
  };
}

/** What the page and the API show. */
const RecentRefusals = 200;
