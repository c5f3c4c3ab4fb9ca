import { isDeepStrictEqual } from 'node:util';
import type { Admission } from '../../rules/admission/admit.ts';
import type { Permit } from '../../rules/admission/flow-table.ts';
import type { Gates } from '../../rules/admission/gates.ts';
import { createFlowTraffic, type FlowTraffic } from '../../rules/modbus/connection/flow-traffic.ts';
import { createInspection, type InspectionTerms } from '../../rules/modbus/connection/inspection.ts';
import { createDeviceState, type DeviceState } from '../../rules/modbus/device/device-state.ts';
import { createRtuInspection } from '../../rules/modbus/rtu/rtu-inspection.ts';
import type { Reason } from '../../rules/reason.ts';
import type { Clock } from '../clock.ts';
import type { Peer } from '../ipc/reports.ts';
import { ConnectTimeout } from './carrier.ts';
import { type Connection, type ConnectionObserver, type ConnectionParts, carry } from './connection.ts';
import { Deaf, type Leg } from './leg.ts';
import { type Enrolled, Roll } from './roll.ts';
import type { Lines } from './serial/lines.ts';
import { createSharedStates } from './shared-states.ts';
import { createStreamLeg } from './stream-leg.ts';

/** What wants to be led to a server: a client of the plant, or a granted session's channel. */
export interface Passage {
  readonly client: Leg;
  /** Where it is led, as it really is. */
  readonly server: Peer;
  /** Takes turns on a serial line by this name. */
  readonly caller: string;
  /** What policy, mode and gates say to it now. */
  readonly judge: () => Admission;
  /** Connects to the server; rejects with the system's error, or when `signal` fires. */
  readonly dial: (signal: AbortSignal) => Promise<Leg>;
}

/** One connection that is carried, and under which permit. */
export interface Carriage {
  readonly connection: Connection;
  readonly permit: () => Permit;
  /**
   * Goes on under what is said to it now, or is cut. `changed` is the reason where it is permitted and cannot go on
   * as it was.
   */
  readonly reconsider: (admission: Admission, changed: 'policy-changed' | 'mode-cut') => void;
}

/** Leads to servers and carries; what is known of a server is shared by all that is led there. */
export interface Carriages {
  /** Dials, then asks again, since policy or gates may have changed meanwhile. */
  readonly lead: (passage: Passage, permit: Permit) => Promise<Led>;
  readonly take: (passage: Passage, led: Extract<Led, { ok: true }>, options: TakeOptions) => Carriage;
  readonly deviceOf: (permit: Permit, server: Peer) => DeviceState;
  /** Nothing that is being dialled is wanted any more. */
  readonly abort: () => void;
}

export type Led =
  | { readonly ok: true; readonly permit: Permit; readonly server: Leg }
  | { readonly ok: false; readonly permit: Permit; readonly reason: Reason };

export interface TakeOptions {
  readonly observer: ConnectionObserver;
  /** Told the permit under which all that comes is counted, before it comes. */
  readonly move: (permit: Permit) => void;
  /** Stands around the inspection, or in its place. */
  readonly around?: (inspect: ConnectionParts['inspect']) => ConnectionParts['inspect'];
}

export interface CarriagesOptions {
  readonly clock: Clock;
  readonly gates: Gates;
  /** The serial lines of this box, for servers that are on one. */
  readonly lines: Lines;
}

/** Nothing is carried, and nothing known. */
export function createCarriages({ clock, gates, lines }: CarriagesOptions): Carriages {
  const devices = createSharedStates<DeviceState>();
  const traffics = createSharedStates<FlowTraffic>();
  const dialling = new Roll<Enrolled & { readonly abort: AbortController }>();

  async function lead(passage: Passage, permit: Permit): Promise<Led> {
    const server = await dial(passage, permit);
    const still = passage.judge();
    const reason = whyNot(passage, server, permit, still);
    if (server !== undefined && still.ok && reason === undefined)
      return { ok: true, server, permit: still.permit };
    server?.reset();
    return { ok: false, permit: still.ok ? still.permit : permit, reason: reason ?? 'server-unreachable' };
  }

  async function dial(passage: Passage, permit: Permit): Promise<Leg | undefined> {
    const { line } = permit.device;
    if (line !== undefined) {
      const patience = permit.profile.limits.requestTimeout;
      return createStreamLeg(lines.connect(line, { client: passage.caller, patience }));
    }
    const abort = new AbortController();
    const patience = setTimeout(() => abort.abort(), ConnectTimeout);
    const one = { place: 0, abort };
    dialling.add(one);
    passage.client.follow({ ...Deaf, gone: () => abort.abort() });
    try {
      return await passage.dial(abort.signal);
    } catch {
      // Whatever it was (refused, no route, no answer), the client learns it as a reset.
      return undefined;
    } finally {
      clearTimeout(patience);
      passage.client.follow(Deaf);
      dialling.remove(one);
    }
  }

  function deviceOf({ device: { kind }, serverAsset }: Permit, server: Peer): DeviceState {
    return devices.of(
      serverAsset || server.address,
      () => createDeviceState(kind),
      (known) => known.kind === kind,
    );
  }

  function take(passage: Passage, led: Extract<Led, { ok: true }>, options: TakeOptions): Carriage {
    let { permit } = led;
    const { observer, move, around = (inspect) => inspect } = options;
    const device = deviceOf(permit, passage.server);
    const name = permit.serverAsset || passage.server.address;
    const traffic = traffics.of(`${permit.flow.id} ${name}`, createFlowTraffic);
    const create = permit.device.framing === 'rtu' ? createRtuInspection : createInspection;
    const inspect = around((sink, wake) => create({ terms: termsOf(permit), device, traffic, sink, wake }));
    const { client } = passage;
    const connection = carry({ client, server: led.server, inspect, observer, now: clock.monotonic });
    return {
      connection,
      permit: () => permit,
      reconsider: (admission, changed) => {
        if (!admission.ok) return connection.cut(admission.reason);
        // What another profile let pass and still waits here would reach the server under this one.
        const isJudgedAnew = admission.permit.profile.name !== permit.profile.name;
        if (!isSameServer(admission.permit, permit) || (isJudgedAnew && !connection.withdraw())) {
          return connection.cut(changed);
        }
        permit = admission.permit;
        move(permit);
        connection.adopt(termsOf(permit));
      },
    };
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

  return {
    lead,
    take,
    deviceOf,
    abort: () => {
      for (const { abort } of dialling.all()) abort.abort();
    },
  };
}

function whyNot(
  { client }: Passage,
  server: Leg | undefined,
  before: Permit,
  still: Admission,
): Reason | undefined {
  if (!still.ok) return still.reason === 'no-flow' ? 'policy-changed' : still.reason;
  if (client.isGone) return 'client-closed';
  if (server === undefined) return 'server-unreachable';
  return isSameServer(still.permit, before) ? undefined : 'policy-changed';
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
