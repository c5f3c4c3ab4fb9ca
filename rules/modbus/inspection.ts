import type { ModbusProfile } from '../policy.ts';
import type { DeviceState } from './device-state.ts';
import type { Effect } from './effect.ts';

/** What one connection is inspected under. */
export interface InspectionOptions {
  readonly profile: ModbusProfile;
  /** Shared by all connections to the same server. */
  readonly device: DeviceState;
  /** Audit stage: until this moment, on the clock of `now`, policy refusals pass; 0 is never. */
  readonly auditUntil: number;
}

/**
 * One Modbus TCP connection under inspection, without sockets or clocks. `now` is milliseconds on a
 * monotonic clock. Bytes handed in are read during the call only; bytes handed out belong to the caller.
 * After a `close` effect every call returns no effects.
 */
export interface Inspection {
  fromClient(bytes: Uint8Array, now: number): readonly Effect[];
  fromServer(bytes: Uint8Array, now: number): readonly Effect[];
  /** Runs what is due: request time-outs and unfinished ADUs. */
  tick(now: number): readonly Effect[];
  /** When {@link tick} is next needed. */
  nextDeadline(): number | undefined;
  /** False while too many requests and answers wait: stop reading from the client. */
  readonly readingClient: boolean;
  /** A new policy for the requests to come; the connection and what is under way stay. */
  adopt(profile: ModbusProfile, auditUntil: number): void;
  /** The connection ended for a reason of the carrier's: what is under way counts as unknown. Call once. */
  end(): void;
}

/** A connection nothing has been said on yet. */
export function createInspection(_options: InspectionOptions): Inspection {
  const closed: readonly Effect[] = [{ kind: 'close', reason: 'shutdown', reset: true }];
  return {
    fromClient: () => closed,
    fromServer: () => closed,
    tick: () => [],
    nextDeadline: () => undefined,
    readingClient: false,
    adopt: () => undefined,
    end: () => undefined,
  };
}
