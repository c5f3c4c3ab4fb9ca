import type { ClosedConnection, OpenConnection } from '../ipc/reports.ts';
import type { ConnectionBody } from '../ipc/snapshot.ts';
import type { InspectorReport } from './inspector-crew.ts';

/** The inspected connections that are open now, as their inspectors told. */
export interface OpenConnections {
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
  const of = (epoch: string): Map<string, ConnectionBody> => {
    const known = byEpoch.get(epoch) ?? new Map<string, ConnectionBody>();
    byEpoch.set(epoch, known);
    return known;
  };
  return {
    take: (epoch, report) => {
      const open = of(epoch);
      switch (report.kind) {
        case 'connections':
          for (const one of report.opened) open.set(one.id, begin(one, open.get(one.id)));
          for (const { id } of report.closed) open.delete(id);
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
