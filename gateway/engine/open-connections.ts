import type { ClosedConnection, OpenConnection } from '../ipc/reports.ts';
import type { ConnectionBody } from '../ipc/snapshot.ts';
import type { InspectorReport } from './inspector-crew.ts';

/** The inspected connections that are open now, as their inspectors told. */
export interface OpenConnections {
  /**
   * The process comes over a new connection, and tells again what is open. Of anything else it has told the end, which
   * was lost with the former connection: that is not known any more.
   */
  readonly meet: (epoch: string) => void;
  readonly take: (
    epoch: string,
    report: Extract<InspectorReport, { kind: 'connections' | 'progress' }>,
  ) => void;
  /**
   * The process is gone. The kernel reset what it carried, so every connection it had ends now.
   * @returns their closing accounts, with what was last known to have passed
   */
  readonly lose: (epoch: string, now: number) => readonly ClosedConnection[];
  readonly all: () => readonly ConnectionBody[];
}

export function createOpenConnections(): OpenConnections {
  const byEpoch = new Map<string, Map<string, ConnectionBody>>();
  /** What is known of connections that were open before the process came over a new one. */
  const before = new Map<string, ReadonlyMap<string, ConnectionBody>>();
  const of = (epoch: string): Map<string, ConnectionBody> => {
    const known = byEpoch.get(epoch) ?? new Map<string, ConnectionBody>();
    byEpoch.set(epoch, known);
    return known;
  };
  return {
    meet: (epoch) => {
      const open = byEpoch.get(epoch);
      // It was cut off again before it had told.
      if (open === undefined || open.size === 0) return;
      before.set(epoch, open);
      byEpoch.delete(epoch);
    },
    take: (epoch, report) => {
      const open = of(epoch);
      switch (report.kind) {
        case 'connections':
          for (const one of report.opened) {
            open.set(one.id, begin(one, open.get(one.id) ?? before.get(epoch)?.get(one.id)));
          }
          for (const { id } of report.closed) open.delete(id);
          for (const id of report.summed) open.delete(id);
          return;
        case 'progress':
          for (const progress of report.connections) {
            const connection = open.get(progress.id);
            if (connection !== undefined) open.set(progress.id, { ...connection, ...progress });
          }
      }
    },
    lose: (epoch, now) => {
      const open = [...of(epoch).values()];
      byEpoch.delete(epoch);
      before.delete(epoch);
      return open.map((one) => ({ ...one, wouldRefuse: 0, endedAt: now, reason: 'inspector-lost' }));
    },
    all: () => [...byEpoch.values()].flatMap((open) => [...open.values()]),
  };
}

/** An inspector tells its open connections again after a reconnect; what is known of them stays. */
function begin(connection: OpenConnection, known: ConnectionBody | undefined): ConnectionBody {
  const nothing = { bytesFromClient: 0, bytesFromServer: 0, transactions: 0, refused: 0, responses: 0 };
  return known ?? { ...connection, ...nothing };
}
