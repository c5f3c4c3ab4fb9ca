import { type Static, Type } from 'typebox';
import { Tolerances } from '../../rules/modbus/profile.ts';
import type { Reason } from '../../rules/reason.ts';
import { Reasons } from '../../rules/reason.ts';
import { CountedVerdicts } from './bounds.ts';

/*
 * What inspectors report of connections, refusals and flows. Times are milliseconds since the Unix epoch unless a
 * field says otherwise; counts are exact and never negative. A key that is not listed here is refused.
 */

export const Count = Type.Integer({ minimum: 0 });
/** No later than a calendar reaches: what shows it makes a date of it. */
export const Time = Type.Number({ minimum: 0, maximum: 8.64e15 });
export const Name = Type.String({ maxLength: 256 });
const Word = Type.Integer({ minimum: 0, maximum: 65535 });
export const ReasonCode = Type.Enum(Object.keys(Reasons) as Reason[]);

/** One end of a TCP connection. The address is empty and the port 0 where many were summed up. */
export const Peer = record({
  address: Type.String({ maxLength: 45 }),
  port: Type.Integer({ minimum: 0, maximum: 65535 }),
});
export type Peer = Static<typeof Peer>;

const connectionFields = {
  /** Unique on this box: epoch of the inspector and a running number. */
  id: Type.String({ minLength: 1, maxLength: 64 }),
  /** Number and id of the flow in the policy it was opened under. */
  flow: Count,
  flowId: Name,
  conduit: Name,
  client: Peer,
  server: Peer,
  /** Names from the model; empty when the flow's endpoint is a whole zone. */
  clientAsset: Name,
  serverAsset: Name,
  startedAt: Time,
};

/** A connection the inspector carries now. */
export const OpenConnection = record(connectionFields);
export type OpenConnection = Static<typeof OpenConnection>;

const progressFields = {
  bytesFromClient: Count,
  bytesFromServer: Count,
  /** Requests decided, whatever the verdict; `refused` of them were not forwarded. */
  transactions: Count,
  refused: Count,
  /** Answers of the server that the client was handed; an exception of ours is none. */
  responses: Count,
};

/** A connection that has ended, and what passed over it: the source of its evidence record. */
export const ClosedConnection = record({
  ...connectionFields,
  ...progressFields,
  wouldRefuse: Count,
  endedAt: Time,
  reason: ReasonCode,
});
export type ClosedConnection = Static<typeof ClosedConnection>;

const { id: _, ...kindFields } = connectionFields;
/** Ended connections of one kind, counted together where they could not be told one by one; the client's port is 0. */
export const ConnectionSum = record({
  ...kindFields,
  ...progressFields,
  wouldRefuse: Count,
  /** When the last of them ended; `startedAt` is when the first began. */
  endedAt: Time,
  /** Empty for several. */
  reason: Type.Union([ReasonCode, Type.Literal('')]),
  count: Count,
  /** Above 0: of this many kinds at least, counted together. */
  kinds: Count,
});
export type ConnectionSum = Static<typeof ConnectionSum>;

/** Running totals of an open connection. */
export const ConnectionProgress = record({ id: connectionFields.id, ...progressFields });
export type ConnectionProgress = Static<typeof ConnectionProgress>;

/**
 * Refusals of one kind within one second, decoded. One report for each distinct (flow, connection's
 * client, unit, function code, address, reason); `count` is exact. When a second brings more kinds than
 * are kept apart, the rest of them come as one report per flow and reason with `summed` set and the
 * fields of the request left out.
 */
export const RefusalReport = record({
  at: Time,
  /** Where it stands for several: none of them was later. */
  lastAt: Type.Optional(Time),
  flow: Count,
  flowId: Name,
  conduit: Name,
  /** Connection of the first refusal of this kind. */
  connection: Type.String({ maxLength: 64 }),
  client: Peer,
  server: Peer,
  clientAsset: Name,
  serverAsset: Name,
  /** `would-refuse` passed, because the flow is in its audit stage. */
  verdict: Type.Enum(['refuse', 'would-refuse']),
  reason: ReasonCode,
  summed: Type.Boolean(),
  unit: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  functionCode: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  /** Diagnostics sub-function, MEI type or UMAS function. */
  subFunction: Type.Optional(Word),
  address: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  quantity: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  /** Values of a write, the first few; coils are 0 and 1. */
  values: Type.Optional(Type.Array(Type.Number(), { maxItems: 125 })),
  /** What the written addresses were last known to hold, as many as are known from the first on. */
  before: Type.Optional(Type.Array(Type.Number(), { maxItems: 125 })),
  /** The read half of function code 23. */
  read: Type.Optional(record({ address: Word, quantity: Word })),
  /** The first file record of function codes 20 and 21 that no permission covers, or the first of all. */
  fileRecord: Type.Optional(record({ file: Word, record: Word, length: Word })),
  /** Exception code answered; 0 when the request was dropped or the connection cut. */
  exceptionCode: Type.Integer({ minimum: 0, maximum: 255 }),
  /** What was done, or would have been; absent for a connection that was not let in. */
  action: Type.Optional(Type.Enum(['exception', 'drop', 'exception-close', 'reset'])),
  /** The permission that came closest, `scada-setpoints/2`, or empty; where it or else the flow is in the model. */
  rule: Name,
  file: Name,
  line: Count,
  /** The first bytes of the message as they came, hexadecimal, and where in its direction's stream they were. */
  bytes: Type.Optional(Type.String({ pattern: '^([0-9a-f]{2}){0,64}$' })),
  offset: Type.Optional(Count),
  /** One line for people: `WRITE holding register 140 (40141) "Cl2 dose": 20 → 200 (limit 35), unit 1`. */
  text: Type.String({ maxLength: 500 }),
  /** The nearest thing that would have been permitted, as a sentence, where one is known. */
  alternative: Type.Optional(Type.String({ maxLength: 500 })),
  count: Count,
});
export type RefusalReport = Static<typeof RefusalReport>;

/** Added latency of requests, in the buckets of bounds.ts. */
export const LatencyHistogram = record({
  /** One count per bucket, not cumulative, and one more for what is above the last. */
  bucketCounts: Type.Array(Count, { maxItems: 64 }),
  /** Seconds. */
  sum: Type.Number({ minimum: 0 }),
  count: Count,
});
export type LatencyHistogram = Static<typeof LatencyHistogram>;

export const CountedVerdict = Type.Enum([...CountedVerdicts]);
export type CountedVerdict = Static<typeof CountedVerdict>;

/** What one inspector counted on one flow since its own start. Keyed by the flow's id, which outlives a policy. */
export const FlowCounters = record({
  flowId: Name,
  conduit: Name,
  requests: Type.Array(
    record({
      /** 0 stands for every function code that the flow's profile does not name: bounded labels. */
      functionCode: Type.Integer({ minimum: 0, maximum: 127 }),
      verdict: CountedVerdict,
      count: Count,
    }),
    { maxItems: 512 },
  ),
  refusals: Type.Array(record({ reason: ReasonCode, count: Count }), { maxItems: 128 }),
  /** Answers of servers that were exceptions; ours are among the refusals. */
  exceptions: Count,
  /** Responses that were put aside, by why. */
  quarantined: Type.Array(record({ reason: ReasonCode, count: Count }), { maxItems: 128 }),
  /** What passed against the specification, by name: of the conduit's tolerances, or `coil-padding`. */
  tolerated: Type.Array(record({ what: Type.Enum([...Tolerances, 'coil-padding']), count: Count }), {
    maxItems: 64,
  }),
  bytesFromClient: Count,
  bytesFromServer: Count,
  /** Connections open now. */
  open: Count,
  /** Connections opened since the start. */
  opened: Count,
  /** Connections that were let in and never came to their server. */
  unreached: Count,
  /** Answers of servers that clients were handed. */
  responses: Count,
  latency: LatencyHistogram,
});
export type FlowCounters = Static<typeof FlowCounters>;

/** What a process told for the record, all flows together: ended connections with what passed, and refusals by reason. */
export const ToldTotals = record({
  connections: Count,
  ...progressFields,
  wouldRefuse: Count,
  refusals: Type.Array(record({ reason: ReasonCode, count: Count }), { maxItems: 128 }),
});
export type ToldTotals = Static<typeof ToldTotals>;

/** How often a flow or a Modbus permission let something pass since the start of the process that counted. */
export const UsedCount = record({ id: Name, count: Count });
export type UsedCount = Static<typeof UsedCount>;

/** A listener of the proxy back end: whoever connects there is the asset `as`, and is led to the asset `to`. */
export const ProxyListener = record({
  as: Name,
  to: Name,
  /** Port of the server in the model: the port that flows name. */
  port: Type.Integer({ minimum: 1, maximum: 65535 }),
  /** Where to listen; port 0 takes any free one. */
  listen: Peer,
  /** Where the server really is; the model's address unless the configuration overrides it. */
  server: Peer,
  /** All listeners towards one server asset carry the same shard, so that one inspector sees all of them. */
  shard: Type.Integer({ minimum: 0, maximum: 255 }),
});
export type ProxyListener = Static<typeof ProxyListener>;

/** An object that has no other keys than these. */
export function record<P extends Parameters<typeof Type.Object>[0]>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}
