import { createDeviceState, type DeviceState } from '../../../rules/modbus/device-state.ts';
import type { Effect, Refusal } from '../../../rules/modbus/effect.ts';
import { createInspection, type Inspection } from '../../../rules/modbus/inspection.ts';
import type { Request } from '../../../rules/modbus/request.ts';
import type { CoilAlias, ModbusLimits, ModbusPermission, ModbusProfile } from '../../../rules/policy.ts';
import type { Reason } from '../../../rules/reason.ts';
import { adu, aduOf } from './request-builders.ts';

/** A permission for unit 1 and addresses 0 to 99, unless said otherwise. */
export function permit(functions: readonly number[], rest: Partial<ModbusPermission> = {}): ModbusPermission {
  return {
    name: '',
    line: 1,
    functions,
    mei: [],
    units: [1],
    addresses: [{ first: 0, last: 99 }],
    readAddresses: [],
    maxQuantity: 0,
    value: undefined,
    maxStep: undefined,
    minInterval: 0,
    interlock: undefined,
    ...rest,
  };
}

/** A profile with room for 16 requests and a second for each answer, unless said otherwise. */
export function profileOf(
  permissions: readonly ModbusPermission[],
  limits: Partial<ModbusLimits> = {},
  aliases: readonly CoilAlias[] = [],
): ModbusProfile {
  return {
    name: 'test',
    permissions,
    aliases,
    limits: { aduPerSecond: 0, outstanding: 16, requestTimeout: 1_000, ...limits },
  };
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
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
  /** Asks and has the server answer with this PDU tail (unit and all) under the identifier it was sent. */
  exchange(request: Request, answer: string): readonly Effect[];
}

export function connect(
  profile: ModbusProfile,
  {
    device = createDeviceState(),
    auditUntil = 0,
    now = 1_000,
  }: {
    device?: DeviceState;
    auditUntil?: number;
    now?: number;
  } = {},
): Connection {
  const inspection = createInspection({ profile, device, auditUntil });
  let clock = now;
  let nextId = 100;
  const client = (bytes: Uint8Array): readonly Effect[] => inspection.fromClient(bytes, clock);
  const ask = (...requests: readonly Request[]): readonly Effect[] =>
    client(join(...requests.map((request) => aduOf(request, nextId++))));
  const server = (bytes: Uint8Array): readonly Effect[] => inspection.fromServer(bytes, clock);
  return {
    inspection,
    wait: (milliseconds) => {
      clock += milliseconds;
    },
    ask,
    client,
    server,
    tick: () => inspection.tick(clock),
    exchange(request, answer) {
      const asked = ask(request);
      const [sent] = toServer(asked);
      return sent === undefined ? asked : server(adu(idOf(sent), answer));
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
  return effects.flatMap((effect) => (effect.kind === 'refusal' ? [effect.refusal] : []));
}

export function reasonsOf(effects: readonly Effect[]): Reason[] {
  return refusals(effects).map(({ reason }) => reason);
}

export function closeOf(effects: readonly Effect[]): Reason | undefined {
  const close = effects.find((effect) => effect.kind === 'close');
  return close?.kind === 'close' ? close.reason : undefined;
}

export function idOf(bytes: Uint8Array): number {
  return (bytes[0]! << 8) | bytes[1]!;
}
