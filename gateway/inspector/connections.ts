import type { Socket } from 'node:net';
import { createInspection } from '../../rules/modbus/inspection.ts';
import type { Reason } from '../../rules/reason.ts';
import type { Clock } from '../clock.ts';
import type { ClosedConnection, ConnectionProgress, OpenConnection } from '../ipc/messages.ts';
import { type Arrival, ConnectTimeout } from './carrier.ts';
import { type Connection, type ConnectionObserver, carry } from './connection.ts';
import type { Counters, FlowTally } from './counters.ts';
import { createDevices } from './devices.ts';
import type { FlowTable, Permit } from './flow-table.ts';
import type { Gates } from './gates.ts';
import { reportRefusal, reportRefusedConnection } from './refusal-report.ts';
import type { RefusalWindow } from './refusal-window.ts';

/** All connections this process carries: who is let in, who stays when the rules change. */
export interface Connections {
  /** Leads a client on to its server, or resets it. */
  readonly arrive: (arrival: Arrival) => void;
  /** Judges every open connection by the policy and the gates of now: keeps it under its flow, or cuts it. */
  readonly reconsider: () => void;
  readonly open: () => readonly OpenConnection[];
  /** The connections on which something passed since the last call. */
  readonly progress: () => ConnectionProgress[];
  /** Ends everything in order; resolves when the last connection is gone. */
  readonly close: (reason: Reason) => Promise<void>;
}

export interface ConnectionsOptions {
  /** Prefix of connection ids. */
  readonly epoch: string;
  readonly clock: Clock;
  /** The policy in force, or undefined before the first: nobody is let in then. */
  readonly table: () => FlowTable | undefined;
  readonly gates: Gates;
  readonly counters: Counters;
  readonly refusals: RefusalWindow;
  readonly limits: ConnectionLimits;
  readonly onOpened: (connection: OpenConnection) => void;
  readonly onClosed: (connection: ClosedConnection) => void;
}

/** How many connections there may be, dialling ones included (62443-3-3 SR 7.1). */
export interface ConnectionLimits {
  /** From one client address to one server. */
  readonly perPair: number;
  readonly total: number;
}

export const DefaultLimits: ConnectionLimits = { perPair: 128, total: 2000 };

interface Carried {
  readonly record: OpenConnection;
  readonly arrival: Arrival;
  readonly passed: { -readonly [Key in keyof Omit<ConnectionProgress, 'id'>]: number };
  readonly connection: Connection;
  wouldRefuse: number;
  permit: Permit;
  tally: FlowTally;
  changed: boolean;
}

type Admission =
  | { readonly ok: true; readonly permit: Permit }
  | { readonly ok: false; readonly reason: Reason; readonly permit: Permit | undefined };

/** No connections yet. */
export function createConnections(options: ConnectionsOptions): Connections {
  const { epoch, clock, table, gates, counters, refusals, limits, onOpened, onClosed } = options;
  const carried = new Set<Carried>();
  const dialling = new Set<AbortController>();
  const perPair = new Map<string, number>();
  const devices = createDevices();
  let number = 0;
  let closing: { readonly reason: Reason; readonly done: () => void } | undefined;

  function arrive(arrival: Arrival): void {
    const admission = closing === undefined ? admit(arrival) : undefined;
    if (admission === undefined) return void arrival.socket.resetAndDestroy();
    const pair = `${arrival.client.address} ${arrival.server.address} ${arrival.server.port}`;
    const open = perPair.get(pair) ?? 0;
    const full = open >= limits.perPair || carried.size + dialling.size >= limits.total;
    if (!admission.ok || full) {
      refuse(arrival, admission.permit, admission.ok ? 'connection-limit' : admission.reason);
      return;
    }
    perPair.set(pair, open + 1);
    void lead(arrival, admission.permit, () => {
      const left = (perPair.get(pair) ?? 1) - 1;
      if (left > 0) perPair.set(pair, left);
      else perPair.delete(pair);
    });
  }

  function admit(arrival: Arrival): Admission {
    const policy = table();
    const tuple = policy === undefined ? undefined : arrival.locate(policy);
    const permits = policy === undefined || tuple === undefined ? [] : policy.find(tuple);
    const now = clock.wall();
    const [first] = permits;
    if (first === undefined) return { ok: false, reason: 'no-flow', permit: undefined };
    const permit = permits.find(({ flow }) => gates.shut(flow, now) === undefined);
    if (permit !== undefined) return { ok: true, permit };
    return { ok: false, reason: gates.shut(first.flow, now) ?? 'no-flow', permit: first };
  }

  function refuse(arrival: Arrival, permit: Permit | undefined, reason: Reason): void {
    refusals.add(reportRefusedConnection(permit, arrival, reason, clock.wall()));
    if (permit !== undefined) counters.of(permit).refusal(reason);
    arrival.socket.resetAndDestroy();
  }

  async function lead(arrival: Arrival, permit: Permit, release: () => void): Promise<void> {
    const startedAt = clock.wall();
    const abort = new AbortController();
    const patience = setTimeout(() => abort.abort(), ConnectTimeout);
    dialling.add(abort);
    let server: Socket | undefined;
    try {
      server = await arrival.dial(abort.signal);
    } catch {
      // Whatever it was (refused, no route, no answer), the client learns it as a reset.
    }
    clearTimeout(patience);
    dialling.delete(abort);
    // The policy or a gate may have changed while the server took its time.
    const still = admit(arrival);
    const record = describe(arrival, still.ok ? still.permit : permit, startedAt);
    if (closing === undefined && server !== undefined && still.ok && !arrival.socket.destroyed) {
      take(arrival, server, still.permit, record, release);
      return;
    }
    release();
    server?.resetAndDestroy();
    arrival.socket.resetAndDestroy();
    onClosed({ ...record, ...nothingPassed(), wouldRefuse: 0, endedAt: clock.wall(), reason: failure() });
    checkDone();

    function failure(): Reason {
      if (closing !== undefined) return closing.reason;
      if (server === undefined) return 'server-unreachable';
      return still.ok ? 'client-closed' : still.reason === 'no-flow' ? 'policy-changed' : still.reason;
    }
  }

  function take(
    arrival: Arrival,
    server: Socket,
    permit: Permit,
    record: OpenConnection,
    release: () => void,
  ): void {
    const inspection = createInspection({
      profile: permit.profile,
      device: devices.of(record.serverAsset || record.server.address),
      auditUntil: auditEnd(permit),
    });
    const observer: ConnectionObserver = {
      fromClient: (bytes) => {
        one.changed = true;
        one.passed.bytesFromClient += bytes;
        one.tally.fromClient(bytes);
      },
      fromServer: (bytes) => {
        one.changed = true;
        one.passed.bytesFromServer += bytes;
        one.tally.fromServer(bytes);
      },
      decided: ({ functionCode, verdict }) => {
        one.passed.transactions += 1;
        if (verdict === 'refuse') one.passed.refused += 1;
        if (verdict === 'would-refuse') one.wouldRefuse += 1;
        one.tally.request(functionCode, verdict);
      },
      refused: (refusal) => {
        if (!refusal.audit) one.tally.refusal(refusal.reason);
        refusals.add(reportRefusal(one.permit, record, refusal, clock.wall()));
      },
      forwarded: (milliseconds) => one.tally.forwarded(milliseconds),
      ended: (reason) => {
        carried.delete(one);
        release();
        one.tally.closed();
        onClosed({ ...record, ...one.passed, wouldRefuse: one.wouldRefuse, endedAt: clock.wall(), reason });
        checkDone();
      },
    };
    const tally = counters.of(permit);
    tally.opened();
    const connection = carry({
      client: arrival.socket,
      server,
      inspection,
      observer,
      now: clock.monotonic,
      finish: arrival.finish,
    });
    const one: Carried = {
      record,
      arrival,
      passed: nothingPassed(),
      connection,
      wouldRefuse: 0,
      permit,
      tally,
      changed: false,
    };
    carried.add(one);
    onOpened(record);
  }

  function reconsider(): void {
    const policy = table();
    const now = clock.wall();
    for (const one of carried) {
      const tuple = policy === undefined ? undefined : one.arrival.locate(policy);
      const permits = policy === undefined || tuple === undefined ? [] : policy.find(tuple);
      const permit = permits.find(({ flow }) => flow.id === one.record.flowId);
      const reason = permit === undefined ? 'policy-changed' : gates.shut(permit.flow, now);
      if (permit === undefined || reason !== undefined) {
        one.connection.cut(reason ?? 'policy-changed');
        continue;
      }
      one.permit = permit;
      one.tally = counters.of(permit);
      one.connection.adopt(permit.profile, auditEnd(permit));
    }
  }

  /** End of the audit stage on the monotonic clock; 0 is never. */
  function auditEnd({ flow }: Permit): number {
    return flow.auditUntil === 0 ? 0 : Math.max(0, clock.monotonic() + flow.auditUntil - clock.wall());
  }

  function describe(arrival: Arrival, permit: Permit, startedAt: number): OpenConnection {
    number += 1;
    return {
      id: `${epoch}-${number}`,
      flow: permit.flow.number,
      flowId: permit.flow.id,
      conduit: permit.flow.conduit,
      client: arrival.client,
      server: arrival.server,
      clientAsset: permit.clientAsset,
      serverAsset: permit.serverAsset,
      startedAt,
    };
  }

  function checkDone(): void {
    if (carried.size === 0 && dialling.size === 0) closing?.done();
  }

  return {
    arrive,
    reconsider,
    open: () => [...carried].map(({ record }) => record),
    progress: () => {
      const changed = [...carried].filter((one) => one.changed);
      for (const one of changed) one.changed = false;
      return changed.map(({ record, passed }) => ({ id: record.id, ...passed }));
    },
    close: (reason) =>
      new Promise((done) => {
        closing = { reason, done };
        for (const abort of dialling) abort.abort();
        for (const one of carried) one.connection.close(reason);
        checkDone();
      }),
  };
}

function nothingPassed() {
  return { bytesFromClient: 0, bytesFromServer: 0, transactions: 0, refused: 0 };
}
