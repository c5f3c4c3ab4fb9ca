import type { Permit } from '../../rules/admission/flow-table.ts';
import type { Refusal } from '../../rules/modbus/connection/effect.ts';
import type { DeviceState } from '../../rules/modbus/device/device-state.ts';
import { ExceptionBit } from '../../rules/modbus/message/function-code.ts';
import type { Reason } from '../../rules/reason.ts';
import type { ClosedConnection, ConnectionProgress, OpenConnection } from '../ipc/reports.ts';
import type { ConnectionObserver } from './connection.ts';
import {
  type Counters,
  countClosed,
  countForwarded,
  countFromClient,
  countFromServer,
  countMoved,
  countOpened,
  countQuarantined,
  countRefusal,
  countRequest,
  countResponse,
  countTolerated,
} from './counters.ts';
import { alternativeOf, reportRefusal } from './refusal-report.ts';
import { endsOf, type RefusalKind, type RefusalWindow } from './refusal-window.ts';

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
  let tally = counters.of(permit);
  let codeAt = functionCodeAt(permit);
  let ends = endsOf(permit.flow.id, record.client.address, record.server.address);
  countOpened(tally);
  return {
    observer: {
      fromClient: (bytes) => {
        changed = true;
        passed.bytesFromClient += bytes;
        countFromClient(tally, bytes);
      },
      fromServer: (bytes) => {
        changed = true;
        passed.bytesFromServer += bytes;
        countFromServer(tally, bytes);
      },
      decided: (functionCode, outcome, permission) => {
        passed.transactions += 1;
        if (outcome === 'refuse') passed.refused += 1;
        if (outcome === 'would-refuse') wouldRefuse += 1;
        countRequest(tally, functionCode, outcome, permission);
      },
      refused: (refusal) => {
        if (!refusal.audit) countRefusal(tally, refusal.reason);
        refusals.add(kindOf(ends, permit, refusal), () => {
          const report = reportRefusal(permit, record, refusal, wall());
          const alternative = alternativeOf(permit, refusal, device);
          return alternative === undefined ? report : { ...report, alternative };
        });
      },
      quarantined: (refusal) => {
        countQuarantined(tally, refusal.reason);
        refusals.add(kindOf(ends, permit, refusal), () => reportRefusal(permit, record, refusal, wall()));
      },
      tolerated: (what) => countTolerated(tally, what),
      answered: (adu) => {
        changed = true;
        passed.responses += 1;
        countResponse(tally, (adu[codeAt] ?? 0) >= ExceptionBit);
      },
      forwarded: (milliseconds) => countForwarded(tally, milliseconds),
    },
    move: (next) => {
      const former = tally;
      permit = next;
      codeAt = functionCodeAt(permit);
      tally = counters.of(next);
      countMoved(former, tally);
      ends = endsOf(next.flow.id, record.client.address, record.server.address);
    },
    progress: () => {
      if (!changed) return undefined;
      changed = false;
      return { id: record.id, ...passed };
    },
    close: (endedAt, reason) => {
      countClosed(tally);
      return { ...record, ...passed, wouldRefuse, endedAt, reason };
    },
  };
}

/** The record of a connection that never came to its server. */
export function unopened(record: OpenConnection, endedAt: number, reason: Reason): ClosedConnection {
  const passed = { bytesFromClient: 0, bytesFromServer: 0, transactions: 0, refused: 0, responses: 0 };
  return { ...record, ...passed, wouldRefuse: 0, endedAt, reason };
}

function kindOf(ends: string, { flow }: Permit, refusal: Refusal): RefusalKind {
  const { unit, functionCode, address, reason, audit } = refusal;
  const isDecoded = functionCode !== 0;
  return {
    ends,
    flowId: flow.id,
    unit: isDecoded ? unit : 0,
    functionCode,
    address: isDecoded ? address : undefined,
    reason,
    audit,
  };
}

/** Where the function code stands in an ADU of the server's. */
function functionCodeAt({ device }: Permit): number {
  return device.framing === 'rtu' ? 1 : 7;
}
