import type { Reason } from '../reason.ts';
import type { Permission } from '../verdict.ts';

/**
 * What an inspection wants done, in this order. `receivedAt` is the `now` of the call that brought the
 * last byte of the ADU behind the effect, so that a carrier can measure the latency it adds.
 */
export type Effect =
  | ToServer
  | ToClient
  | TransactionDecided
  | LateResponse
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | Close;

/** Canonical bytes of one permitted request, under a transaction identifier of ours. One ADU per write. */
export interface ToServer {
  readonly kind: 'to-server';
  readonly adu: Uint8Array;
  readonly receivedAt: number;
}

/** One response, the server's own or an exception of ours, under the client's transaction identifier. */
export interface ToClient {
  readonly kind: 'to-client';
  readonly adu: Uint8Array;
  /** Whose answer it is: the server's, or an exception of ours. */
  readonly by: 'server' | 'gateway';
  readonly receivedAt: number;
}

/** Exactly one for each well-framed request, when it was decided: what the counters count. */
export interface TransactionDecided {
  readonly kind: 'transaction';
  readonly functionCode: number;
  readonly unit: number;
  readonly verdict: 'allow' | 'refuse' | 'would-refuse';
  /** `undefined` exactly when the verdict is `allow`. */
  readonly reason: Reason | undefined;
  readonly receivedAt: number;
}

/** A response that came after its request had timed out: dropped, and counted here. */
export interface LateResponse {
  readonly kind: 'late-response';
  readonly functionCode: number;
  readonly unit: number;
}

/** Both legs end; nothing follows. `reset` asks for a TCP reset instead of an orderly close. */
export interface Close {
  readonly kind: 'close';
  readonly reason: Reason;
  readonly reset: boolean;
}

/** One refusal, decoded for the record. What could not be decoded is `undefined`. */
export interface Refusal {
  readonly at: number;
  /** Whose ADU was refused. */
  readonly from: 'client' | 'server';
  /** The client's transaction identifier; the server's bytes where they answer no request. */
  readonly transactionId: number;
  readonly unit: number;
  readonly functionCode: number;
  /** Starting address; of the write half for function code 23. */
  readonly address: number | undefined;
  readonly quantity: number | undefined;
  /** The first {@link RefusalValues} values written, as on the wire; the two masks for function code 22. */
  readonly values: readonly number[];
  /** The read half of function code 23. */
  readonly read: { readonly address: number; readonly quantity: number } | undefined;
  readonly reason: Reason;
  /** The permission that decided or came closest. */
  readonly permission: Permission | undefined;
  /** Sent to the client; 0 when nothing was sent. */
  readonly exceptionCode: number;
  /** Passed all the same, because the flow is in its audit stage: `would-refuse`. */
  readonly audit: boolean;
}

/** How many written values a refusal carries. */
export const RefusalValues = 8;
