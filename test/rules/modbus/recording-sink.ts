import type { InspectionSink, Outcome, Refusal } from '../../../rules/modbus/connection/effect.ts';
import { createFlowTraffic, type FlowTraffic } from '../../../rules/modbus/connection/flow-traffic.ts';
import {
  createInspection,
  type Inspection,
  type InspectionTerms,
} from '../../../rules/modbus/connection/inspection.ts';
import { createDeviceState, type DeviceState } from '../../../rules/modbus/device/device-state.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import type { ModbusDevice, ModbusProfile } from '../../../rules/modbus/profile.ts';
import type { Reason } from '../../../rules/reason.ts';
import { join } from './builders.ts';
import { adu, aduOf } from './request-builders.ts';

/** One call of an inspection to its sink, with bytes of its own. */
export type Effect =
  | { readonly kind: 'to-server'; readonly adu: Uint8Array }
  | { readonly kind: 'to-client'; readonly adu: Uint8Array; readonly by: 'server' | 'gateway' }
  | {
      readonly kind: 'decided';
      readonly functionCode: number;
      readonly unit: number;
      readonly outcome: Outcome;
      readonly reason: Reason | undefined;
      readonly permission: number;
    }
  | { readonly kind: 'refused' | 'quarantined'; readonly refusal: Refusal }
  | { readonly kind: 'tolerated'; readonly what: string }
  | { readonly kind: 'close'; readonly reason: Reason; readonly reset: boolean };

/** A sink that notes what it is told. Lent bytes are spoilt once it has its own, as a carrier may do. */
export function createRecordingSink(): { readonly sink: InspectionSink; readonly drain: () => Effect[] } {
  let effects: Effect[] = [];
  const sink: InspectionSink = {
    toServer: (bytes, length) => {
      effects.push({ kind: 'to-server', adu: bytes.slice(0, length) });
    },
    toClient: (bytes, length, by) => {
      effects.push({ kind: 'to-client', adu: bytes.slice(0, length), by });
      bytes.fill(0xee);
    },
    decided: (functionCode, unit, outcome, reason, permission) => {
      effects.push({ kind: 'decided', functionCode, unit, outcome, reason, permission });
    },
    refused: (refusal) => void effects.push({ kind: 'refused', refusal }),
    quarantined: (refusal) => void effects.push({ kind: 'quarantined', refusal }),
    tolerated: (what) => void effects.push({ kind: 'tolerated', what }),
    close: (reason, reset) => void effects.push({ kind: 'close', reason, reset }),
  };
  return {
    sink,
    drain: () => {
      const drained = effects;
      effects = [];
      return drained;
    },
  };
}

/** One connection with a clock of its own that starts at a second; both ends are the test's. */
export interface Connection {
  readonly inspection: Inspection;
  wait(milliseconds: number): void;
  /** Sends requests in one segment, with transaction identifiers 100, 101, … */
  ask(...requests: readonly Request[]): readonly Effect[];
  client(bytes: Uint8Array): readonly Effect[];
  server(bytes: Uint8Array): readonly Effect[];
  tick(): readonly Effect[];
  resume(): readonly Effect[];
  adopt(terms: Partial<InspectionTerms>): readonly Effect[];
  /** Asks and has the server answer with this PDU tail (unit and all) under the identifier it was sent. */
  exchange(request: Request, answer: string): readonly Effect[];
  /** How often the inspection asked to be woken. */
  readonly wakes: number;
}

export interface ConnectionOptions extends Partial<Omit<InspectionTerms, 'profile'>> {
  readonly device?: DeviceState;
  readonly kind?: ModbusDevice['kind'];
  readonly traffic?: FlowTraffic;
  readonly now?: number;
}

/** A direct device and nothing tolerated, unless said otherwise. */
export function connect(profile: ModbusProfile, options: ConnectionOptions = {}): Connection {
  const { kind = 'direct', device = createDeviceState(kind), traffic = createFlowTraffic() } = options;
  const { tolerances = [], auditUntil = 0, auditMalformed = false } = options;
  let terms: InspectionTerms = { profile, tolerances, auditUntil, auditMalformed };
  const { sink, drain } = createRecordingSink();
  let wakes = 0;
  const inspection = createInspection({ terms, device, traffic, sink, wake: () => void wakes++ });
  let clock = options.now ?? 1_000;
  let nextId = 100;
  const client = (bytes: Uint8Array): readonly Effect[] => {
    const lent = bytes.slice();
    inspection.fromClient(lent, clock);
    lent.fill(0xee);
    return drain();
  };
  const server = (bytes: Uint8Array): readonly Effect[] => {
    const lent = bytes.slice();
    inspection.fromServer(lent, clock);
    lent.fill(0xee);
    return drain();
  };
  const ask = (...requests: readonly Request[]): readonly Effect[] =>
    client(join(...requests.map((request) => aduOf(request, nextId++))));
  return {
    inspection,
    wait: (milliseconds) => {
      clock += milliseconds;
    },
    ask,
    client,
    server,
    tick: () => {
      inspection.tick(clock);
      return drain();
    },
    resume: () => {
      inspection.resume(clock);
      return drain();
    },
    adopt: (changed) => {
      terms = { ...terms, ...changed };
      inspection.adopt(terms, clock);
      return drain();
    },
    exchange(request, answer) {
      const asked = ask(request);
      const [sent] = toServer(asked);
      return sent === undefined ? asked : server(adu(idOf(sent), answer));
    },
    get wakes() {
      return wakes;
    },
  };
}

export function toServer(effects: readonly Effect[]): Uint8Array[] {
  return effects.flatMap((effect) => (effect.kind === 'to-server' ? [effect.adu] : []));
}

export function toClient(effects: readonly Effect[]): Uint8Array[] {
  return effects.flatMap((effect) => (effect.kind === 'to-client' ? [effect.adu] : []));
}

export function refusals(effects: readonly Effect[]): Refusal[] {
  return effects.flatMap((effect) => (effect.kind === 'refused' ? [effect.refusal] : []));
}

export function reasonsOf(effects: readonly Effect[]): Reason[] {
  return refusals(effects).map(({ reason }) => reason);
}

export function quarantinedIn(effects: readonly Effect[]): Reason[] {
  return effects.flatMap((effect) => (effect.kind === 'quarantined' ? [effect.refusal.reason] : []));
}

export function toleratedIn(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'tolerated' ? [effect.what] : []));
}

export function decisionsIn(effects: readonly Effect[]): Outcome[] {
  return effects.flatMap((effect) => (effect.kind === 'decided' ? [effect.outcome] : []));
}

export function closeOf(effects: readonly Effect[]): Reason | undefined {
  return effects.find((effect) => effect.kind === 'close')?.reason;
}

export function resetOf(effects: readonly Effect[]): boolean | undefined {
  return effects.find((effect) => effect.kind === 'close')?.reset;
}

export function idOf(bytes: Uint8Array): number {
  return (bytes[0]! << 8) | bytes[1]!;
}
