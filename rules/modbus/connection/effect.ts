import type { Reason } from '../../reason.ts';
import type { Permission } from '../../verdict.ts';
import type { Tolerance } from '../profile.ts';
import type { Transaction } from './transaction.ts';

/**
 * Where an inspection puts what it wants done, as it happens and in this order. Bytes are lent: they are
 * good until the call returns, so that an ADU that passes costs no allocation.
 */
export interface InspectionSink {
  /** Canonical bytes `[0, length)` of one permitted request, under a transaction identifier of ours. */
  toServer(bytes: Uint8Array, length: number): void;
  /** One response `[0, length)`, the server's own or an exception of ours, under the client's identifier. */
  toClient(bytes: Uint8Array, length: number, by: 'server' | 'gateway'): void;
  /**
   * Exactly once for each well-framed request, when it was decided. `reason` is `undefined` exactly when
   * the outcome is `allow`; `permission` is the index of the one that allowed or came closest, or -1.
   */
  decided(
    functionCode: number,
    unit: number,
    outcome: Outcome,
    reason: Reason | undefined,
    permission: number,
  ): void;
  /** What was refused, or would have been, decoded for the record. */
  refused(refusal: Refusal): void;
  /** A response of the server that was dropped, in its own words; its connection lives. */
  quarantined(refusal: Refusal): void;
  /** A named departure from the specification was let pass. `coil-padding` needs no leave: it is cleared. */
  tolerated(what: Tolerance | 'coil-padding'): void;
  /** For who follows each request: one that was parsed is about to be sent. Lent until it is concluded. */
  forwarding?(sent: Transaction): void;
  /**
   * What that one came to, once for each: the kind of answer, with the code of an exception, or `undefined` where no
   * answer came in time, or none that fits, or the connection ended first.
   */
  concluded?(sent: Transaction, answer: 'data' | 'done' | 'exception' | undefined, code: number): void;
  /** Both legs end; nothing follows. `reset` asks for a TCP reset instead of an orderly close. */
  close(reason: Reason, reset: boolean): void;
}

export type Outcome = 'allow' | 'refuse' | 'would-refuse';

/** One refusal, decoded for the record. What could not be decoded is `undefined`. */
export interface Refusal {
  /** On the clock of the inspection's `now`. */
  readonly at: number;
  /** Whose ADU was refused. */
  readonly from: 'client' | 'server';
  /** The client's transaction identifier; the server's bytes where they answer no request. */
  readonly transactionId: number;
  readonly unit: number;
  readonly functionCode: number;
  /** Diagnostics sub-function, MEI type or UMAS function. */
  readonly subFunction: number | undefined;
  /** What is written, or read where nothing is: starting address and quantity. */
  readonly address: number | undefined;
  readonly quantity: number | undefined;
  /** The first {@link RefusalValues} values written, as on the wire; the two masks for function code 22. */
  readonly values: readonly number[];
  /** The read half of function code 23. */
  readonly read: { readonly address: number; readonly quantity: number } | undefined;
  /** The first file record of function codes 20 and 21 that no permission covers, or the first of all. */
  readonly file: { readonly file: number; readonly record: number; readonly length: number } | undefined;
  /** What the written addresses were last known to hold, as many as are known from the first on. */
  readonly before: readonly number[];
  readonly reason: Reason;
  /** The permission that decided or came closest. */
  readonly permission: Permission | undefined;
  /** Sent to the client; 0 when nothing was sent. */
  readonly exceptionCode: number;
  readonly action: 'exception' | 'drop' | 'exception-close' | 'reset';
  /** Passed all the same, because the flow is in its audit stage: `would-refuse`. */
  readonly audit: boolean;
  /** The first {@link RefusalBytes} bytes of the ADU as they came; empty where nothing could be framed. */
  readonly bytes: Uint8Array;
  /** Where in its direction's stream the ADU, or the field that ended the stream, began. */
  readonly offset: number;
}

/** How many written values a refusal carries. */
export const RefusalValues = 8;

/** How many bytes of the refused ADU a refusal carries. */
export const RefusalBytes = 64;
