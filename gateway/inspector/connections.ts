import { type Admission, admit, type Circumstances, readmit } from '../../rules/admission/admit.ts';
import type { FlowTable, ModeView, Permit } from '../../rules/admission/flow-table.ts';
import type { Gates } from '../../rules/admission/gates.ts';
import type { Reason } from '../../rules/reason.ts';
import type { Clock } from '../clock.ts';
import type { ClosedConnection, ConnectionProgress, OpenConnection } from '../ipc/reports.ts';
import { type Account, openAccount, unopened } from './account.ts';
import type { Carriage, Carriages, Led, Passage } from './carriage.ts';
import type { Arrival } from './carrier.ts';
import type { Counters } from './counters.ts';
import { type ConnectionLimits, createPlaces } from './places.ts';
import { reportRefusedConnection } from './refusal-report.ts';
import { endsOf, type RefusalWindow } from './refusal-window.ts';
import { type Enrolled, Roll } from './roll.ts';

/** All connections of the plant that this process carries: who is let in, who stays when the rules change. */
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
  readonly carriages: Carriages;
  readonly onOpened: (connection: OpenConnection) => void;
  /** One that never came to its server was not opened before. */
  readonly onClosed: (connection: ClosedConnection, wasOpened: boolean) => void;
}

interface Carried extends Enrolled {
  readonly record: OpenConnection;
  readonly arrival: Arrival;
  readonly account: Account;
  readonly carriage: Carriage;
}

/** No connections yet. */
export function createConnections(options: ConnectionsOptions): Connections {
  const { epoch, clock, table, mode, gates, counters, refusals, limits, carriages, onOpened, onClosed } =
    options;
  const carried = new Roll<Carried>();
  const places = createPlaces(limits);
  let number = 0;
  let leading = 0;
  let closing: { readonly reason: Reason; readonly done: () => void } | undefined;

  function arrive(arrival: Arrival): void {
    if (closing !== undefined) return void arrival.leg.reset();
    const admission = judge(arrival);
    if (!admission.ok) return refuse(arrival, admission.permit, admission.reason);
    const release = places.take(arrival, admission.permit);
    if (release === undefined) return refuse(arrival, admission.permit, 'connection-limit');
    void lead(arrival, admission.permit, release);
  }

  function judge(arrival: Arrival): Admission {
    if (closing !== undefined) return { ok: false, reason: closing.reason, permit: undefined };
    const policy = table();
    if (policy === undefined) return { ok: false, reason: 'no-flow', permit: undefined };
    return admit(policy, arrival.locate(policy), circumstances());
  }

  function circumstances(): Circumstances {
    return { gates, mode: mode(), now: clock.wall() };
  }

  function refuse(arrival: Arrival, permit: Permit | undefined, reason: Reason): void {
    const flowId = permit?.flow.id ?? '';
    const ends = endsOf(flowId, arrival.client.address, arrival.server.address);
    const kind = { ends, flowId, unit: 0, functionCode: 0, address: undefined, reason, audit: false };
    refusals.add(kind, () => reportRefusedConnection(permit, arrival, reason, clock.wall()));
    counters.turnedAway(permit, reason);
    arrival.leg.reset();
  }

  async function lead(arrival: Arrival, permit: Permit, release: () => void): Promise<void> {
    const startedAt = clock.wall();
    const { leg: client, server, dial } = arrival;
    const caller = permit.clientAsset || arrival.client.address;
    const passage: Passage = { client, server, caller, judge: () => judge(arrival), dial };
    leading += 1;
    const led = await carriages.lead(passage, permit);
    leading -= 1;
    const record = describe(arrival, led.permit, startedAt);
    if (led.ok) return take(arrival, passage, led, record, release);
    release();
    arrival.leg.reset();
    counters.unreached(led.permit);
    onClosed(unopened(record, clock.wall(), led.reason), false);
    checkDone();
  }

  function take(
    arrival: Arrival,
    passage: Passage,
    led: Extract<Led, { ok: true }>,
    record: OpenConnection,
    release: () => void,
  ): void {
    const device = carriages.deviceOf(led.permit, arrival.server);
    const account = openAccount(record, led.permit, { counters, refusals, wall: clock.wall, device });
    const ended = (reason: Reason): void => {
      carried.remove(one);
      release();
      onClosed(account.close(clock.wall(), reason), true);
      checkDone();
    };
    const observer = { ...account.observer, ended };
    const carriage = carriages.take(passage, led, { observer, move: account.move });
    const one: Carried = { place: 0, record, arrival, account, carriage };
    carried.add(one);
    onOpened(record);
  }

  function reconsider(changed: 'policy-changed' | 'mode-cut'): void {
    const policy = table();
    for (const { arrival, carriage, record } of carried.all()) {
      if (policy === undefined) {
        carriage.connection.cut(changed);
        continue;
      }
      const admission = readmit(policy, arrival.locate(policy), record.flowId, circumstances());
      carriage.reconsider(admission, changed);
    }
  }

  function endShut(): void {
    const now = clock.wall();
    for (const { carriage } of carried.all()) {
      const reason = gates.shut(carriage.permit().flow, now);
      if (reason !== undefined) carriage.connection.cut(reason);
    }
  }

  function describe({ client, server }: Arrival, permit: Permit, startedAt: number): OpenConnection {
    number += 1;
    const { flow, clientAsset, serverAsset } = permit;
    const { number: flowNumber, id: flowId, conduit } = flow;
    const id = `${epoch}-${number}`;
    return { id, flow: flowNumber, flowId, conduit, client, server, clientAsset, serverAsset, startedAt };
  }

  function checkDone(): void {
    if (carried.size === 0 && leading === 0) closing?.done();
  }

  return {
    arrive,
    reconsider,
    endShut,
    open: () => carried.all().map(({ record }) => record),
    progress: () => carried.all().flatMap(({ account }) => account.progress() ?? []),
    close: (reason) =>
      new Promise((done) => {
        closing = { reason, done };
        carriages.abort();
        for (const { carriage } of carried.all()) carriage.connection.close(reason);
        checkDone();
      }),
  };
}
