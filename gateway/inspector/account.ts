import type { Permit } from '../../rules/admission/flow-table.ts';
import type { DeviceState } from '../../rules/modbus/device/device-state.ts';
import { ExceptionBit } from '../../rules/modbus/message/function-code.ts';
import type { Reason } from '../../rules/reason.ts';
import type { ClosedConnection, ConnectionProgress, OpenConnection } from '../ipc/reports.ts';
import type { ConnectionObserver } from './connection.ts';
import type { Counters, FlowTally } from './counters.ts';
import { alternativeOf, reportRefusal } from './refusal-report.ts';
import type { RefusalWindow } from './refusal-window.ts';

/** What passed on one connection, and where it is counted. */
export interface Account {
  readonly observer: Omit<ConnectionObserver, 'ended'>;
  /** From now on counted under this flow. */
  readonly move: (permit: Permit) => void;
  /** The totals, if something passed since the last call. */
  readonly progress: () => ConnectionProgress | undefined;
  readonly close: (endedAt: number, reason: Reason) => ClosedConnection;
}

export interface AccountBooks {
  readonly counters: Counters;
  readonly refusals: RefusalWindow;
  readonly wall: () => number;
  /** What is known of the server. */
  readonly device: DeviceState;
}

/** Opens the account of a connection that was led on to its server. */
export function openAccount(record: OpenConnection, first: Permit, books: AccountBooks): Account {
  const { counters, refusals, wall, device } = books;
  const passed = { bytesFromClient: 0, bytesFromServer: 0, transactions: 0, refused: 0, responses: 0 };
  let wouldRefuse = 0;
  let changed = false;
  let permit = first;
  let tally: FlowTally = counters.of(permit);
  tally.opened();
  return {
    observer: {
      fromClient: (bytes) => {
        changed = true;
        passed.bytesFromClient += bytes;
        tally.fromClient(bytes);
      },
      fromServer: (bytes) => {
        changed = true;
        passed.bytesFromServer += bytes;
        tally.fromServer(bytes);
      },
      decided: (functionCode, outcome, permission) => {
        passed.transactions += 1;
        if (outcome === 'refuse') passed.refused += 1;
        if (outcome === 'would-refuse') wouldRefuse += 1;
        tally.request(functionCode, outcome);
        if (outcome === 'allow') tally.used(permission);
      },
      refused: (refusal) => {
        if (!refusal.audit) tally.refusal(refusal.reason);
        refusals.add(reportRefusal(permit, record, refusal, wall()), () =>
          alternativeOf(permit, refusal, device),
        );
      },
      quarantined: (refusal) => {
        tally.quarantined(refusal.reason);
        refusals.add(reportRefusal(permit, record, refusal, wall()));
      },
      tolerated: (what) => tally.tolerated(what),
      answered: (adu) => {
        changed = true;
        passed.responses += 1;
        if ((adu[permit.device.framing === 'rtu' ? 1 : 7] ?? 0) >= ExceptionBit) tally.exception();
      },
      forwarded: (milliseconds) => tally.forwarded(milliseconds),
    },
    move: (next) => {
      permit = next;
      tally = counters.of(next);
    },
    progress: () => {
      if (!changed) return undefined;
      changed = false;
      return { id: record.id, ...passed };
    },
    close: (endedAt, reason) => {
      tally.closed();
      return { ...record, ...passed, wouldRefuse, endedAt, reason };
    },
  };
}

/** The record of a connection that never came to its server. */
export function unopened(record: OpenConnection, endedAt: number, reason: Reason): ClosedConnection {
  const passed = { bytesFromClient: 0, bytesFromServer: 0, transactions: 0, refused: 0, responses: 0 };
  return { ...record, ...passed, wouldRefuse: 0, endedAt, reason };
}
