import { isDeepStrictEqual } from 'node:util';
import { type Admission, admit, type Circumstances, readmit } from '../../rules/admission/admit.ts';
import type { FlowTable, ModeView, Permit } from '../../rules/admission/flow-table.ts';
import type { Gates } from '../../rules/admission/gates.ts';
import { createFlowTraffic, type FlowTraffic } from '../../rules/modbus/connection/flow-traffic.ts';
import { createInspection, type InspectionTerms } from '../../rules/modbus/connection/inspection.ts';
import { createDeviceState, type DeviceState } from '../../rules/modbus/device/device-state.ts';
import { createRtuInspection } from '../../rules/modbus/rtu/rtu-inspection.ts';
import type { Reason } from '../../rules/reason.ts';
import type { Clock } from '../clock.ts';
import type { ClosedConnection, ConnectionProgress, OpenConnection } from '../ipc/reports.ts';
import { type Account, openAccount, unopened } from './account.ts';
import { type Arrival, ConnectTimeout } from './carrier.ts';
import { type Connection, type ConnectionParts, carry, type Leg } from './connection.ts';
import type { Counters } from './counters.ts';
import { type ConnectionLimits, createPlaces } from './places.ts';
import { reportRefusedConnection } from './refusal-report.ts';
import type { RefusalWindow } from './refusal-window.ts';
import type { Lines } from './serial/lines.ts';
import { createSharedStates } from './shared-states.ts';

/** All connections this process carries: who is let in, who stays when the rules change. */
export interface Connections {
  /** Leads a client on to its server, or resets it. */
  readonly arrive: (arrival: Arrival) => void;
  /**
   * Judges every open connection by the policy and mode of now: keeps it under its flow, or cuts it. `changed` is
   * said of one that is permitted and cannot go on as it was.
   */
  readonly reconsider: (changed: 'policy-changed' | 'mode-cut') => void;
  /** Cuts the connections of flows whose gate is shut now. */
  readonly endShut: () => void;
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
  /** The mode in force, under that policy. */
  readonly mode: () => ModeView;
  readonly gates: Gates;
  readonly counters: Counters;
  readonly refusals: RefusalWindow;
  readonly limits: ConnectionLimits;
  /** The serial lines of this box, for servers that are on one. */
  readonly lines: Lines;
  readonly onOpened: (connection: OpenConnection) => void;
  readonly onClosed: (connection: ClosedConnection) => void;
}

interface Carried {
  readonly record: OpenConnection;
  readonly arrival: Arrival;
  readonly account: Account;
  readonly connection: Connection;
  permit: Permit;
}

/** No connections yet. */
export function createConnections(options: ConnectionsOptions): Connections {
  const { epoch, clock, table, mode, gates, counters, refusals, limits, lines, onOpened, onClosed } = options;
  const carried = new Set<Carried>();
  const dialling = new Set<AbortController>();
  const places = createPlaces(limits);
  const devices = createSharedStates<DeviceState>();
  const traffics = createSharedStates<FlowTraffic>();
  let number = 0;
  let closing: { readonly reason: Reason; readonly done: () => void } | undefined;

  function arrive(arrival: Arrival): void {
    if (closing !== undefined) return void arrival.socket.resetAndDestroy();
    const admission = judge(arrival);
    if (!admission.ok) return refuse(arrival, admission.permit, admission.reason);
    const release = places.take(arrival, admission.permit);
    if (release === undefined) return refuse(arrival, admission.permit, 'connection-limit');
    void lead(arrival, admission.permit, release);
  }

  function judge(arrival: Arrival): Admission {
    const policy = table();
    if (policy === undefined) return { ok: false, reason: 'no-flow', permit: undefined };
    return admit(policy, arrival.locate(policy), circumstances());
  }

  function circumstances(): Circumstances {
    return { gates, mode: mode(), now: clock.wall() };
  }

  function refuse(arrival: Arrival, permit: Permit | undefined, reason: Reason): void {
    refusals.add(reportRefusedConnection(permit, arrival, reason, clock.wall()));
    if (permit !== undefined) counters.of(permit).refusal(reason);
    arrival.socket.resetAndDestroy();
  }

  async function lead(arrival: Arrival, permit: Permit, release: () => void): Promise<void> {
    const startedAt = clock.wall();
    const server = await dial(arrival, permit);
    // The policy or a gate may have changed while the server took its time.
    const still = judge(arrival);
    const record = describe(arrival, still.ok ? still.permit : permit, startedAt);
    const failure = whyNot(server, permit, still, arrival);
    if (server !== undefined && still.ok && failure === undefined) {
      take(arrival, server, still.permit, record, release);
      return;
    }
    release();
    server?.resetAndDestroy();
    arrival.socket.resetAndDestroy();
    onClosed(unopened(record, clock.wall(), failure ?? 'server-unreachable'));
    checkDone();
  }

  async function dial(arrival: Arrival, permit: Permit): Promise<Leg | undefined> {
    const { line } = permit.device;
    if (line !== undefined) {
      const client = permit.clientAsset || arrival.client.address;
      return lines.connect(line, { client, patience: permit.profile.limits.requestTimeout });
    }
    const abort = new AbortController();
    const patience = setTimeout(() => abort.abort(), ConnectTimeout);
    dialling.add(abort);
    try {
      return await arrival.dial(abort.signal);
    } catch {
      // Whatever it was (refused, no route, no answer), the client learns it as a reset.
      return undefined;
    } finally {
      clearTimeout(patience);
      dialling.delete(abort);
    }
  }

  function whyNot(
    server: Leg | undefined,
    before: Permit,
    still: Admission,
    { socket }: Arrival,
  ): Reason | undefined {
    if (closing !== undefined) return closing.reason;
    if (server === undefined) return 'server-unreachable';
    if (!still.ok) return still.reason === 'no-flow' ? 'policy-changed' : still.reason;
    if (!isSameServer(still.permit, before)) return 'policy-changed';
    return socket.destroyed ? 'client-closed' : undefined;
  }

  function take(
    arrival: Arrival,
    server: Leg,
    permit: Permit,
    record: OpenConnection,
    release: () => void,
  ): void {
    const { kind, framing } = permit.device;
    const name = record.serverAsset || record.server.address;
    const device = devices.of(
      name,
      () => createDeviceState(kind),
      (known) => known.kind === kind,
    );
    const traffic = traffics.of(`${permit.flow.id} ${name}`, createFlowTraffic);
    const account = openAccount(record, permit, { counters, refusals, wall: clock.wall, device });
    const ended = (reason: Reason): void => {
      carried.delete(one);
      release();
      onClosed(account.close(clock.wall(), reason));
      checkDone();
    };
    const { socket: client, finish } = arrival;
    const observer = { ...account.observer, ended };
    const create = framing === 'rtu' ? createRtuInspection : createInspection;
    const inspect: ConnectionParts['inspect'] = (sink, wake) =>
      create({ terms: termsOf(permit), device, traffic, sink, wake });
    const connection = carry({ client, server, inspect, observer, now: clock.monotonic, finish });
    const one: Carried = { record, arrival, account, connection, permit };
    carried.add(one);
    onOpened(record);
  }

  function reconsider(changed: 'policy-changed' | 'mode-cut'): void {
    const policy = table();
    for (const one of carried) {
      if (policy === undefined) {
        one.connection.cut(changed);
        continue;
      }
      const tuple = one.arrival.locate(policy);
      const admission = readmit(policy, tuple, one.record.flowId, circumstances());
      if (!admission.ok) {
        one.connection.cut(admission.reason);
        continue;
      }
      // What another profile let pass and still waits here would reach the server under this one.
      const isJudgedAnew = admission.permit.profile.name !== one.permit.profile.name;
      if (!isSameServer(admission.permit, one.permit) || (isJudgedAnew && !one.connection.withdraw())) {
        one.connection.cut(changed);
        continue;
      }
      one.permit = admission.permit;
      one.account.move(admission.permit);
      one.connection.adopt(termsOf(admission.permit));
    }
  }

  function endShut(): void {
    const now = clock.wall();
    for (const { permit, connection } of carried) {
      const reason = gates.shut(permit.flow, now);
      if (reason !== undefined) connection.cut(reason);
    }
  }

  function termsOf(permit: Permit): InspectionTerms {
    const { profile, tolerances, flow } = permit;
    return { profile, tolerances, auditUntil: auditEnd(permit), auditMalformed: flow.auditMalformed };
  }

  /**
   * End of the audit stage on the monotonic clock; 0 is never. A box that boots in the past must not reopen a
   * stage that has ended.
   */
  function auditEnd({ flow }: Permit): number {
    return flow.auditUntil === 0 || !gates.tellsTime()
      ? 0
      : Math.max(0, clock.monotonic() + flow.auditUntil - clock.wall());
  }

  function describe({ client, server }: Arrival, permit: Permit, startedAt: number): OpenConnection {
    number += 1;
    const { flow, clientAsset, serverAsset } = permit;
    const { number: flowNumber, id: flowId, conduit } = flow;
    const id = `${epoch}-${number}`;
    return { id, flow: flowNumber, flowId, conduit, client, server, clientAsset, serverAsset, startedAt };
  }

  function checkDone(): void {
    if (carried.size === 0 && dialling.size === 0) closing?.done();
  }

  return {
    arrive,
    reconsider,
    endShut,
    open: () => [...carried].map(({ record }) => record),
    progress: () => [...carried].flatMap(({ account }) => account.progress() ?? []),
    close: (reason) =>
      new Promise((done) => {
        closing = { reason, done };
        for (const abort of dialling) abort.abort();
        for (const { connection } of carried) connection.close(reason);
        checkDone();
      }),
  };
}

/**
 * Whether a connection can go on as it is. What is known of a server is kept in its terms, and a line drops what
 * waits by the time-out it was told when the connection came.
 */
function isSameServer({ device, profile }: Permit, before: Permit): boolean {
  const { requestTimeout } = before.profile.limits;
  const isLineAsTold = device.line === undefined || profile.limits.requestTimeout === requestTimeout;
  return isLineAsTold && isDeepStrictEqual(device, before.device);
}
