import type { EvidenceRecord } from '../../rules/record/record.ts';
import type { FlowCounters, RefusalReport, ToldTotals } from '../ipc/reports.ts';
import type { ConnectionBody } from '../ipc/snapshot.ts';
import { createToldBook, type ToldBook } from '../ipc/told-book.ts';
import { createFlowTotals } from './flow-totals.ts';
import type { InspectorReport } from './inspector-crew.ts';
import { createOpenConnections } from './open-connections.ts';
import { connectionRecord, connectionsRecord, type RecordContext, refusalRecord } from './records.ts';
import { untoldRecords } from './untold.ts';

/** Keeps account of inspected traffic: what is open, what was counted, what goes on record. */
export interface Ledger {
  /**
   * The process of this epoch is here, and has told so much to another engine. What it told this one before its
   * connection broke is known: what of it is on record stays there once.
   */
  readonly meet: (epoch: string, told: ToldTotals) => void;
  readonly take: (epoch: string, report: LedgerReport) => void;
  /**
   * The process is gone since `at` (wall clock): its connections end on record, its counts stay; a death is one as well.
   * `last` is what it had counted in the end; without it, what it told last.
   */
  readonly lose: (
    epoch: string,
    pid: number,
    inOrder: boolean,
    at: number,
    last?: readonly FlowCounters[],
  ) => void;
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
  const books = new Map<string, { readonly told: ToldBook; heardAt: number }>();
  const recent: RefusalReport[] = [];
  let deaths = 0;

  return {
    meet: (epoch, told) => {
      open.meet(epoch);
      if (!books.has(epoch)) books.set(epoch, { told: createToldBook(told), heardAt: wall() });
    },
    take: (epoch, report) => {
      const book = books.get(epoch);
      if (book !== undefined) book.heardAt = wall();
      if (report.kind === 'connections' || report.kind === 'refusals') book?.told.take(report);
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
    lose: (epoch, pid, inOrder, now, last) => {
      if (last !== undefined) totals.report(epoch, last);
      const counted = totals.of(epoch);
      totals.retire(epoch);
      if (!inOrder) {
        deaths += 1;
        const act = { kind: 'processDied', process: 'inspector', pid, how: 'connection lost' } as const;
        record({ kind: 'act', at: now, act });
      }
      const book = books.get(epoch);
      books.delete(epoch);
      for (const closed of open.lose(epoch, now)) {
        record(connectionRecord(closed, context()));
        book?.told.ended(closed);
      }
      if (book === undefined) return;
      // The clock may have been set back since.
      const since = Math.min(book.heardAt, now);
      for (const rest of untoldRecords(book.told, counted, { since, now }, context())) record(rest);
    },
    connections: open.all,
    refusals: () => recent,
    totals: totals.totals,
    deaths: () => deaths,
  };
}

/** What the page and the API show. */
const RecentRefusals = 200;
